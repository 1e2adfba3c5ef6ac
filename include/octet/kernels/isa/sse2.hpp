// SSE2 … SSE4.2: even and odd bytes through pmaddwd. 16 registers: a 4 × 2 tile.
#pragma once

#include <octet/kernels/isa/dot4.hpp>

#ifdef __SSE2__
#include <emmintrin.h>

namespace octet::kernels {

template <class Arch>
concept sse2_like = std::is_base_of_v<xsimd::sse2, Arch> && !std::is_base_of_v<xsimd::avx, Arch>;

template <sse2_like Arch>
struct dot4<Arch, exact> {
  using arch = Arch;
  using acc = xsimd::batch<s32, Arch>;
  struct pair {
    __m128i even, odd;
  };
  using left_type = pair;
  using right_type = pair;
  static constexpr bool may_saturate = false;
  static constexpr int rows = 4, vectors = 2, step = 4, operations = 4;

  static OCTET_INLINE acc broadcast(void const* p) {
    s32 x;
    std::memcpy(&x, p, 4);
    return _mm_set1_epi32(x);
  }
  static OCTET_INLINE pair left(acc a) { return {_mm_and_si128(a, _mm_set1_epi16(255)), _mm_srli_epi16(a, 8)}; }
  static OCTET_INLINE pair right(void const* p) {
    __m128i const b = _mm_load_si128(static_cast<__m128i const*>(p));
    return {_mm_srai_epi16(_mm_slli_epi16(b, 8), 8), _mm_srai_epi16(b, 8)};
  }
  static OCTET_INLINE acc dot(acc c, pair a, pair b) {
    return _mm_add_epi32(c, _mm_add_epi32(_mm_madd_epi16(a.even, b.even), _mm_madd_epi16(a.odd, b.odd)));
  }
};

template <sse2_like Arch>
struct narrow<Arch> {
  using ints = xsimd::batch<s32, Arch>;
  static constexpr int lanes = 4;

  template <class T, bool InLanes = false>
  static OCTET_INLINE void store4(T* to, ints const (&x)[4]) {
    if constexpr (sizeof(T) == 2) {
      store2(to, x[0], x[1]);
      store2(to + 8, x[2], x[3]);
    } else {
      __m128i const lo = _mm_packs_epi32(x[0], x[1]), hi = _mm_packs_epi32(x[2], x[3]);
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to),
                       std::is_signed_v<T> ? _mm_packs_epi16(lo, hi) : _mm_packus_epi16(lo, hi));
    }
  }
  template <class T>
  static OCTET_INLINE ints widen(T const* from) {
    if constexpr (sizeof(T) == 2) {
      __m128i const x = _mm_loadl_epi64(reinterpret_cast<__m128i const*>(from)), twice = _mm_unpacklo_epi16(x, x);
      return std::is_signed_v<T> ? _mm_srai_epi32(twice, 16) : _mm_srli_epi32(twice, 16);
    } else {
      s32 bytes;
      std::memcpy(&bytes, from, 4);
      __m128i x = _mm_cvtsi32_si128(bytes);
      x = _mm_unpacklo_epi8(x, x);
      x = _mm_unpacklo_epi16(x, x);
      return std::is_signed_v<T> ? _mm_srai_epi32(x, 24) : _mm_srli_epi32(x, 24);
    }
  }

 private:
  template <class T>
  static OCTET_INLINE void store2(T* to, __m128i a, __m128i b) {
    if constexpr (std::is_signed_v<T>) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_packs_epi32(a, b));
    } else {  // packusdw is SSE4.1: pack what was moved by 2^15, and move it back
      __m128i const half = _mm_set1_epi32(32768);
      __m128i const q = _mm_packs_epi32(_mm_sub_epi32(a, half), _mm_sub_epi32(b, half));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_xor_si128(q, _mm_set1_epi16(-32768)));
    }
  }
};

}  // namespace octet::kernels
#endif
