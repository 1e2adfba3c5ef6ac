// Operators that move elements without computing.
#pragma once

#include <octet/ops/traits.hpp>

namespace octet {

inline constexpr op_traits reshape_traits = moves_data("Reshape"), transpose_traits = moves_data("Transpose"),
                           squeeze_traits = moves_data("Squeeze"), unsqueeze_traits = moves_data("Unsqueeze"),
                           flatten_traits = moves_data("Flatten"), slice_traits = moves_data("Slice", 10, false),
                           resize_traits = moves_data("Resize", 11), split_traits = moves_data("Split");

inline constexpr op_traits concat_traits{
    .op = "Concat",
    .inputs = {role::activation, role::activation, role::activation, role::activation},
    .qoperator = {"QLinearConcat", microsoft, layout::output_first}};

/// Padding keeps the grid when every element it adds lies on it: copies of the input, or zero.
inline output_grid pad_output(graph const& g, node const& n) {
  auto const mode = n.get<std::string>("mode", "constant");
  if (mode != "constant") return output_grid::of_first_input;
  if (auto const* v = n.get<float>("value")) return *v == 0 ? output_grid::of_first_input : output_grid::own;
  if (!n.has_input(2)) return output_grid::of_first_input;
  auto const* c = g.constant(n.inputs[2]);
  if (c == nullptr || c->size() != 1) return output_grid::own;
  for (auto const b : c->bytes())
    if (b != std::byte{0}) return output_grid::own;
  return output_grid::of_first_input;
}
/// On 8-bit data the padding has the grid of the input, which need not hold another value than zero.
inline std::string unfit_pad(graph const& g, node const& n, bool) {
  return pad_output(g, n) == output_grid::of_first_input
             ? ""
             : "it pads with a value that the grid of its input need not hold";
}
inline constexpr op_traits pad_traits{.op = "Pad",
                                      .inputs = {role::activation, role::data, role::activation, role::data},
                                      .output_of = &pad_output,
                                      .qoperator = {"Pad", {}, layout::in_place},
                                      .unfit = &unfit_pad,
                                      .since = 11};

}  // namespace octet
