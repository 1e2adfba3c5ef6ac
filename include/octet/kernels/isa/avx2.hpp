// AVX2: pmaddubsw (saturating), or even and odd bytes through pmaddwd (exact). 16 registers: 5 × 2 and 4 × 2 tiles.
#pragma once

#include <octet/kernels/isa/dot4.hpp>

#ifdef __AVX2__
#include <immintrin.h>

namespace octet::kernels {

template <class Arch>
concept avx2_like = std::is_base_of_v<xsimd::avx2, Arch> && sizeof(xsimd::batch<s32, Arch>) == 32;

template <avx2_like Arch>
struct dot4<Arch, saturating> {
  using arch = Arch;
  using acc = xsimd::batch<s32, Arch>;
  using left_type = __m256i;
  using right_type = __m256i;
  static constexpr bool may_saturate = true;
  static constexpr int rows = 5, vectors = 2, step = 4, operations = 3;

  static OCTET_INLINE acc broadcast(void const* p) {
    s32 x;
    std::memcpy(&x, p, 4);
    return _mm256_set1_epi32(x);
  }
  static OCTET_INLINE __m256i left(acc a) { return a; }
  static OCTET_INLINE __m256i right(void const* p) { return _mm256_load_si256(static_cast<__m256i const*>(p)); }
  static OCTET_INLINE acc dot(acc c, __m256i a, __m256i b) {
    return _mm256_add_epi32(c, _mm256_madd_epi16(_mm256_maddubs_epi16(a, b), _mm256_set1_epi16(1)));
  }
};

template <avx2_like Arch>
struct dot4<Arch, exact> {
  using arch = Arch;
  using acc = xsimd::batch<s32, Arch>;
  struct pair {
    __m256i even, odd;
  };
  using left_type = pair;
  using right_type = pair;
  static constexpr bool may_saturate = false;
  static constexpr int rows = 4, vectors = 2, step = 4, operations = 4;

  static OCTET_INLINE acc broadcast(void const* p) {
    s32 x;
    std::memcpy(&x, p, 4);
    return _mm256_set1_epi32(x);
  }
  static OCTET_INLINE pair wide(void const* p) {
    return {broadcast(p), broadcast(static_cast<std::byte const*>(p) + 4)};
  }
  static OCTET_INLINE pair left(acc a) {
    return {_mm256_and_si256(a, _mm256_set1_epi16(255)), _mm256_srli_epi16(a, 8)};
  }
  static OCTET_INLINE pair right(void const* p) {
    __m256i const b = _mm256_load_si256(static_cast<__m256i const*>(p));
    return {_mm256_srai_epi16(_mm256_slli_epi16(b, 8), 8), _mm256_srai_epi16(b, 8)};
  }
  static OCTET_INLINE acc dot(acc c, pair a, pair b) {
    return _mm256_add_epi32(c, _mm256_add_epi32(_mm256_madd_epi16(a.even, b.even), _mm256_madd_epi16(a.odd, b.odd)));
  }
};

template <avx2_like Arch>
struct narrow<Arch> {
  using ints = xsimd::batch<s32, Arch>;
  static constexpr int lanes = 8;

  template <class T, bool InLanes = false>
  static OCTET_INLINE void store4(T* to, ints const (&x)[4]) {
    auto const put = [](T* p, __m256i q) OCTET_INLINE_LAMBDA { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), q); };
    if constexpr (sizeof(T) == 2) {
      auto const pair = [](__m256i a, __m256i b) OCTET_INLINE_LAMBDA {
        __m256i const q = std::is_signed_v<T> ? _mm256_packs_epi32(a, b) : _mm256_packus_epi32(a, b);
        return _mm256_permute4x64_epi64(q, 0xd8);
      };
      put(to, pair(x[0], x[1]));
      put(to + 16, pair(x[2], x[3]));
    } else {
      __m256i const lo = _mm256_packs_epi32(x[0], x[1]), hi = _mm256_packs_epi32(x[2], x[3]);
      __m256i const q = std::is_signed_v<T> ? _mm256_packs_epi16(lo, hi) : _mm256_packus_epi16(lo, hi);
      if constexpr (InLanes) return put(to, q);
      put(to, _mm256_permutevar8x32_epi32(q, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7)));
    }
  }
  template <class T>
  static OCTET_INLINE ints widen(T const* from) {
    auto const* const p = reinterpret_cast<__m128i const*>(from);
    if constexpr (sizeof(T) == 2) {
      __m128i const x = _mm_loadu_si128(p);
      return std::is_signed_v<T> ? _mm256_cvtepi16_epi32(x) : _mm256_cvtepu16_epi32(x);
    } else {
      __m128i const x = _mm_loadl_epi64(p);
      return std::is_signed_v<T> ? _mm256_cvtepi8_epi32(x) : _mm256_cvtepu8_epi32(x);
    }
  }
};

}  // namespace octet::kernels
#endif
