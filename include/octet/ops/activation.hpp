// Activation functions. Relu and Clip may disappear into the range of their output.
#pragma once

#include <cmath>
#include <utility>

#include <octet/core/convert.hpp>
#include <octet/ops/traits.hpp>

namespace octet {

constexpr op_traits removable(std::string_view op) {
  return {.op = op, .inputs = {role::activation, role::data, role::data}, .when = condition::absorbed};
}
inline constexpr op_traits clip_traits = removable("Clip"), relu_traits = removable("Relu");

/// The values that a Relu or Clip lets through; nothing certain where a bound is computed.
inline std::pair<double, double> kept_interval(graph const& g, node const& n) {
  double low = n.op == "Relu" ? 0 : -HUGE_VAL, high = HUGE_VAL;
  if (auto const* v = n.get<float>("min")) low = *v;
  if (auto const* v = n.get<float>("max")) high = *v;
  auto const read = [&](std::size_t i, double otherwise, double unknown) {
    if (!n.has_input(i)) return otherwise;
    auto const* c = g.constant(n.inputs[i]);
    return c == nullptr || c->size() != 1 ? unknown : double{to_f32(*c).as<float>()[0]};
  };
  low = read(1, low, HUGE_VAL);
  high = read(2, high, -HUGE_VAL);
  return {low, high};
}

inline constexpr op_traits sigmoid_traits{
    .op = "Sigmoid", .inputs = {role::activation}, .qoperator = {"QLinearSigmoid", microsoft}};
inline constexpr op_traits leaky_relu_traits{
    .op = "LeakyRelu", .inputs = {role::activation}, .qoperator = {"QLinearLeakyRelu", microsoft}};
inline constexpr op_traits softmax_traits{.op = "Softmax",
                                          .inputs = {role::activation},
                                          .output = output_grid::unit_interval,
                                          .qoperator = {"QLinearSoftmax", microsoft},
                                          .sensitive = "differences of its input become factors of its output"};

}  // namespace octet
