#include <octet/debug/layers.hpp>

#include <doctest/doctest.h>

#include "support/builder.hpp"

using octet::debug::layer_cause;
using support::floats;

namespace {
octet::tensor weight_of_layer(float factor) { return floats({2, 2}, {factor, 2 * factor, -2 * factor, factor}); }
/// A product whose result is multiplied by `after`; the quantized form has that in its weight, or has lost it.
octet::model product_and_factor(bool quantized, float after, bool lost = false) {
  support::builder g;
  auto const zero = octet::tensor::scalar(std::int8_t{0});
  auto x = g.input("x", {1, 2});
  if (!quantized)
    x = g(octet::ops::Mul, {g(octet::ops::MatMul, {x, g.constant(weight_of_layer(1), "v")}), double{after}}, {}, "y");
  else {
    auto const w = g.constant(octet::tensor::of<std::int8_t>({2, 2}, {1, 2, -2, 1}), "v_quantized");
    auto const v =
        g(octet::ops::DequantizeLinear, {w, lost ? 1.0 : double{after}, zero}, {}, "v_DequantizeLinear_Output");
    x = g(octet::ops::MatMul, {x, v}, {}, "y");
    x = g(octet::ops::QuantizeLinear, {x, 0.5, zero}, {}, "y_QuantizeLinear_Output");
    x = g(octet::ops::DequantizeLinear, {x, 0.5, zero}, {}, "y_DequantizeLinear_Output");
  }
  g.output(x, {1, 2});
  return g.m;
}
/// Two products, the quantized form with pairs of step `step` around x, y and z and weights times `factor`.
octet::model two_products(bool quantized, float step_of_y = 0.0625f, float factor = 1) {
  support::builder g;
  auto const zero = octet::tensor::scalar(std::int8_t{0});
  auto const pair = [&](octet::value_id v, std::string const& name, double step) {
    if (!quantized) return v;
    auto const q = g(octet::ops::QuantizeLinear, {v, step, zero}, {}, name + "_QuantizeLinear_Output");
    return g(octet::ops::DequantizeLinear, {q, step, zero}, {}, name + "_DequantizeLinear_Output");
  };
  auto const weight = [&](std::string const& name, float by) {
    if (!quantized) return g.constant(weight_of_layer(1), name);
    auto const w = g.constant(octet::tensor::of<std::int8_t>({2, 2}, {1, 2, -2, 1}), name + "_quantized");
    return g(octet::ops::DequantizeLinear, {w, double{by}, zero}, {}, name + "_DequantizeLinear_Output");
  };
  auto const x = g.input("x", {1, 2});
  auto const y = g(octet::ops::MatMul, {pair(x, "x", 0.03125), weight("v", 1)}, {}, "y");
  auto const z = g(octet::ops::MatMul, {pair(y, "y", double{step_of_y}), weight("w", factor)}, {}, "z");
  g.output(quantized ? pair(z, "z", 0.125) : z, {1, 2});
  return g.m;
}
std::vector<octet::feed> const layer_samples{{{"x", floats({1, 2}, {1.01f, 0.52f})}},
                                             {{"x", floats({1, 2}, {-0.9f, 2})}}};
}  // namespace

TEST_CASE("layers: own, local and accumulated error") {
  auto const all = octet::debug::layers(two_products(false), two_products(true), layer_samples);
  REQUIRE(all.size() == 3);
  for (auto const& e : all) CHECK(e.cause == layer_cause::rounding);
  for (auto const& e : all) {
    if (e.tensor == "x") CHECK((e.node.empty() && e.own_db == e.accumulated_db));
    if (e.tensor != "z") continue;
    // y = (−0.03, 2.54) and (−4.9, 0.2), z = (−5.11, 2.48) and (−5.3, −9.6); y on steps of 1/16 is (0, 2.5625) and
    // (−4.875, 0.1875); from there z = (−5.125, 2.5625) and (−5.25, −9.5625), on steps of 1/8 (−5.125, 2.5), (−5.25,
    // −9.5)
    double const local = 0.015 * 0.015 + 0.02 * 0.02 + 0.05 * 0.05 + 0.1 * 0.1;
    double const signal = 5.11 * 5.11 + 2.48 * 2.48 + 5.3 * 5.3 + 9.6 * 9.6;
    CHECK(e.local_db == doctest::Approx(10 * std::log10(signal / local)).epsilon(0.001));
    double const rounded = 5.125 * 5.125 + 2.5625 * 2.5625 + 5.25 * 5.25 + 9.5625 * 9.5625;
    CHECK(e.own_db == doctest::Approx(10 * std::log10(rounded / (2 * 0.0625 * 0.0625))));
    CHECK(e.nodes == std::vector<std::string>{e.node});
    CHECK(e.op == "MatMul");
  }
}

TEST_CASE("layers: the damaged one comes first, with the cause") {
  auto const clipped = octet::debug::layers(two_products(false), two_products(true, 0.0078125f), layer_samples);
  CHECK(clipped[0].tensor == "y");
  CHECK(clipped[0].cause == layer_cause::clipped_range);
  CHECK(clipped[0].grid.high == 127 * 0.0078125f);
  auto const scaled = octet::debug::layers(two_products(false), two_products(true, 0.0625f, 8), layer_samples);
  CHECK(scaled[0].tensor == "z");
  CHECK(scaled[0].cause == layer_cause::wrong_scale);
  CHECK_THROWS_AS(octet::debug::layers(two_products(false), two_products(true), std::vector<octet::feed>{}),
                  octet::error);
}

TEST_CASE("layers: a weight that took in what followed it is not at fault") {
  // x · v is (−0.03, 2.54) and (−4.9, 0.2); times 8, on steps of 1/2, at most 1/4 is lost of 39.2
  auto const whole = octet::debug::layers(product_and_factor(false, 8), product_and_factor(true, 8), layer_samples);
  REQUIRE(whole.size() == 1);
  CHECK(whole[0].own_db > 35);
  CHECK(octet::debug::gravity(whole[0].cause) == 0);
  auto const lost =
      octet::debug::layers(product_and_factor(false, 8), product_and_factor(true, 8, true), layer_samples);
  REQUIRE(lost.size() == 1);
  CHECK(lost[0].own_db < 2);  // seven eighths of the signal are missing: 20·log10(8/7) is 1.2 dB
}
