// float → 4, 8 and 16-bit integers: saturate(round_half_even(x / scale) + zero_point) with a true division, bit for
// bit, though it rarely divides. NaN gives the lowest integer, infinities saturate: the same on every architecture.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>

#include <octet/core/matrix.hpp>
#include <octet/core/serial.hpp>
#include <octet/kernels/isa/all.hpp>
#include <octet/numeric/grid.hpp>

namespace octet {

namespace kernels {
/// C++ types of quantized elements; 4-bit ones lie in bytes of their own until they are packed.
template <class T>
concept quantized_element =
    std::is_same_v<T, u8> || std::is_same_v<T, s8> || std::is_same_v<T, u16> || std::is_same_v<T, s16>;

/// Whether integers of type `e` are computed in elements of type T.
template <quantized_element T>
constexpr bool holds(element e) {
  return numeric::has_grid(e) && is_signed(e) == std::is_signed_v<T> && (bits(e) > 8) == (sizeof(T) == 2);
}
}  // namespace kernels

namespace detail {
template <class Arch, class T>
struct quantizer {
  using floats = xsimd::batch<float, Arch>;
  using ints = xsimd::batch<std::int32_t, Arch>;
  static constexpr int lanes = static_cast<int>(floats::size), block = 4 * lanes;
  static constexpr float magic = 0x1.8p23f;  // ulp 1: adding it rounds half to even, and the integer is in the low bits
  static constexpr float most = 0x1p20f;     // beyond it all saturates, and the conversion to int32 is in range

  floats scale, under, over, shift;
  ints zero, low, high;
  bool bracket;

  OCTET_INLINE explicit quantizer(grid g)
      : scale(g.scale),
        under(static_cast<float>((1 - 0x1p-21) / g.scale)),
        over(static_cast<float>((1 + 0x1p-21) / g.scale)),
        shift(magic + static_cast<float>(g.zero_point)),
        zero(g.zero_point),
        low(numeric::all_of(g.type).low),
        high(numeric::all_of(g.type).high),
        bracket(bits(g.type) == 8 && g.scale >= 0x1p-100f && g.scale <= 0x1p100f) {}

  static OCTET_INLINE ints rounded(floats t, ints z, ints lo, ints hi) {
    floats const capped = xsimd::select(t == t, xsimd::min(xsimd::max(t, floats(-most)), floats(most)), floats(-most));
    return xsimd::min(xsimd::max(xsimd::nearbyint_as_int(capped) + z, lo), hi);
  }
  OCTET_INLINE void divided(float const* x, T* y) const {
    ints q[4];
    kernels::unroll<4>([&](auto v) OCTET_INLINE_LAMBDA {
      q[v] = rounded(kernels::divide<Arch>(floats::load_unaligned(x + v * lanes), scale), zero, low, high);
    });
    kernels::narrow<Arch>::store4(y, q);
  }
  /// fl(x/s) lies strictly between x·under and x·over (relative 2^-21 against two roundings of 2^-24). If both round to
  /// one integer, so does the quotient; a tie never does, so an odd zero inside the rounding is harmless.
  OCTET_INLINE void bracketed(float const* x, T* y) const {
    ints q[4], doubt(0);
    kernels::unroll<4>([&](auto v) OCTET_INLINE_LAMBDA {
      floats const t = floats::load_unaligned(x + v * lanes);
      floats const a = kernels::fma1<Arch>::dot(shift, t, under), b = kernels::fma1<Arch>::dot(shift, t, over);
      doubt = doubt | (xsimd::bitwise_cast<std::int32_t>(a) ^ xsimd::bitwise_cast<std::int32_t>(b));
      // Bits of floats ≥ 0 order as integers: +inf saturates high; −inf and NaN become 0 and saturate low.
      q[v] = xsimd::bitwise_cast<std::int32_t>(not_negative(a)) - ints(0x4b400000);
    });
    kernels::narrow<Arch>::store4(y, q);
    if (__builtin_expect(xsimd::any(doubt != ints(0)), 0)) divided(x, y);
  }
  static OCTET_INLINE floats not_negative(floats a) {
    if constexpr (kernels::max_drops_nan<Arch>) return xsimd::max(a, floats(0.f));
    else return xsimd::select(a > floats(0.f), a, floats(0.f));
  }
};
}  // namespace detail

namespace kernels {

/// q[i] = x[i] on the grid g; g.type must be held by T.
template <usable_arch Arch = xsimd::default_arch, quantized_element T>
void quantize(std::span<float const> x, grid g, std::span<T> q) noexcept {
  OCTET_ASSERT(q.size() == x.size() && holds<T>(g.type));
  using kernel = octet::detail::quantizer<Arch, T>;
  kernel const f(g);
  float const* from = x.data();
  T* to = q.data();
  auto n = static_cast<std::ptrdiff_t>(x.size());
  if (f.bracket)
    for (; n >= kernel::block; n -= kernel::block, from += kernel::block, to += kernel::block) f.bracketed(from, to);
  else
    for (; n >= kernel::block; n -= kernel::block, from += kernel::block, to += kernel::block) f.divided(from, to);
  if (n <= 0) return;
  alignas(64) float in[kernel::block] = {};
  alignas(64) T out[kernel::block];
  std::memcpy(in, from, static_cast<std::size_t>(n) * sizeof(float));
  f.divided(in, out);
  std::memcpy(to, out, static_cast<std::size_t>(n) * sizeof(T));
}

/// The same on several threads.
template <usable_arch Arch = xsimd::default_arch, quantized_element T, parallel_executor Pool>
void quantize(std::span<float const> x, grid g, std::span<T> q, Pool& pool) {
  parallel_for(pool, static_cast<std::ptrdiff_t>(x.size()), 1 << 16, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    auto const at = static_cast<std::size_t>(begin), count = static_cast<std::size_t>(end - begin);
    quantize<Arch>(x.subspan(at, count), g, q.subspan(at, count));
  });
}

/// A grid for each column: weights whose channels are the last axis. All grids have one type, which T holds.
template <usable_arch Arch = xsimd::default_arch, quantized_element T>
void quantize_columns(matrix<float const> x, std::span<grid const> g, matrix<T> q) noexcept {
  OCTET_ASSERT(q.rows == x.rows && q.columns == x.columns && std::ptrdiff_t(g.size()) == x.columns);
  using kernel = octet::detail::quantizer<Arch, T>;
  using floats = typename kernel::floats;
  using ints = typename kernel::ints;
  if (g.empty()) return;
  OCTET_ASSERT(holds<T>(g[0].type));
  ints const low(numeric::all_of(g[0].type).low), high(numeric::all_of(g[0].type).high);
  constexpr std::ptrdiff_t chunk = 32;  // rows whose pages are visited again soon
  for (std::ptrdiff_t i0 = 0; i0 < x.rows; i0 += chunk)
    for (std::ptrdiff_t j = 0; j < x.columns; j += kernel::block) {
      auto const n = static_cast<std::size_t>(least<std::ptrdiff_t>(x.columns - j, kernel::block));
      alignas(64) float scales[kernel::block], in[kernel::block] = {};
      alignas(64) s32 zeros[kernel::block] = {};
      alignas(64) T out[kernel::block];
      for (int v = 0; v < kernel::block; ++v) scales[v] = 1;
      for (std::size_t v = 0; v < n; ++v) {
        scales[v] = g[std::size_t(j) + v].scale;
        zeros[v] = g[std::size_t(j) + v].zero_point;
      }
      bool const whole = n == kernel::block;
      for (std::ptrdiff_t i = i0; i < least(i0 + chunk, x.rows); ++i) {
        float const* const from = x.row(i) + j;
        if (!whole) std::memcpy(in, from, n * sizeof(float));
        float const* const p = whole ? from : in;
        ints y[4];
        unroll<4>([&](auto v) OCTET_INLINE_LAMBDA {
          constexpr int at = v * kernel::lanes;
          y[v] = kernel::rounded(divide<Arch>(floats::load_unaligned(p + at), floats::load_unaligned(scales + at)),
                                 ints::load_unaligned(zeros + at), low, high);
        });
        narrow<Arch>::store4(whole ? q.row(i) + j : out, y);
        if (!whole) std::memcpy(q.row(i) + j, out, n * sizeof(T));
      }
    }
}

}  // namespace kernels
}  // namespace octet
