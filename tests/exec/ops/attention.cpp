#include "exec/ops/run_one.hpp"

#include <octet/exec/ops/attention.hpp>

using namespace octet;
using octet::test::floats_of;
using octet::test::ints_of;
using octet::test::run;
using octet::test::values;

namespace {
std::span<operator_entry const> const table = attention_operators;
attribute number(std::string name, std::int64_t v) { return {.name = std::move(name), .value = v}; }
attribute real(std::string name, float v) { return {.name = std::move(name), .value = v}; }
tensor ramp(shape dims, int seed) {
  tensor t{element::f32, std::move(dims)};
  for (std::int64_t i = 0; i < t.size(); ++i) t.mutable_as<float>()[i] = float((i * 37 + seed * 11) % 23) / 11 - 1;
  return t;
}

/// The definition for [batch, heads, rows, size]; `allowed(q, k)` tells which keys a query sees.
template <class F>
std::vector<float> definition(tensor const& q, tensor const& k, tensor const& v, double cap, F const& allowed) {
  auto const dq = q.dims(), dk = k.dims(), dv = v.dims();
  std::vector<float> out;
  for (std::int64_t b = 0; b < dq[0]; ++b)
    for (std::int64_t h = 0; h < dq[1]; ++h)
      for (std::int64_t i = 0; i < dq[2]; ++i) {
        auto const kv = b * dk[1] + h / (dq[1] / dk[1]);
        std::vector<double> p;
        double sum = 0;
        for (std::int64_t j = 0; j < dk[2]; ++j) {
          double s = 0;
          for (std::int64_t e = 0; e < dq[3]; ++e)
            s += double(q.as<float>()[((b * dq[1] + h) * dq[2] + i) * dq[3] + e]) *
                 double(k.as<float>()[(kv * dk[2] + j) * dk[3] + e]);
          s /= std::sqrt(double(dq[3]));
          if (cap != 0) s = cap * std::tanh(s / cap);
          p.push_back(allowed(i, j) ? std::exp(s) : 0);
          sum += p.back();
        }
        for (std::int64_t e = 0; e < dv[3]; ++e) {
          double y = 0;
          for (std::int64_t j = 0; j < dk[2]; ++j)
            y += sum == 0 ? 0 : p[std::size_t(j)] / sum * double(v.as<float>()[(kv * dv[2] + j) * dv[3] + e]);
          out.push_back(float(y));
        }
      }
  return out;
}
}  // namespace

TEST_CASE("attention equals its definition, with grouped heads, many rows and any number of threads") {
  auto const q = ramp({2, 4, 70, 8}, 1), k = ramp({2, 2, 9, 8}, 2), v = ramp({2, 2, 9, 5}, 3);
  auto const all = [](auto, auto) { return true; };
  auto const one = run({.table = table, .op = "Attention", .opset = 23, .inputs = {q, k, v}, .threads = 1})[0];
  CHECK(test::difference(one, definition(q, k, v, 0, all)) < 2e-6);
  CHECK(values<float>(run({.table = table, .op = "Attention", .opset = 23, .inputs = {q, k, v}, .threads = 2})[0]) ==
        values<float>(one));
  CHECK(test::difference(run({table, "Attention", 23, {q, k, v}, {real("softcap", 0.5f)}})[0],
                         definition(q, k, v, 0.5, all)) < 2e-6);
}

TEST_CASE("keys are hidden by masks, by time, by a window and by padding; who sees none gets zeros") {
  auto const q = ramp({1, 1, 4, 4}, 1), k = ramp({1, 1, 4, 4}, 2), v = ramp({1, 1, 4, 3}, 3);
  auto const causal = run({table, "Attention", 23, {q, k, v}, {number("is_causal", 1)}})[0];
  CHECK(test::difference(causal, definition(q, k, v, 0, [](auto i, auto j) { return j <= i; })) < 2e-6);
  auto const window =
      run({table, "Attention", 25, {q, k, v}, {number("left_window_size", 1), number("right_window_size", 0)}})[0];
  CHECK(test::difference(window, definition(q, k, v, 0, [](auto i, auto j) { return j <= i && j >= i - 1; })) < 2e-6);
  auto const mask = tensor::of<bool>({4, 4}, {true, false, true, false, false, false, false, false, true, true, true,
                                              true, false, false, false, true});
  auto const masked = run({table, "Attention", 23, {q, k, v, mask}})[0];
  CHECK(test::difference(masked, definition(q, k, v, 0, [&](auto i, auto j) {
                           return mask.bytes()[std::size_t(i * 4 + j)] == std::byte{1};
                         })) < 2e-6);
  auto const padded = run({table, "Attention", 24, {q, k, v, tensor{}, tensor{}, tensor{}, ints_of({1}, {2})}})[0];
  CHECK(test::difference(padded, definition(q, k, v, 0, [](auto, auto j) { return j < 2; })) < 2e-6);
}

TEST_CASE("the flat form splits heads, and a past comes before the new keys") {
  auto const q = ramp({1, 2, 6}, 1), k = ramp({1, 2, 6}, 2), v = ramp({1, 2, 6}, 3);
  auto const past_k = ramp({1, 2, 3, 3}, 4), past_v = ramp({1, 2, 3, 3}, 5);
  auto const r = run({.table = table,
                      .op = "Attention",
                      .opset = 23,
                      .inputs = {q, k, v, tensor{}, past_k, past_v},
                      .attributes = {number("q_num_heads", 2), number("kv_num_heads", 2), number("is_causal", 1)},
                      .outputs = 3});
  CHECK(r[0].dims() == shape{1, 2, 6});
  CHECK(r[1].dims() == shape{1, 2, 5, 3});
  CHECK(r[1].as<float>()[0] == past_k.as<float>()[0]);
  CHECK(r[1].as<float>()[9] == k.as<float>()[0]);       // head 0, row 3 is the first new key
  CHECK(r[2].as<float>()[15 + 9] == v.as<float>()[3]);  // head 1
  tensor heads{element::f32, {1, 2, 2, 3}};
  for (std::int64_t h = 0; h < 2; ++h)
    for (std::int64_t i = 0; i < 6; ++i)
      heads.mutable_as<float>()[h * 6 + i] = q.as<float>()[i / 3 * 6 + h * 3 + i % 3];
  auto const want = definition(heads, r[1], r[2], 0, [](auto i, auto j) { return j <= i + 3; });
  for (std::int64_t i = 0; i < 12; ++i)
    CHECK(r[0].as<float>()[i / 3 % 2 * 6 + i / 6 * 3 + i % 3] == doctest::Approx(want[std::size_t(i)]).epsilon(1e-5));
}

TEST_CASE("shapes that do not belong together are refused") {
  auto const q = ramp({1, 2, 4, 4}, 1), k = ramp({1, 2, 3, 4}, 2);
  CHECK(test::failure({table, "Attention", 23, {q, k, ramp({1, 2, 2, 4}, 3)}}) == error_kind::invalid);
  CHECK(test::failure({table, "Attention", 23, {q, ramp({1, 2, 3, 5}, 2), k}}) == error_kind::invalid);
  CHECK(test::failure({table, "Attention", 23, {ramp({1, 3, 4, 4}, 1), k, k}}) == error_kind::invalid);
  CHECK(test::failure({table, "Attention", 23, {ramp({1, 4, 7}, 1), k, k}, {number("q_num_heads", 2)}}) ==
        error_kind::invalid);
  CHECK(test::failure({table, "Attention", 23, {q, k, k, ramp({4, 9}, 1)}}) == error_kind::invalid);
  CHECK(test::failure({table, "Attention", 23, {q, k, k, ramp({3, 3}, 1)}}) == error_kind::invalid);
  CHECK(test::failure({table, "Attention", 23, {q, k, k, tensor{}, k}}) == error_kind::invalid);
}

TEST_CASE("RotaryEmbedding turns pairs by the angle of their position") {
  float const c = std::cos(1.0f), s = std::sin(1.0f);
  auto const cosine = floats_of({2, 1}, {1, c}), sine = floats_of({2, 1}, {0, s}), at = ints_of({1, 2}, {1, 0});
  auto const x = floats_of({1, 1, 2, 3}, {1, 2, 7, 3, 4, 8});
  auto const r = run({table, "RotaryEmbedding", 23, {x, cosine, sine, at}, {number("rotary_embedding_dim", 2)}})[0];
  CHECK(test::difference(r, {c - 2 * s, s + 2 * c, 7, 3, 4, 8}) < 1e-6);
  auto const four = floats_of({1, 1, 1, 4}, {1, 2, 3, 4}), turn = floats_of({1, 1, 2}, {0, 0}),
             full = floats_of({1, 1, 2}, {1, 1});
  CHECK(values<float>(run({table, "RotaryEmbedding", 23, {four, turn, full}})[0]) == std::vector<float>{-3, -4, 1, 2});
  CHECK(values<float>(run({table, "RotaryEmbedding", 23, {four, turn, full}, {number("interleaved", 1)}})[0]) ==
        std::vector<float>{-2, 1, -4, 3});
  CHECK(test::failure({table,
                       "RotaryEmbedding",
                       23,
                       {x, cosine, sine, ints_of({1, 2}, {2, 0})},
                       {number("rotary_embedding_dim", 2)}}) == error_kind::runtime);
  CHECK(test::failure({table, "RotaryEmbedding", 23, {x, cosine, sine, at}}) == error_kind::invalid);
}
