// Attention of com.microsoft on cases whose result is known: equal scores average the values that the mask leaves.
#include <octet/exec/ops/contrib_attention.hpp>

#include "run_one.hpp"

using namespace octet;
using namespace octet::test;

namespace {
auto const& table = contrib_attention_operators;
/// Q and K are 0, V is the input: the output is the mean of the visible inputs.
tensor weights() { return floats_of({1, 3}, {0, 0, 1}); }
std::vector<attribute> heads(std::vector<attribute> more = {}) {
  more.push_back({.name = "num_heads", .value = std::int64_t{1}});
  return more;
}
}  // namespace

TEST_CASE("Attention: ends, raw masks, causality, constant weights or not") {
  auto const x = floats_of({1, 3, 1}, {3, 6, 9});
  for (bool constants : {false, true}) {
    CHECK(difference(run({.table = table,
                          .op = "Attention",
                          .opset = 1,
                          .inputs = {x, weights()},
                          .attributes = heads(),
                          .constants = constants})[0],
                     {6, 6, 6}) < 1e-5);
    CHECK(difference(run({.table = table,
                          .op = "Attention",
                          .opset = 1,
                          .inputs = {x, weights(), {}, tensor::of<std::int32_t>({1}, {2})},
                          .attributes = heads(),
                          .constants = constants})[0],
                     {4.5f, 4.5f, 4.5f}) < 1e-4);
    CHECK(difference(run({.table = table,
                          .op = "Attention",
                          .opset = 1,
                          .inputs = {x, weights(), {}, tensor::of<std::int32_t>({1, 3}, {0, 1, 1})},
                          .attributes = heads(),
                          .constants = constants})[0],
                     {7.5f, 7.5f, 7.5f}) < 1e-4);
    CHECK(difference(run({.table = table,
                          .op = "Attention",
                          .opset = 1,
                          .inputs = {x, weights()},
                          .attributes = heads({{.name = "unidirectional", .value = std::int64_t{1}}}),
                          .constants = constants})[0],
                     {3, 4.5f, 6}) < 1e-5);
  }
}

TEST_CASE("a past is visible and returned with the present") {
  auto const y = run({.table = table,
                      .op = "Attention",
                      .opset = 1,
                      .inputs = {floats_of({1, 1, 1}, {4}), weights(), {}, {}, floats_of({2, 1, 1, 1, 1}, {0, 8})},
                      .attributes = heads(),
                      .outputs = 2});
  CHECK(difference(y[0], {6}) < 1e-6);
  CHECK(y[1].dims() == shape{2, 1, 1, 2, 1});
  CHECK(values<float>(y[1]) == std::vector<float>{0, 0, 8, 4});
}

TEST_CASE("QAttention projects in integers, MultiHeadAttention not at all") {
  auto const q = run({.table = table,
                      .op = "QAttention",
                      .opset = 1,
                      .inputs = {tensor::of<std::uint8_t>({1, 2, 1}, {5, 9}),
                                 tensor::of<std::int8_t>({1, 3}, {0, 0, 2}),
                                 floats_of({3}, {0, 0, 1}),
                                 tensor::scalar(0.5f),
                                 tensor::scalar(1.f),
                                 {},
                                 tensor::scalar(std::uint8_t{5})},
                      .attributes = heads()});
  CHECK(difference(q[0], {3, 3}) < 1e-5);  // values 1 and 5
  auto const zero = floats_of({1, 2, 1}, {0, 0}), v = floats_of({1, 2, 1}, {1, 5});
  CHECK(difference(run({.table = table,
                        .op = "MultiHeadAttention",
                        .opset = 1,
                        .inputs = {zero, zero, v, floats_of({3}, {0, 0, 1})},
                        .attributes = heads()})[0],
                   {4, 4}) < 1e-5);
  CHECK(difference(run({.table = table,
                        .op = "MultiHeadAttention",
                        .opset = 1,
                        .inputs = {zero, zero, v, {}, tensor::of<std::int32_t>({1, 2}, {1, 0})},
                        .attributes = heads()})[0],
                   {1, 1}) < 1e-3);
}

TEST_CASE("what does not fit is refused") {
  auto const x = floats_of({1, 3, 1}, {3, 6, 9});
  CHECK(failure({.table = table, .op = "Attention", .opset = 1, .inputs = {x, weights()}}) == error_kind::invalid);
  CHECK(failure({.table = table,
                 .op = "Attention",
                 .opset = 1,
                 .inputs = {x, floats_of({2, 3}, std::vector<float>(6))},
                 .attributes = heads()}) == error_kind::invalid);
  CHECK(failure({.table = table,
                 .op = "Attention",
                 .opset = 1,
                 .inputs = {x, weights(), {}, tensor::of<std::int32_t>({4}, {1, 1, 1, 1})},
                 .attributes = heads()}) == error_kind::unsupported);
}
