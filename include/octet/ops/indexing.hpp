// Operators that select elements by index. The table of a Gather is an activation: what is looked up flows on.
#pragma once

#include <octet/ops/traits.hpp>

namespace octet {

inline std::string unfit_gather(graph const& g, node const& n, bool dynamic) {
  return dynamic && g.constant(n.inputs[0]) == nullptr ? "its table is not constant" : "";
}
inline constexpr op_traits gather_traits = [] {
  auto t = moves_data("Gather");
  t.integer = {"Gather", {}, layout::in_place};
  t.unfit = &unfit_gather;
  return t;
}();
inline constexpr op_traits gather_elements_traits = moves_data("GatherElements", 11, false);
inline constexpr op_traits top_k_traits = [] {
  auto t = moves_data("TopK", 10, false);
  t.outputs_all = false;
  return t;
}();
inline constexpr op_traits arg_max_traits{.op = "ArgMax",
                                          .inputs = {role::activation},
                                          .output = output_grid::none,
                                          .when = condition::first_input_quantized,
                                          .qoperator = {"ArgMax", {}, layout::in_place},
                                          .since = 12};

}  // namespace octet
