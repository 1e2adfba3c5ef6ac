// xsimd, and the few things that every kernel needs. Nothing here depends on the instruction set: what is not a
// template on it is always inlined, so that a unit built with other flags emits nothing that the linker could mix up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include <xsimd/config/xsimd_config.hpp>
#ifdef XSIMD_NO_SUPPORTED_ARCHITECTURE  // no vector unit that xsimd knows: its portable batches then
#undef XSIMD_NO_SUPPORTED_ARCHITECTURE
#undef XSIMD_WITH_EMULATED
#define XSIMD_WITH_EMULATED 1
#define XSIMD_DEFAULT_ARCH xsimd::emulated<128>
#endif
#include <xsimd/xsimd.hpp>

#include <octet/core/config.hpp>

namespace octet {

/// An instruction set that this translation unit was compiled for.
template <class Arch>
concept usable_arch = xsimd::has_simd_register<float, Arch>::value;

namespace kernels {

using u8 = std::uint8_t;
using s8 = std::int8_t;
using u16 = std::uint16_t;
using s16 = std::int16_t;
using s32 = std::int32_t;
using u32 = std::uint32_t;

template <class T>
OCTET_INLINE constexpr T round_up(T x, T to) {
  return (x + to - 1) / to * to;
}

template <class T>
OCTET_INLINE constexpr T least(T a, T b) {
  return b < a ? b : a;
}

/// Rows of the tallest tile. Sanitizers blow a tile of 14 rows up until compilers take minutes; results are the same.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr int most_rows = 8;
#elif defined(__has_feature)
inline constexpr int most_rows = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ? 8 : 14;
#else
inline constexpr int most_rows = 14;
#endif

/// int32 arithmetic modulo 2^32, as accumulators do it.
OCTET_INLINE constexpr s32 wrap(std::int64_t x) { return static_cast<s32>(static_cast<u32>(x)); }

/// Calls f(0), …, f(N − 1) with compile-time indices: arrays indexed by them stay in registers.
template <int N, class F>
OCTET_INLINE void unroll(F&& f) {
  [&]<int... I>(std::integer_sequence<int, I...>)
      OCTET_INLINE_LAMBDA { (f(std::integral_constant<int, I>{}), ...); }(std::make_integer_sequence<int, N>{});
}

}  // namespace kernels
}  // namespace octet
