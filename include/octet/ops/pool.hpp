// Pooling. An average lies within the range of what is averaged, so it keeps the input's grid: no requantization.
#pragma once

#include <octet/ops/traits.hpp>

namespace octet {

/// QLinearAveragePool, into which ONNX Runtime also fuses Q/DQ pairs around an AveragePool, has no dilations.
inline std::string unfit_average_pool(graph const&, node const& n, bool) {
  if (auto const* all = n.get<std::vector<std::int64_t>>("dilations"))
    for (auto const d : *all)
      if (d != 1) return "quantized average pools have no dilations";
  return {};
}
inline constexpr op_traits average_pool_traits{.op = "AveragePool",
                                               .inputs = {role::activation},
                                               .output = output_grid::of_first_input,
                                               .when = condition::first_input_quantized,
                                               .qoperator = {"QLinearAveragePool", microsoft},
                                               .unfit = &unfit_average_pool,
                                               .unfit_in_qdq = true};
inline constexpr op_traits global_average_pool_traits{
    .op = "GlobalAveragePool", .inputs = {role::activation}, .qoperator = {"QLinearGlobalAveragePool", microsoft}};
inline constexpr op_traits max_pool_traits = [] {
  auto t = moves_data("MaxPool", 12);
  t.outputs_all = false;
  return t;
}();

}  // namespace octet
