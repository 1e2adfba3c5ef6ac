// What happens to a finished tile of accumulators: stored as they are, requantized, or turned into floats. An epilogue
// of your own has `direct = false`, the output `c`, and `apply`. A direct one may have `fetch`, which asks for what
// `finish` will read.
#pragma once

#include <cstddef>
#include <limits>
#include <span>

#include <octet/core/matrix.hpp>
#include <octet/kernels/isa/all.hpp>
#include <octet/kernels/part.hpp>

namespace octet {

namespace detail {
/// One value for all columns, or one for each.
template <class Arch>
struct by_column {
  using floats = xsimd::batch<float, Arch>;
  std::span<float const> values;

  OCTET_INLINE floats load(std::ptrdiff_t j) const {
    constexpr auto lanes = static_cast<std::ptrdiff_t>(floats::size);
    auto const n = static_cast<std::ptrdiff_t>(values.size());
    if (n == 1) return floats(values[0]);
    if (n - j >= lanes) return floats::load_unaligned(values.data() + j);
    alignas(64) float t[lanes] = {};
    if (n > j) kernels::copy_part<sizeof t>(t, values.data() + j, (n - j) * std::ptrdiff_t{sizeof(float)});
    return floats::load_unaligned(t);
  }
};

template <class T>
OCTET_INLINE void copy_rows(T const* from, std::ptrdiff_t from_stride, T* to, std::ptrdiff_t to_stride, int rows,
                            std::ptrdiff_t columns) {
  constexpr std::ptrdiff_t piece = 64 / sizeof(T);
  for (int i = 0; i < rows; ++i, from += from_stride, to += to_stride) {
    std::ptrdiff_t j = 0;
    for (; j + piece <= columns; j += piece) std::memcpy(to + j, from + j, 64);
    kernels::copy_part<64>(to + j, from + j, (columns - j) * std::ptrdiff_t{sizeof(T)});
  }
}
}  // namespace detail

namespace kernels {

/// Asks for the cache lines of n elements, to be read or (`Write`) written, while something else is computed. The
/// processor does not foresee tiles: without it, large results of short products waited for memory half of the time.
template <bool Write, class T>
OCTET_INLINE void fetch(T const* p, std::ptrdiff_t n) {
  constexpr std::ptrdiff_t line = 64 / sizeof(T);
  for (std::ptrdiff_t j = 0; j < n; j += line) __builtin_prefetch(p + j, Write);
}
template <bool Write, class T>
OCTET_INLINE void fetch_rows(T const* p, std::ptrdiff_t stride, int rows, std::ptrdiff_t columns) {
  for (int i = 0; i < rows; ++i, p += stride) fetch<Write>(p, columns);
}

/// Accumulators as they are. The micro-kernel stores whole tiles into c itself.
template <class T>
struct store {
  static constexpr bool direct = true;
  matrix<T> c;

  template <class Arch>
  OCTET_INLINE void finish(std::ptrdiff_t, int, std::ptrdiff_t, std::ptrdiff_t) const {}
};

/// A function of rows of finished floats, in place: an activation that is no clamp. Called many times with few values
/// at a time, from any thread; no call says which values they are.
struct row_function {
  void (*call)(void const* state, float* x, std::ptrdiff_t n) = nullptr;
  void const* state = nullptr;

  explicit operator bool() const { return call != nullptr; }
  /// Nothing when there is none.
  OCTET_INLINE void operator()(float* x, std::ptrdiff_t n) const {
    if (call != nullptr) call(state, x, n);
  }
};

/// Floats, clamped to [low, high] when all of k has been added, if that says anything (NaN stays NaN), then put through
/// `then`, if there is one.
struct store_clamped {
  static constexpr bool direct = true;
  matrix<float> c;
  float low, high;
  row_function then{};

  /// What the last slice of k starts from says how it is stored.
  template <class Start>
  OCTET_INLINE void limit(Start& s) const {
    constexpr float end = std::numeric_limits<float>::infinity();
    s.limited = low > -end || high < end, s.low = low, s.high = high;
  }
  template <class Arch>
  OCTET_INLINE void finish(std::ptrdiff_t i0, int rows, std::ptrdiff_t j0, std::ptrdiff_t columns) const {
    for (std::ptrdiff_t i = i0; then && i < i0 + rows; ++i) then(c.row(i) + j0, columns);
  }
};

/// y = saturate(round_even(acc · multiplier[j]) + zero), clamped to [low, high]: a fused Relu or Clip moves them.
template <class Q>
struct requantize {
  static constexpr bool direct = false;
  matrix<Q> c;
  std::span<float const> multipliers{};  ///< one, or one for each column
  s32 zero = 0;
  s32 low = std::numeric_limits<Q>::min(), high = std::numeric_limits<Q>::max();

  template <class Arch>
  OCTET_INLINE void apply(s32 const* from, std::ptrdiff_t stride, std::ptrdiff_t i0, int rows, std::ptrdiff_t j0,
                          std::ptrdiff_t columns) const {
    using floats = xsimd::batch<float, Arch>;
    constexpr auto lanes = static_cast<std::ptrdiff_t>(floats::size), block = 4 * lanes;
    octet::detail::by_column<Arch> const by{multipliers};
    for (std::ptrdiff_t j = 0; j < columns; j += block, from += block) {
      std::ptrdiff_t const n = least(columns - j, block);
      floats m[4];
      unroll<4>([&](auto v) OCTET_INLINE_LAMBDA { m[v] = by.load(j0 + j + v * lanes); });
      matrix<Q> const to{c.data + i0 * c.stride + j0 + j, rows, n, c.stride};
      int i = 0;  // few columns of several rows make a block as well
      for (; n <= lanes && i + 4 <= rows; i += 4) rows_of<Arch, 4>(from + i * stride, stride, m, to, i);
      for (; n <= 2 * lanes && i + 2 <= rows; i += 2) rows_of<Arch, 2>(from + i * stride, stride, m, to, i);
      for (; i < rows; ++i) rows_of<Arch, 1>(from + i * stride, stride, m, to, i);
    }
  }

 private:
  /// Some rows of `to`, 4 / Rows vectors each; beyond its columns anything readable is taken.
  template <class Arch, int Rows>
  OCTET_INLINE void rows_of(s32 const* from, std::ptrdiff_t stride, xsimd::batch<float, Arch> const (&m)[4],
                            matrix<Q> to, int row) const {
    using ints = xsimd::batch<s32, Arch>;
    using floats = xsimd::batch<float, Arch>;
    constexpr int vectors = 4 / Rows;
    constexpr auto lanes = static_cast<std::ptrdiff_t>(ints::size), block = 4 * lanes;
    floats const lo(static_cast<float>(low - zero)), hi(static_cast<float>(high - zero));  // before the conversion
    ints q[4];
    unroll<vectors>([&](auto v) OCTET_INLINE_LAMBDA {
      std::ptrdiff_t const at = v * lanes < to.columns ? v * lanes : 0;
      unroll<Rows>([&](auto r) OCTET_INLINE_LAMBDA {
        floats const y = xsimd::to_float(ints::load_unaligned(from + r * stride + at)) * m[v];
        q[r * vectors + v] = xsimd::nearbyint_as_int(xsimd::min(xsimd::max(y, lo), hi)) + ints(zero);
      });
    });
    Q* const y = to.data + row * to.stride;
    if (to.columns == block) return narrow<Arch>::store4(y, q);
    alignas(64) Q t[block];
    narrow<Arch>::store4(t, q);
    for (int r = 0; r < Rows; ++r)
      copy_part<sizeof t>(y + r * to.stride, t + r * vectors * lanes, to.columns * std::ptrdiff_t{sizeof(Q)});
  }
};

/// y = acc · scale[j] + bias[j], clamped to [low, high]: an integer product that feeds a float operator.
struct to_float {
  static constexpr bool direct = false;
  matrix<float> c;
  std::span<float const> scales{};  ///< one, or one for each column
  std::span<float const> bias{};    ///< none, one, or one for each column
  float low = -std::numeric_limits<float>::infinity(), high = std::numeric_limits<float>::infinity();

  template <class Arch>
  OCTET_INLINE void apply(s32 const* from, std::ptrdiff_t stride, std::ptrdiff_t i0, int rows, std::ptrdiff_t j0,
                          std::ptrdiff_t columns) const {
    using ints = xsimd::batch<s32, Arch>;
    using floats = xsimd::batch<float, Arch>;
    constexpr auto lanes = static_cast<std::ptrdiff_t>(ints::size);
    octet::detail::by_column<Arch> const scale{scales}, add{bias};
    floats const lo(low), hi(high);
    for (std::ptrdiff_t j = 0; j < columns; j += lanes) {
      floats const s = scale.load(j0 + j), b = bias.empty() ? floats(0.f) : add.load(j0 + j);
      for (int i = 0; i < rows; ++i) {
        floats y = xsimd::to_float(ints::load_unaligned(from + i * stride + j)) * s;
        if (!bias.empty()) y = y + b;
        y = xsimd::min(xsimd::max(y, lo), hi);
        float* const to = c.data + (i0 + i) * c.stride + j0 + j;
        if (columns - j >= lanes) {
          y.store_unaligned(to);
        } else {
          alignas(64) float t[lanes];
          y.store_unaligned(t);
          copy_part<sizeof t>(to, t, (columns - j) * std::ptrdiff_t{sizeof(float)});
        }
      }
    }
  }
};

}  // namespace kernels
}  // namespace octet
