// Range → grid: which integers a quantized type uses, and the scale and zero point that map a range onto them. The
// arithmetic and its precisions are those of ONNX Runtime's quantization tool, bit for bit.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include <octet/core/element.hpp>
#include <octet/core/error.hpp>
#include <octet/numeric/range.hpp>

namespace octet {

/// Whether a range is widened to [−a, a] before it is mapped.
enum class symmetry : std::uint8_t { asymmetric, symmetric };

/// real = scale · (integer − zero_point), for integers of `type`.
struct grid {
  float scale = 1;
  std::int32_t zero_point = 0;
  element type = element::u8;
  friend constexpr bool operator==(grid const&, grid const&) = default;
};

namespace numeric {

/// Integers low, …, high.
struct integers {
  std::int32_t low, high;
  friend constexpr bool operator==(integers const&, integers const&) = default;
};

/// Types that a grid can have: 4, 8 and 16 bits, signed or not.
constexpr bool has_grid(element e) {
  using enum element;
  return e == u4 || e == s4 || e == u8 || e == s8 || e == u16 || e == s16;
}

/// All integers of a type that has a grid.
constexpr integers all_of(element e) {
  std::int32_t const n = std::int32_t{1} << bits(e);
  return is_signed(e) ? integers{-n / 2, n / 2 - 1} : integers{0, n - 1};
}

/// The integers that a range is mapped onto. Reduced: half of them, so that sums of two products fit 16 bits;
/// symmetric: without the lowest of s8 and s16. Reduced wins.
constexpr integers used_of(element e, symmetry s, bool reduce_range) {
  integers const all = all_of(e);
  if (reduce_range) {
    std::int32_t const quarter = std::int32_t{1} << (bits(e) - 2);
    if (!is_signed(e)) return {0, 2 * quarter - 1};
    return {-quarter, e == element::s4 ? quarter - 1 : quarter};
  }
  if (s == symmetry::symmetric && (e == element::s8 || e == element::s16)) return {-all.high, all.high};
  return all;
}

}  // namespace numeric

namespace detail {
/// Throws when the ends of a range are no numbers that a scale could be made of.
inline void check_range(range r, element e) {
  if (!numeric::has_grid(e))
    raise(error_kind::unsupported, "no grid of type " + onnx_name(e) + " exists", "use a 4, 8 or 16 bit integer type");
  if (std::isnan(r.low) || std::isnan(r.high))
    raise(error_kind::invalid, "the range holds NaN", "look for NaN in the model or its data");
  if (std::isinf(r.low) || std::isinf(r.high))
    raise(error_kind::invalid, "the range is infinite", "look for infinities in the model or its data");
}

constexpr std::int32_t middle(numeric::integers q) {  // half to even
  std::int32_t const sum = q.low + q.high, half = (sum - (sum & 1)) / 2;
  return sum & 1 ? half + (half & 1) : half;
}
}  // namespace detail

namespace numeric {

/// The grid on which `r` and zero are represented; zero is exact. A range without width gives scale 1, zero point 0.
/// `min_real_range` is the least width that the range is given. Throws `invalid` for NaN and infinities.
inline grid choose(range r, element e, symmetry s = symmetry::asymmetric, bool reduce_range = false,
                   double min_real_range = 0) {
  if (!std::isnan(r.low) && !std::isnan(r.high)) r = including_zero(r);
  if (float const wide = r.low + static_cast<float>(min_real_range); wide > r.high) r.high = wide;
  octet::detail::check_range(r, e);
  if (s == symmetry::symmetric) {
    float const most = r.high > -r.low ? r.high : -r.low;
    r = {-most, most};
  }
  integers const q = used_of(e, s, reduce_range);
  double const scale = (double{r.high} - double{r.low}) / (double(q.high) - double(q.low));
  if (scale < double{std::numeric_limits<float>::min()}) return {1, 0, e};
  double const zero =
      s == symmetry::symmetric ? octet::detail::middle(q) : std::nearbyint(q.low - double{r.low} / scale);
  return {static_cast<float>(scale), static_cast<std::int32_t>(zero), e};
}

/// The same with the type known at compile time.
template <element E>
  requires(has_grid(E))
grid choose(range r, symmetry s = symmetry::asymmetric, bool reduce_range = false) {
  return choose(r, E, s, reduce_range);
}

/// u8 with zero point 0 (nothing negative) or 128, as hardware wants it that knows no other zero points.
inline grid choose_restricted(range r, double min_real_range = 0) {
  octet::detail::check_range(r.empty() && !std::isnan(r.low) && !std::isnan(r.high) ? range{0, 0} : r, element::u8);
  double const low = r.low < 0 ? r.low : 0.0;
  double high = r.high > 0 ? r.high : 0.0;
  if (min_real_range > 0 && low + min_real_range > high) high = low + min_real_range;
  double const negative = -low / 128, positive = high / 127;
  double const wanted = high <= low ? 1.0 / 255 : low >= 0 ? high / 255 : negative > positive ? negative : positive;
  auto scale = static_cast<float>(wanted);
  if (scale < min_real_range / 255) scale = static_cast<float>(min_real_range / 255);
  return {scale, low < 0 ? 128 : 0, element::u8};
}

}  // namespace numeric
}  // namespace octet
