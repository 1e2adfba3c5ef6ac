// What an int32 accumulator is multiplied with to reach the grid of the output.
#pragma once

#include <cstddef>
#include <span>

#include <octet/core/config.hpp>

namespace octet::numeric {

/// a · b / c in float and in this order, as ONNX Runtime's integer operators compute it.
constexpr float multiplier(float a_scale, float b_scale, float c_scale) {
  float const product = a_scale * b_scale;
  return product / c_scale;
}

/// One for each scale of b.
inline void multipliers(float a_scale, std::span<float const> b_scales, float c_scale, std::span<float> out) {
  OCTET_ASSERT(out.size() == b_scales.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = multiplier(a_scale, b_scales[i], c_scale);
}

}  // namespace octet::numeric
