#include <octet/debug/weights.hpp>

#include <doctest/doctest.h>

#include "support/builder.hpp"

using octet::tensor;
using octet::debug::weights;
using support::floats;

namespace {
octet::model unquantized_model() {
  support::builder g;
  auto const x = g.input("x", {1, 2});
  auto const w = g.constant(floats({2, 2}, {1, 2, -3, 4}), "w");
  auto const b = g.constant(floats({2}, {0.5f, 1}), "b");
  auto const y = g(octet::ops::Gemm, {x, w, b}, {}, "y");
  g.output(y, {1, 2});
  return g.m;
}
}  // namespace

TEST_CASE("A30: weights behind DequantizeLinear: unsigned, per channel, biases") {
  support::builder g(21);
  auto const x = g.input("x", {1, 2});
  auto const q = g.constant(tensor::of<std::uint8_t>({2, 2}, {130, 132, 122, 135}), "w_quantized");
  auto const w = g(octet::ops::DequantizeLinear,
                   {q, floats({2}, {0.5f, 0.5f}), tensor::of<std::uint8_t>({2}, {128, 128})}, {{"axis", 1}}, "w_dq");
  auto const r = g.constant(tensor::of<std::int32_t>({2}, {5, 10}), "b_quantized");
  auto const b = g(octet::ops::DequantizeLinear, {r, 0.1, tensor::scalar(std::int32_t{0})}, {}, "b_dq");
  g.output(g(octet::ops::Gemm, {x, w, b}, {}, "y"), {1, 2});
  auto const all = weights(unquantized_model(), g.m);
  REQUIRE(all.size() == 2);
  // w: 1 2 −3 3.5 instead of 1 2 −3 4
  CHECK(all[0].name == "w");
  CHECK(all[0].sqnr_db == doctest::Approx(20 * std::log10(std::sqrt(30.0) / 0.5)));
  CHECK(all[1].name == "b");
  CHECK(all[1].sqnr_db > 140);
}

TEST_CASE("weights of integer operators") {
  support::builder g(17);
  auto const x = g.input("x", {1, 2}, octet::element::u8);
  auto const q = g.constant(tensor::of<std::int8_t>({2, 2}, {1, 2, -3, 4}), "w_quantized");
  g.constant(floats({2}, {1, 1}), "w_scale"), g.constant(tensor::of<std::int8_t>({2}, {0, 0}), "w_zero_point");
  g.output(g(octet::ops::MatMulInteger, {x, q}, {}, "y"), {1, 2}, octet::element::s32);
  auto const all = weights(unquantized_model(), g.m);
  REQUIRE(all.size() == 1);
  CHECK(all[0].name == "w");
  CHECK(all[0].sqnr_db > 300);
}

TEST_CASE("what has no counterpart is said") {
  support::builder g(17);
  auto const a =
      g(octet::ops::DequantizeLinear, {g.constant(tensor::of<std::int8_t>({1}, {1}), "other_quantized"), 1.0}, {}, "a");
  auto const b =
      g(octet::ops::DequantizeLinear, {g.constant(tensor::of<std::int8_t>({1}, {1}), "w_quantized"), 1.0}, {}, "b");
  g(octet::ops::DequantizeLinear, {g.constant(tensor::of<std::int8_t>({1}, {1}), "unlike"), 1.0}, {}, "c");
  g.output(g(octet::ops::Add, {a, b}, {}, "y"), {1});
  std::size_t matched = 0;
  auto const warnings = octet::debug::match_weights(unquantized_model(), g.m, [&](auto const&) { ++matched; });
  CHECK(matched == 0);
  REQUIRE(warnings.size() == 2);
  CHECK(warnings[0] == "the float model has no weight 'other'");
  CHECK(warnings[1] == "weight 'w' has shape [2,2] in the float model and [1] in the quantized one");
}
