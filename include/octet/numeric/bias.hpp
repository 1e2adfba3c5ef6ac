// Biases become int32 on the grid of the accumulators, input scale × weight scale.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include <octet/core/config.hpp>
#include <octet/core/error.hpp>

namespace octet {

namespace detail {
/// The scale that makes `input_scale · scale` reach `smallest`, or `scale` itself where it does or is zero.
inline float raised(float input_scale, float scale, double smallest) {
  double const candidate = double{input_scale} * double{scale};
  if (!(candidate < smallest) || !(candidate > 0)) return scale;
  return static_cast<float>(double{scale} * (smallest / candidate));
}
inline constexpr double int32_levels = 4294967294.0;
}  // namespace detail

namespace numeric {

/// scales[i] = input_scale · weight_scales[i] · beta, in float. `beta` is Gemm's; 0 counts as 1.
inline void bias_scales(float input_scale, std::span<float const> weight_scales, std::span<float> scales,
                        float beta = 1) {
  OCTET_ASSERT(scales.size() == weight_scales.size());
  for (std::size_t i = 0; i < scales.size(); ++i) {
    float const product = input_scale * weight_scales[i];
    scales[i] = beta == 0 ? product : product * beta;
  }
}

/// out = bias / scale, rounded half to even in double. One scale, or one for each element. Returns how many did not fit
/// int32 and were clipped.
inline std::size_t quantize_bias(std::span<float const> bias, std::span<float const> scales,
                                 std::span<std::int32_t> out, float beta = 1) {
  OCTET_ASSERT(out.size() == bias.size() && (scales.size() == 1 || scales.size() == bias.size()));
  constexpr double low = std::numeric_limits<std::int32_t>::min(), high = std::numeric_limits<std::int32_t>::max();
  std::size_t clipped = 0;
  for (std::size_t i = 0; i < bias.size(); ++i) {
    double const b = beta == 0 ? 0.0 : double{bias[i]};
    double q = b == 0 ? 0 : std::nearbyint(b / double{scales[scales.size() == 1 ? 0 : i]});
    if (std::isnan(q)) octet::detail::raise(error_kind::invalid, "a bias is NaN", "look for NaN in the model");
    if (q < low || q > high) ++clipped;
    q = q < low ? low : q > high ? high : q;
    out[i] = static_cast<std::int32_t>(q);
  }
  return clipped;
}

/// Widens the scale of an s8 or s16 weight with zero point 0, so that the bias fits int32; true if it changed.
inline bool widen_for_bias(std::span<float const> bias, float input_scale, float& weight_scale) {
  double most = 0;
  for (float const b : bias) most = std::abs(double{b}) > most ? std::abs(double{b}) : most;
  float const wide =
      octet::detail::raised(input_scale, weight_scale, 1.0001 * (2.0 * most) / octet::detail::int32_levels);
  bool const changed = wide != weight_scale;
  weight_scale = wide;
  return changed;
}

/// The same for a scale per channel, with float precision of the bound as the reference has it. Throws `invalid` when
/// there is not one bias for each channel.
inline bool widen_for_bias(std::span<float const> bias, float input_scale, std::span<float> weight_scales) {
  if (bias.size() != weight_scales.size())
    octet::detail::raise(error_kind::invalid, "a bias of " + std::to_string(bias.size()) +
                                                  " elements does not fit a weight of " +
                                                  std::to_string(weight_scales.size()) + " channels");
  bool changed = false;
  for (std::size_t i = 0; i < bias.size(); ++i) {
    float const smallest = 1.0001f * (2.f * std::abs(bias[i]));
    float const wide =
        octet::detail::raised(input_scale, weight_scales[i], double{smallest} / octet::detail::int32_levels);
    changed |= wide != weight_scales[i];
    weight_scales[i] = wide;
  }
  return changed;
}

}  // namespace numeric
}  // namespace octet
