// AVX-512BW without VNNI: the AVX2 sequences, twice as wide, in 32 registers.
#pragma once

#include <octet/kernels/isa/dot4.hpp>

#ifdef __AVX512BW__
#include <immintrin.h>

namespace octet::kernels {

template <class Arch>
concept avx512_like = std::is_base_of_v<xsimd::avx512bw, Arch>;

template <avx512_like Arch>
struct dot4<Arch, saturating> {
  using arch = Arch;
  using acc = xsimd::batch<s32, Arch>;
  using left_type = __m512i;
  using right_type = __m512i;
  static constexpr bool may_saturate = true;
  static constexpr int rows = least(12, most_rows), vectors = 2, step = 4, operations = 3;

  static OCTET_INLINE acc broadcast(void const* p) {
    s32 x;
    std::memcpy(&x, p, 4);
    return _mm512_set1_epi32(x);
  }
  static OCTET_INLINE __m512i left(acc a) { return a; }
  static OCTET_INLINE __m512i right(void const* p) { return _mm512_load_si512(p); }
  static OCTET_INLINE acc dot(acc c, __m512i a, __m512i b) {
    return _mm512_add_epi32(c, _mm512_madd_epi16(_mm512_maddubs_epi16(a, b), _mm512_set1_epi16(1)));
  }
};

template <avx512_like Arch>
struct dot4<Arch, exact> {
  using arch = Arch;
  using acc = xsimd::batch<s32, Arch>;
  struct pair {
    __m512i even, odd;
  };
  using left_type = pair;
  using right_type = pair;
  static constexpr bool may_saturate = false;
  static constexpr int rows = least(10, most_rows), vectors = 2, step = 4, operations = 4;

  static OCTET_INLINE acc broadcast(void const* p) {
    s32 x;
    std::memcpy(&x, p, 4);
    return _mm512_set1_epi32(x);
  }
  static OCTET_INLINE pair left(acc a) {
    return {_mm512_and_si512(a, _mm512_set1_epi16(255)), _mm512_srli_epi16(a, 8)};
  }
  static OCTET_INLINE pair right(void const* p) {
    __m512i const b = _mm512_load_si512(p);
    return {_mm512_srai_epi16(_mm512_slli_epi16(b, 8), 8), _mm512_srai_epi16(b, 8)};
  }
  static OCTET_INLINE acc dot(acc c, pair a, pair b) {
    return _mm512_add_epi32(c, _mm512_add_epi32(_mm512_madd_epi16(a.even, b.even), _mm512_madd_epi16(a.odd, b.odd)));
  }
};

template <avx512_like Arch>
struct narrow<Arch> {
  using ints = xsimd::batch<s32, Arch>;
  static constexpr int lanes = 16;

  template <class T, bool InLanes = false>
  static OCTET_INLINE void store4(T* to, ints const (&x)[4]) {
    if constexpr (sizeof(T) == 2) {
      auto const pair = [](__m512i a, __m512i b) OCTET_INLINE_LAMBDA {
        __m512i const q = std::is_signed_v<T> ? _mm512_packs_epi32(a, b) : _mm512_packus_epi32(a, b);
        return _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), q);
      };
      _mm512_storeu_si512(to, pair(x[0], x[1]));
      _mm512_storeu_si512(to + 32, pair(x[2], x[3]));
    } else {
      __m512i const lo = _mm512_packs_epi32(x[0], x[1]), hi = _mm512_packs_epi32(x[2], x[3]);
      __m512i const q = std::is_signed_v<T> ? _mm512_packs_epi16(lo, hi) : _mm512_packus_epi16(lo, hi);
      if constexpr (InLanes) return _mm512_storeu_si512(to, q);
      __m512i const order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
      _mm512_storeu_si512(to, _mm512_permutexvar_epi32(order, q));
    }
  }
  template <class T>
  static OCTET_INLINE ints widen(T const* from) {
    if constexpr (sizeof(T) == 2) {
      __m256i const x = _mm256_loadu_si256(reinterpret_cast<__m256i const*>(from));
      return std::is_signed_v<T> ? _mm512_cvtepi16_epi32(x) : _mm512_cvtepu16_epi32(x);
    } else {
      __m128i const x = _mm_loadu_si128(reinterpret_cast<__m128i const*>(from));
      return std::is_signed_v<T> ? _mm512_cvtepi8_epi32(x) : _mm512_cvtepu8_epi32(x);
    }
  }
};

}  // namespace octet::kernels
#endif
