#include <octet/debug/activations.hpp>

#include <doctest/doctest.h>

#include "support/builder.hpp"

using octet::feed, octet::tensor;
using support::floats;

namespace {
octet::model float_model() {
  support::builder g;
  auto const x = g.input("x", {1, 2});
  auto const y = g(octet::ops::Mul, {x, 2.0}, {}, "y");
  g.output(y, {1, 2});
  return g.m;
}

/// The same with Q/DQ pairs of step 1 around x and y, named as the quantizer names them.
octet::model pairs() {
  support::builder g;
  auto const x = g.input("x", {1, 2});
  auto const zero = tensor::scalar(std::int8_t{0});
  auto const q = g(octet::ops::QuantizeLinear, {x, 1.0, zero}, {}, "x_QuantizeLinear_Output");
  auto const d = g(octet::ops::DequantizeLinear, {q, 1.0, zero}, {}, "x_DequantizeLinear_Output");
  auto const y = g(octet::ops::Mul, {d, 2.0}, {}, "y_QuantizeLinear_Input");
  auto const r = g(octet::ops::QuantizeLinear, {y, 4.0, zero}, {}, "y_QuantizeLinear_Output");
  g.output(g(octet::ops::DequantizeLinear, {r, 4.0, zero}, {}, "y"), {1, 2});
  return g.m;
}

std::vector<feed> const samples{{{"x", floats({1, 2}, {3, 4.5f})}}, {{"x", floats({1, 2}, {-6, 8})}}};
}  // namespace

TEST_CASE("pairs before and after, beside the float model") {
  auto const all = octet::debug::activations(float_model(), pairs(), samples);
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "x");
  // 3 4.5 −6 8 became 3 4 −6 8: half to even
  double const x = std::sqrt(9 + 20.25 + 36 + 64);
  CHECK(*all[0].pair_db == doctest::Approx(20 * std::log10(x / 0.5)));
  CHECK(*all[0].models_db == doctest::Approx(20 * std::log10(x / 0.5)));
  CHECK(all[1].name == "y");
  // 6 8 −12 16 on a grid of step 4: 8 8 −12 16; the float model has 6 9 −12 16
  CHECK(*all[1].pair_db == doctest::Approx(20 * std::log10(std::sqrt(36.0 + 64 + 144 + 256) / 2)));
  CHECK(*all[1].models_db == doctest::Approx(20 * std::log10(std::sqrt(36.0 + 81 + 144 + 256) / std::sqrt(4.0 + 1))));
  CHECK(all[1].sqnr_db == *all[1].models_db);
  CHECK(all[1].largest_error == 2);
}

TEST_CASE("B33: without a float model the pairs speak for themselves") {
  auto const all = octet::debug::activations(pairs(), samples);
  REQUIRE(all.size() == 2);
  CHECK(!all[0].models_db);
  CHECK(all[0].sqnr_db == *all[0].pair_db);
}

TEST_CASE("integer operators and grids at run time") {
  support::builder g;
  auto const x = g.input("x", {1, 2});
  auto const parts = g.many(octet::ops::DynamicQuantizeLinear, {x}, 3, {}, {"x_quantized", "x_scale", "x_zero_point"});
  auto const w = g.constant(tensor::of<std::int8_t>({2, 2}, {1, 0, 0, 1}), "w_quantized");
  g.output(g(octet::ops::MatMulInteger, {parts[0], w, parts[2]}, {}, "y"), {1, 2}, octet::element::s32);
  auto const all = octet::debug::activations(float_model(), g.m, samples);
  REQUIRE(all.size() == 1);
  CHECK(all[0].name == "x");
  CHECK(*all[0].pair_db > 45);
  CHECK(*all[0].models_db == *all[0].pair_db);
}

TEST_CASE("matches by structure and name; no sample is an error") {
  auto const matches = octet::debug::match_activations(pairs());
  REQUIRE(matches.size() == 2);
  CHECK(matches[1].before == "y_QuantizeLinear_Input");
  CHECK(matches[1].after == "y");
  CHECK_THROWS_AS(octet::debug::activations(pairs(), std::vector<feed>{}), octet::error);
}
