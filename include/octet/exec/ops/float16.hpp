// 16-bit floating point to float and back: stored in models, computed with as float.
#pragma once

#include <bit>
#include <cstdint>

namespace octet::detail {

/// IEEE half precision to float, exact.
inline float half_to_float(std::uint16_t h) {
  std::uint32_t const sign = std::uint32_t(h & 0x8000u) << 16, rest = h & 0x7fffu;
  if (rest >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u | (rest & 0x3ffu) << 13);
  if (rest >= 0x0400u) return std::bit_cast<float>(sign | ((rest << 13) + 0x38000000u));
  float const tiny = float(rest) * 0x1p-24f;
  return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(tiny));
}

/// Float to IEEE half precision: nearest, ties to even; too large becomes infinity.
inline std::uint16_t float_to_half(float x) {
  std::uint32_t const all = std::bit_cast<std::uint32_t>(x), sign = (all >> 16) & 0x8000u, u = all & 0x7fffffffu;
  if (u > 0x7f800000u) return std::uint16_t(sign | 0x7e00u | ((u >> 13) & 0x3ffu));
  if (u >= 0x477ff000u) return std::uint16_t(sign | 0x7c00u);
  if (u >= 0x38800000u) return std::uint16_t(sign | ((u - 0x38000000u + 0xfffu + ((u >> 13) & 1u)) >> 13));
  // adding one half lets the floating point unit round at the place of a half's last bit
  float const shifted = std::bit_cast<float>(u) + 0.5f;
  return std::uint16_t(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3f000000u));
}

inline float bfloat16_to_float(std::uint16_t b) { return std::bit_cast<float>(std::uint32_t(b) << 16); }

/// Float to bfloat16: nearest, ties to even.
inline std::uint16_t float_to_bfloat16(float x) {
  std::uint32_t const u = std::bit_cast<std::uint32_t>(x);
  if ((u & 0x7fffffffu) > 0x7f800000u) return std::uint16_t(u >> 16 | 0x40u);
  return std::uint16_t((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
}

/// Double to float such that a further rounding to fewer bits gives what one rounding would have given.
inline float round_to_odd(double d) {
  float const f = static_cast<float>(d);
  if (double(f) == d || d != d) return f;
  std::uint32_t u = std::bit_cast<std::uint32_t>(f);
  bool const away = (double(f) > 0 ? double(f) : -double(f)) > (d > 0 ? d : -d);
  if ((u & 1u) == 0) u += away ? std::uint32_t(-1) : 1u;
  return std::bit_cast<float>(u);
}

}  // namespace octet::detail
