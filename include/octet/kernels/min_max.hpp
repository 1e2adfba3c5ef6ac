// Least and greatest element: of everything, of each column. NaN is ignored; a range never ends in −0.
#pragma once

#include <cstddef>
#include <limits>
#include <span>

#include <octet/core/matrix.hpp>
#include <octet/kernels/isa/all.hpp>
#include <octet/numeric/range.hpp>

namespace octet {

namespace detail {
template <class Arch>
struct extremes {
  using floats = xsimd::batch<float, Arch>;
  static constexpr int lanes = static_cast<int>(floats::size), ways = 4, block = lanes * ways;
  floats low[ways], high[ways];

  OCTET_INLINE extremes() {
    kernels::unroll<ways>([&](auto v) OCTET_INLINE_LAMBDA {
      low[v] = floats(std::numeric_limits<float>::infinity());
      high[v] = floats(-std::numeric_limits<float>::infinity());
    });
  }
  OCTET_INLINE void add(float const* x) {
    kernels::unroll<ways>([&](auto v) OCTET_INLINE_LAMBDA {
      floats const t = floats::load_unaligned(x + v * lanes);
      if constexpr (kernels::max_drops_nan<Arch>) {  // one instruction each
        low[v] = xsimd::min(t, low[v]);
        high[v] = xsimd::max(t, high[v]);
      } else {
        low[v] = xsimd::select(t < low[v], t, low[v]);
        high[v] = xsimd::select(t > high[v], t, high[v]);
      }
    });
  }
  OCTET_INLINE void store(float* l, float* h) const {
    kernels::unroll<ways>([&](auto v) OCTET_INLINE_LAMBDA {
      (low[v] + floats(0.f)).store_unaligned(l + v * lanes);
      (high[v] + floats(0.f)).store_unaligned(h + v * lanes);
    });
  }
};
}  // namespace detail

namespace kernels {

/// Least and greatest element of x; empty when there is none but NaN.
template <usable_arch Arch = xsimd::default_arch>
range min_max(std::span<float const> x) noexcept {
  using kernel = octet::detail::extremes<Arch>;
  kernel e;
  float const* p = x.data();
  auto n = static_cast<std::ptrdiff_t>(x.size());
  for (; n >= kernel::block; n -= kernel::block, p += kernel::block) e.add(p);
  alignas(64) float low[kernel::block], high[kernel::block];
  e.store(low, high);
  range r;
  for (int i = 0; i < kernel::block; ++i) {
    r.low = low[i] < r.low ? low[i] : r.low;
    r.high = high[i] > r.high ? high[i] : r.high;
  }
  for (; n > 0; --n, ++p) {
    r.low = *p < r.low ? *p + 0.f : r.low;
    r.high = *p > r.high ? *p + 0.f : r.high;
  }
  return r;
}

/// The range of each column: weights whose channels are the last axis.
template <usable_arch Arch = xsimd::default_arch>
void min_max_columns(matrix<float const> x, std::span<range> out) noexcept {
  OCTET_ASSERT(static_cast<std::ptrdiff_t>(out.size()) == x.columns);
  using kernel = octet::detail::extremes<Arch>;
  for (range& r : out) r = {};
  constexpr std::ptrdiff_t chunk = 32;  // rows whose pages are visited again soon
  for (std::ptrdiff_t i0 = 0; i0 < x.rows; i0 += chunk)
    for (std::ptrdiff_t j = 0; j < x.columns; j += kernel::block) {
      auto const n = static_cast<std::size_t>(least<std::ptrdiff_t>(x.columns - j, kernel::block));
      alignas(64) float in[kernel::block] = {}, low[kernel::block], high[kernel::block];
      kernel e;
      for (std::ptrdiff_t i = i0; i < least(i0 + chunk, x.rows); ++i) {
        if (n < kernel::block) std::memcpy(in, x.row(i) + j, n * sizeof(float));
        e.add(n < kernel::block ? in : x.row(i) + j);
      }
      e.store(low, high);
      for (std::size_t v = 0; v < n; ++v) {
        range& r = out[static_cast<std::size_t>(j) + v];
        r = merge(r, {low[v], high[v]});
      }
    }
}

/// False when x holds a NaN or an infinity.
template <usable_arch Arch = xsimd::default_arch>
bool all_finite(std::span<float const> x) noexcept {
  using floats = xsimd::batch<float, Arch>;
  constexpr auto lanes = static_cast<std::ptrdiff_t>(floats::size);
  floats sum(0.f);  // x · 0 is 0, or NaN where x is not finite
  float rest = 0;
  float const* p = x.data();
  auto n = static_cast<std::ptrdiff_t>(x.size());
  for (; n >= lanes; n -= lanes, p += lanes) sum = sum + floats::load_unaligned(p) * floats(0.f);
  for (; n > 0; --n, ++p) rest += *p * 0.f;
  rest += xsimd::reduce_add(sum);
  return rest == rest;
}

}  // namespace kernels
}  // namespace octet
