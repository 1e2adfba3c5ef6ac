// The 8-bit and 4-bit floating point types of ONNX, one value at a time: only Cast and quantization meet them.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include <octet/core/element.hpp>

namespace octet::detail {

/// Layout of a small floating point type: sign, exponent, mantissa.
struct small_float {
  int mantissa = 3;
  int bias = 7;
  double largest = 448;
  bool infinities = false;     ///< the largest exponent holds infinities and NaN, as in IEEE
  bool unsigned_zero = false;  ///< "fnuz": 0x80 is the only NaN, there is no negative zero
  int width = 8;
};

/// The layout of `e`, with mantissa −1 when it is not such a type.
constexpr small_float small_float_of(element e) {
  switch (e) {
    case element::f8e4m3fn:
      return {};
    case element::f8e4m3fnuz:
      return {3, 8, 240, false, true, 8};
    case element::f8e5m2:
      return {2, 15, 57344, true, false, 8};
    case element::f8e5m2fnuz:
      return {2, 16, 57344, false, true, 8};
    case element::f4e2m1:
      return {1, 1, 6, false, false, 4};
    default:
      return {-1, 0, 0, false, false, 0};
  }
}

/// The value of a code; exact.
inline float decode_small(small_float f, std::uint8_t code) {
  int const sign_bit = 1 << (f.width - 1), rest = code & (sign_bit - 1);
  bool const negative = (code & sign_bit) != 0;
  int const exponent = rest >> f.mantissa, fraction = rest & ((1 << f.mantissa) - 1);
  if (f.unsigned_zero && negative && rest == 0) return std::numeric_limits<float>::quiet_NaN();
  if (f.infinities && exponent == (sign_bit - 1) >> f.mantissa) {
    if (fraction != 0) return std::numeric_limits<float>::quiet_NaN();
    return negative ? -std::numeric_limits<float>::infinity() : std::numeric_limits<float>::infinity();
  }
  if (f.width == 8 && !f.infinities && !f.unsigned_zero && rest == 0x7f) return std::numeric_limits<float>::quiet_NaN();
  double const value = exponent == 0 ? std::ldexp(fraction, 1 - f.bias - f.mantissa)
                                     : std::ldexp(fraction + (1 << f.mantissa), exponent - f.bias - f.mantissa);
  return static_cast<float>(negative ? -value : value);
}

/// The nearest code, ties to even. Values too large become the largest one when `saturate`, else infinity or NaN.
inline std::uint8_t encode_small(small_float f, float x, bool saturate) {
  auto const code = [](int c) { return static_cast<std::uint8_t>(c); };
  int const sign = std::signbit(x) ? 1 << (f.width - 1) : 0;
  int const nan = f.unsigned_zero ? 0x80 : sign | 0x7f, top = (1 << (f.width - 1)) - 1;
  if (std::isnan(x)) return f.width < 8 ? code(0) : code(f.infinities ? sign | 0x7e : nan);
  double a = std::fabs(double{x});
  int exponent = 0;
  if (a != 0 && !std::isinf(a)) std::frexp(a, &exponent);
  if (exponent - 1 < 1 - f.bias || a == 0) exponent = 2 - f.bias;
  if (!std::isinf(a))
    a = std::ldexp(std::nearbyint(std::ldexp(a, f.mantissa + 1 - exponent)), exponent - 1 - f.mantissa);
  if (a > f.largest) {
    if (!saturate && f.infinities) return code(sign | (top - (1 << f.mantissa) + 1));
    if (!saturate && f.width == 8) return code(nan);
    a = f.largest;
  }
  if (a == 0) return code(f.unsigned_zero ? 0 : sign);
  std::frexp(a, &exponent);
  if (exponent - 1 < 1 - f.bias) return code(sign | int(std::ldexp(a, f.bias - 1 + f.mantissa)));
  int const fraction = int(std::ldexp(a, f.mantissa + 1 - exponent)) - (1 << f.mantissa);
  return code(sign | (exponent - 1 + f.bias) << f.mantissa | fraction);
}

/// How a fraction is rounded to a power of two.
enum class power_rounding : std::uint8_t { up, down, nearest };

/// FLOAT8E8M0: the exponent of a float, nothing else; 255 is NaN.
inline float decode_power(std::uint8_t code) {
  return code == 255 ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(std::ldexp(1.0, code - 127));
}
inline std::uint8_t encode_power(float x, bool saturate, power_rounding how) {
  std::uint32_t const u = std::bit_cast<std::uint32_t>(x), exponent = u >> 23 & 0xff, fraction = u & 0x7fffff;
  if (exponent == 255) return 255;
  bool more = false;
  if (how == power_rounding::up) more = fraction != 0;
  if (how == power_rounding::nearest) more = fraction > 0x400000 || (fraction == 0x400000 && exponent > 0);
  if (more && saturate && exponent == 254) more = false;
  return static_cast<std::uint8_t>(exponent + more);
}

}  // namespace octet::detail
