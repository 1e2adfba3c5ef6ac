// Activation functions. Relu and Clip may disappear into the range of their output.
#pragma once

#include <octet/ops/traits.hpp>

namespace octet {

constexpr op_traits removable(std::string_view op) {
  return {.op = op, .inputs = {role::activation, role::data, role::data}, .when = condition::absorbed};
}
inline constexpr op_traits clip_traits = removable("Clip"), relu_traits = removable("Relu");

inline constexpr op_traits sigmoid_traits{
    .op = "Sigmoid", .inputs = {role::activation}, .qoperator = {"QLinearSigmoid", microsoft}};
inline constexpr op_traits leaky_relu_traits{
    .op = "LeakyRelu", .inputs = {role::activation}, .qoperator = {"QLinearLeakyRelu", microsoft}};
inline constexpr op_traits softmax_traits{.op = "Softmax",
                                          .inputs = {role::activation},
                                          .output = output_grid::unit_interval,
                                          .qoperator = {"QLinearSoftmax", microsoft}};

}  // namespace octet
