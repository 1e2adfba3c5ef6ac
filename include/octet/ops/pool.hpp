// Pooling. An average lies within the range of what is averaged, so it keeps the input's grid: no requantization.
#pragma once

#include <octet/ops/traits.hpp>

namespace octet {

inline constexpr op_traits average_pool_traits{.op = "AveragePool",
                                               .inputs = {role::activation},
                                               .output = output_grid::of_first_input,
                                               .when = condition::first_input_quantized,
                                               .qoperator = {"QLinearAveragePool", microsoft}};
inline constexpr op_traits global_average_pool_traits{
    .op = "GlobalAveragePool", .inputs = {role::activation}, .qoperator = {"QLinearGlobalAveragePool", microsoft}};
inline constexpr op_traits max_pool_traits = [] {
  auto t = moves_data("MaxPool", 12);
  t.outputs_all = false;
  return t;
}();

}  // namespace octet
