// GroupQueryAttention and RotaryEmbedding of com.microsoft on cases whose result is known by hand.
#include <octet/exec/ops/contrib_decoder.hpp>

#include "run_one.hpp"

using namespace octet;
using namespace octet::test;

namespace {
auto const& table = contrib_decoder_operators;
tensor lengths(std::vector<std::int32_t> const& v) { return tensor::of<std::int32_t>({std::int64_t(v.size())}, v); }
tensor total(std::int32_t n) { return tensor::scalar(n); }
/// Two heads of two elements that share one head of keys and values.
one attention(std::vector<tensor> in, std::vector<attribute> more = {}) {
  more.push_back({.name = "num_heads", .value = std::int64_t{2}});
  more.push_back({.name = "kv_num_heads", .value = std::int64_t{1}});
  return {.table = table,
          .op = "GroupQueryAttention",
          .opset = 1,
          .inputs = std::move(in),
          .attributes = std::move(more),
          .outputs = 3};
}
/// Equal scores: a query that is 0 averages the values that it may see.
tensor zeros(std::int64_t rows) { return floats_of({1, rows, 4}, std::vector<float>(std::size_t(rows) * 4)); }
tensor const keys = floats_of({1, 3, 2}, {1, 2, 3, 4, 5, 6}), data = floats_of({1, 3, 2}, {3, 0, 6, 0, 9, 30});
}  // namespace

TEST_CASE("GroupQueryAttention of a prompt: causal, in a window, with a sink, not causal") {
  auto const y = run(attention({zeros(3), keys, data, {}, {}, lengths({2}), total(3)}));
  CHECK(difference(y[0], {3, 0, 3, 0, 4.5f, 0, 4.5f, 0, 6, 10, 6, 10}) < 1e-5);
  CHECK(y[1].dims() == shape{1, 1, 3, 2});
  CHECK(values<float>(y[1]) == values<float>(keys));
  CHECK(values<float>(y[2]) == values<float>(data));
  auto const near = run(attention({zeros(3), keys, data, {}, {}, lengths({2}), total(3)},
                                  {{.name = "local_window_size", .value = std::int64_t{2}}}));
  CHECK(difference(near[0], {3, 0, 3, 0, 4.5f, 0, 4.5f, 0, 7.5f, 15, 7.5f, 15}) < 1e-5);
  // one more score of 0 in each sum
  auto const sunk = run(attention({zeros(3), keys, data, {}, {}, lengths({2}), total(3)},
                                  {{.name = "smooth_softmax", .value = std::int64_t{1}}}));
  CHECK(difference(sunk[0], {1.5f, 0, 1.5f, 0, 3, 0, 3, 0, 4.5f, 7.5f, 4.5f, 7.5f}) < 1e-5);
  auto const open = run(attention({zeros(3), keys, data, {}, {}, lengths({2}), total(3)},
                                  {{.name = "causal", .value = std::int64_t{0}}}));
  CHECK(difference(open[0], {6, 10, 6, 10, 6, 10, 6, 10, 6, 10, 6, 10}) < 1e-5);
}

TEST_CASE("GroupQueryAttention puts a token behind the past of its image, in a buffer that may be longer") {
  auto const past = floats_of({1, 1, 4, 2}, {2, 2, 4, 4, 7, 7, 8, 8});
  auto const token = floats_of({1, 1, 2}, {6, 0});
  for (std::int32_t before : {1, 2}) {
    auto const y = run(attention({zeros(1), token, token, past, past, lengths({before}), total(3)}));
    CHECK(y[2].dims() == shape{1, 1, 4, 2});
    CHECK(values<float>(y[2])[std::size_t(2 * before)] == 6);
    CHECK(difference(y[0], before == 1 ? std::vector<float>{4, 1, 4, 1} : std::vector<float>{4, 2, 4, 2}) < 1e-5);
  }
}

TEST_CASE("GroupQueryAttention: packed operands, rotation, refusals") {
  // Q | K | V of one row: heads 0, 1, key, value; the value is returned whatever the scores
  auto const packed = floats_of({1, 1, 8}, {1, 0, 0, 1, 3, 4, 5, 6});
  auto const cosine = floats_of({2, 1}, {0, 1}), sine = floats_of({2, 1}, {1, 0});
  auto const y = run(attention({packed, {}, {}, {}, {}, lengths({0}), total(1), cosine, sine},
                               {{.name = "do_rotary", .value = std::int64_t{1}}}));
  CHECK(difference(y[0], {5, 6, 5, 6}) < 1e-6);
  CHECK(values<float>(y[1]) == std::vector<float>{-4, 3});  // a quarter turn
  CHECK(failure(attention({zeros(3), keys, data, {}, {}, lengths({3}), total(3)})) == error_kind::invalid);
  CHECK(failure(attention(
            {zeros(1), floats_of({1, 1, 2}, {1, 1}), floats_of({1, 1, 2}, {1, 1}), {}, {}, lengths({2}), total(3)})) ==
        error_kind::invalid);
  CHECK(failure(attention({zeros(3), keys, data, {}, {}, lengths({2}), total(3)},
                          {{.name = "do_rotary", .value = std::int64_t{1}}})) == error_kind::invalid);
  CHECK(failure(attention({zeros(3), keys, data, {}, {}, lengths({2}), total(3)},
                          {{.name = "kv_cache_bit_width", .value = std::int64_t{8}}})) == error_kind::unsupported);
}

TEST_CASE("RotaryEmbedding: places one by one or from the first on, and only part of a head") {
  auto const cosine = floats_of({3, 1}, {1, 0, -1}), sine = floats_of({3, 1}, {0, 1, 0});
  auto const x = floats_of({1, 2, 2}, {1, 2, 3, 4});
  auto const turn = [&](tensor in, tensor at, std::vector<attribute> a = {}) {
    return run({.table = table,
                .op = "RotaryEmbedding",
                .opset = 1,
                .inputs = {std::move(in), std::move(at), cosine, sine},
                .attributes = std::move(a)})[0];
  };
  CHECK(difference(turn(x, ints_of({1, 2}, {1, 0})), {-2, 1, 3, 4}) < 1e-6);
  CHECK(difference(turn(x, ints_of({1}, {1})), {-2, 1, -3, -4}) < 1e-6);
  CHECK(difference(turn(floats_of({1, 1, 4}, {1, 2, 3, 4}), ints_of({1}, {1}),
                        {{.name = "num_heads", .value = std::int64_t{1}},
                         {.name = "rotary_embedding_dim", .value = std::int64_t{2}}}),
                   {-2, 1, 3, 4}) < 1e-6);
  CHECK(failure({.table = table,
                 .op = "RotaryEmbedding",
                 .opset = 1,
                 .inputs = {x, ints_of({1, 2}, {1, 3}), cosine, sine}}) == error_kind::runtime);
}
