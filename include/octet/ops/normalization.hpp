// Normalizations: the scale is a weight with channels along axis 1, the shift an int32 bias.
#pragma once

#include <octet/ops/traits.hpp>

namespace octet {

constexpr op_traits normalizes(std::string_view op) {
  return {.op = op, .inputs = {role::activation, weight(1), role::bias, role::unused}};
}
inline constexpr op_traits batch_normalization_traits = normalizes("BatchNormalization"),
                           instance_normalization_traits = normalizes("InstanceNormalization");
inline constexpr op_traits layer_normalization_traits = [] {
  auto t = normalizes("LayerNormalization");
  t.sensitive = "a few large elements of its input would leave the others few steps";
  return t;
}();

}  // namespace octet
