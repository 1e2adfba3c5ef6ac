// The contract of the integer dot product, and its definition for any architecture that xsimd knows.
//   acc[lane] += Σ_{t<4} a[t] · b[lane][t]        a: four u8, the same for all lanes; b: four s8 for each lane
// One packed layout (four k in a 32-bit lane) serves every instruction set. Other element types are mapped onto u8 · s8
// by moving values and zero point alike: see gemm.hpp.
#pragma once

#include <octet/kernels/arch.hpp>

namespace octet::kernels {

struct exact {};       ///< the result is the integer sum, modulo 2^32
struct saturating {};  ///< pairs may saturate at int16, as pmaddubsw does; exact when |b| ≤ 64 (reduced range)

/// rows × vectors accumulators live in registers; `step` is the number of k that lie in four bytes; `operations` is
/// what one dot costs.
template <class Arch, class Mode = exact>
struct dot4 {
  using arch = Arch;
  using acc = xsimd::batch<s32, Arch>;
  struct left_type {
    acc t[4];
  };
  struct right_type {
    acc t[4];
  };
  static constexpr bool may_saturate = false;
  static constexpr int rows = 2, vectors = 2, step = 4, operations = 8;

  static OCTET_INLINE acc broadcast(void const* p) {
    s32 x;
    std::memcpy(&x, p, 4);
    return acc(x);
  }
  static OCTET_INLINE left_type left(acc a) {
    return {{a & acc(255), (a >> 8) & acc(255), (a >> 16) & acc(255), (a >> 24) & acc(255)}};
  }
  static OCTET_INLINE right_type right(void const* p) {
    acc const b = acc::load_unaligned(static_cast<s32 const*>(p));
    return {{(b << 24) >> 24, (b << 16) >> 24, (b << 8) >> 24, b >> 24}};
  }
  static OCTET_INLINE acc dot(acc c, left_type const& a, right_type const& b) {
    unroll<4>([&](auto t) OCTET_INLINE_LAMBDA { c += a.t[t] * b.t[t]; });
    return c;
  }
};

/// A dot product in two parts: `dot` is `partial` less what `correction` gathers of the right operand alone, so that a
/// tile needs that once for all of its rows.
template <class Dot>
concept corrected_dot = requires(typename Dot::acc c, typename Dot::right_type b) { Dot::correction(c, b); };

/// A dot product that can read its left operand in 16 bits: k 0 and 2 of a step, then k 1 and 3, 8 bytes in all. A tile
/// of rows is widened once for all panels, where `left` takes the bytes apart at each.
template <class Dot>
concept widening_dot = requires(void const* p) { Dot::wide(p); };
/// The same product with the left operand in that form.
template <class Dot>
struct widened : Dot {};
template <class Dot>
inline constexpr bool is_widened = false;
template <class Dot>
inline constexpr bool is_widened<widened<Dot>> = true;

/// What the bytes of a left operand are xored with.
template <class Dot>
inline constexpr std::uint8_t flip_of = 0;
template <class Dot>
inline constexpr std::uint8_t flip_of<widened<Dot>> = flip_of<Dot>;

/// The same product for a signed left operand: a ^ 0x80 turns s8 into u8 (+128).
template <class Dot>
struct flipped : Dot {
  static OCTET_INLINE typename Dot::acc broadcast(void const* p) {
    return Dot::broadcast(p) ^ typename Dot::acc(static_cast<s32>(0x80808080u));
  }
};

template <class Dot>
inline constexpr std::uint8_t flip_of<flipped<Dot>> = 0x80;

/// float: a dot product of length one. Where there is FMA every architecture gives the same bits: one fused chain over
/// k.
template <class Arch>
struct fma1 {
  using arch = Arch;
  using acc = xsimd::batch<float, Arch>;
  using left_type = acc;
  using right_type = acc;
  static constexpr bool wide = sizeof(acc) == 64;
  static constexpr int rows = wide ? most_rows : 6, vectors = 2, step = 1;

  static OCTET_INLINE acc broadcast(void const* p) {
    float x;
    std::memcpy(&x, p, 4);
    return acc(x);
  }
  static OCTET_INLINE acc left(acc a) { return a; }
  static OCTET_INLINE acc right(void const* p) { return acc::load_aligned(static_cast<float const*>(p)); }
  static OCTET_INLINE acc dot(acc c, acc a, acc b) {
#if defined(__FMA__) && defined(__AVX__)  // xsimd's avx2 and avxvnni tags do not imply fma3: its fma() rounds twice
    if constexpr (std::is_base_of_v<xsimd::avx, Arch> && sizeof(acc) == 32) return _mm256_fmadd_ps(a, b, c);
#endif
    return xsimd::fma(a, b, c);
  }
};

/// Whether xsimd's min and max return their second operand where one is NaN, as minps and maxps do.
template <class Arch>
inline constexpr bool max_drops_nan = std::is_base_of_v<xsimd::sse2, Arch> || std::is_base_of_v<xsimd::avx, Arch> ||
                                      std::is_base_of_v<xsimd::avx512f, Arch>;

/// a / b, correctly rounded: xsimd's own division is a Newton iteration on ARM.
template <class Arch>
OCTET_INLINE xsimd::batch<float, Arch> divide(xsimd::batch<float, Arch> a, xsimd::batch<float, Arch> b) {
#ifdef __aarch64__
  if constexpr (std::is_base_of_v<xsimd::neon64, Arch>) return vdivq_f32(a, b);
#endif
  return a / b;
}

/// Between int32 vectors and 8 or 16-bit elements in memory, in order; each architecture refines it.
template <class Arch>
struct narrow {
  using ints = xsimd::batch<s32, Arch>;
  static constexpr int lanes = static_cast<int>(ints::size);

  /// Four vectors, saturated. `InLanes`: x[j] holds elements 4j to 4j + 3 of each 16 (only bytes, and where vectors
  /// have more than 128 bits; in others that is the order anyway).
  template <class T, bool InLanes = false>
  static OCTET_INLINE void store4(T* to, ints const (&x)[4]) {
    alignas(64) s32 t[4 * lanes];
    constexpr s32 lo = std::is_signed_v<T> ? -(1 << (8 * sizeof(T) - 1)) : 0, hi = lo + (1 << (8 * sizeof(T))) - 1;
    unroll<4>([&](auto i) OCTET_INLINE_LAMBDA { x[i].store_unaligned(t + i * lanes); });
    for (int i = 0; i < 4 * lanes; ++i) to[i] = static_cast<T>(t[i] < lo ? lo : t[i] > hi ? hi : t[i]);
  }
  /// One vector.
  template <class T>
  static OCTET_INLINE ints widen(T const* from) {
    alignas(64) s32 t[lanes];
    for (int i = 0; i < lanes; ++i) t[i] = from[i];
    return ints::load_unaligned(t);
  }
};

}  // namespace octet::kernels
