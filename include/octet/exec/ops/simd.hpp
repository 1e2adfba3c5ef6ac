// xsimd's batches of floats applied along a row; a tail goes through the same instructions as the rest, so that a
// value's result does not depend on where it stands.
#pragma once

#include <cstddef>
#include <cstdint>

#include <octet/kernels/arch.hpp>
#include <octet/kernels/part.hpp>

namespace octet::detail {

using floats = xsimd::batch<float>;
inline constexpr std::int64_t float_lanes = std::int64_t(floats::size);

/// The first n < float_lanes floats at p, `rest` behind them.
OCTET_INLINE floats load_part(float const* p, std::int64_t n, float rest = 0) {
  float some[floats::size];
  floats(rest).store_unaligned(some);
  kernels::copy_part<sizeof some>(some, p, n * std::ptrdiff_t{sizeof(float)});
  return floats::load_unaligned(some);
}
OCTET_INLINE void store_part(floats v, float* p, std::int64_t n) {
  float some[floats::size];
  v.store_unaligned(some);
  kernels::copy_part<sizeof some>(p, some, n * std::ptrdiff_t{sizeof(float)});
}

/// y[i] = f(x[i]); x and y may be the same.
template <class F>
OCTET_INLINE void map_floats(float const* x, float* y, std::int64_t n, F const& f) {
  std::int64_t i = 0;
  for (; i + float_lanes <= n; i += float_lanes) f(floats::load_unaligned(x + i)).store_unaligned(y + i);
  if (i < n) store_part(f(load_part(x + i, n - i)), y + i, n - i);
}

/// z[i] = f(x[i], y[i]), where a `single` operand has one value for all i; z may be x or y.
template <class F>
OCTET_INLINE void map_floats(float const* x, bool x_single, float const* y, bool y_single, float* z, std::int64_t n,
                             F const& f) {
  auto const run = [&](auto at_x, auto at_y) {
    std::int64_t i = 0;
    for (; i + float_lanes <= n; i += float_lanes) f(at_x(i, float_lanes), at_y(i, float_lanes)).store_unaligned(z + i);
    if (i < n) store_part(f(at_x(i, n - i), at_y(i, n - i)), z + i, n - i);
  };
  auto const from = [](float const* p) {
    return [p](std::int64_t i, std::int64_t m) {
      return m == float_lanes ? floats::load_unaligned(p + i) : load_part(p + i, m, 1);
    };
  };
  auto const constant = [](float v) { return [v = floats(v)](std::int64_t, std::int64_t) { return v; }; };
  if (x_single && n > 1) run(constant(*x), from(y));
  else if (y_single && n > 1) run(from(x), constant(*y));
  else run(from(x), from(y));
}

}  // namespace octet::detail
