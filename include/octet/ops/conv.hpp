// Convolutions.
#pragma once

#include <octet/ops/traits.hpp>

namespace octet {

/// Integer kernels take constant weights, and biases that are added after them.
inline std::string unfit_conv(graph const& g, node const& n, bool dynamic) {
  if (n.has_input(1) && g.constant(n.inputs[1]) == nullptr) return "its weight is not constant";
  if (!dynamic && n.has_input(2) && g.constant(n.inputs[2]) == nullptr) return "its bias is not constant";
  return {};
}
inline constexpr op_traits conv_traits{.op = "Conv",
                                       .inputs = {role::activation, weight(0), role::bias},
                                       .qoperator = {"QLinearConv"},
                                       .integer = {"ConvInteger"},
                                       .unfit = &unfit_conv};

/// The weight is [C_in, C_out / group, …].
inline constexpr op_traits conv_transpose_traits{.op = "ConvTranspose",
                                                 .inputs = {role::activation, weight(1), role::bias}};

}  // namespace octet
