// A table of 256 bytes, looked up a vector at a time where the instruction set can: any function of one 8-bit element.
#pragma once

#include <octet/kernels/isa/avx2.hpp>
#include <octet/kernels/isa/avx512.hpp>
#include <octet/kernels/isa/neon.hpp>

namespace octet::kernels {

/// `lanes` bytes at once: load the table once, then `of(x)` for vectors of `type`. Here: one byte.
template <class Arch>
struct bytes256 {
  static constexpr int lanes = 1;
  u8 const* table;

  OCTET_INLINE explicit bytes256(u8 const* t) : table{t} {}
  OCTET_INLINE void map(u8 const* x, u8* y) const { *y = table[*x]; }
};

#if defined(__AVX512VBMI__) && defined(__AVX512BW__)
template <class Arch>
concept vbmi_like = std::is_base_of_v<xsimd::avx512vbmi, Arch>;

/// Two permutations of 128 bytes each; the sign of x chooses between them.
template <vbmi_like Arch>
struct bytes256<Arch> {
  static constexpr int lanes = 64;
  __m512i table[4];

  OCTET_INLINE explicit bytes256(u8 const* t) {
    for (int i = 0; i < 4; ++i) table[i] = _mm512_loadu_si512(t + 64 * i);
  }
  OCTET_INLINE void map(u8 const* x, u8* y) const {
    __m512i const at = _mm512_loadu_si512(x), low = _mm512_permutex2var_epi8(table[0], at, table[1]);
    __m512i const high = _mm512_permutex2var_epi8(table[2], at, table[3]);
    _mm512_storeu_si512(y, _mm512_mask_blend_epi8(_mm512_movepi8_mask(at), low, high));
  }
};
#endif

#ifdef __AVX2__
template <class Arch>
concept shuffles_bytes = std::is_base_of_v<xsimd::avx2, Arch>
#ifdef __AVX512BW__
                         || (std::is_base_of_v<xsimd::avx512bw, Arch> && !std::is_base_of_v<xsimd::avx512vbmi, Arch>)
#endif
    ;

/// Sixteen shuffles of 16 bytes each. For the right one x differs from 16·i in its low half alone, and adding 0x70
/// leaves the top bit clear; for any other it sets it, at which pshufb gives 0.
template <shuffles_bytes Arch>
struct bytes256<Arch> {
  static constexpr int lanes = 32;
  u8 const* table;

  OCTET_INLINE explicit bytes256(u8 const* t) : table{t} {}
  OCTET_INLINE void map(u8 const* x, u8* y) const {
    __m256i const at = _mm256_loadu_si256(reinterpret_cast<__m256i const*>(x)), top = _mm256_set1_epi8(0x70);
    __m256i found = _mm256_setzero_si256();
    unroll<16>([&](auto i) OCTET_INLINE_LAMBDA {
      __m128i const some = _mm_loadu_si128(reinterpret_cast<__m128i const*>(table + 16 * i));
      __m256i const from = _mm256_adds_epu8(_mm256_xor_si256(at, _mm256_set1_epi8(static_cast<char>(16 * i))), top);
      found = _mm256_or_si256(found, _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(some), from));
    });
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(y), found);
  }
};
#endif

#ifdef __aarch64__
/// Four tables of 64 bytes; an index outside of one gives 0.
template <neon_like Arch>
struct bytes256<Arch> {
  static constexpr int lanes = 16;
  uint8x16x4_t table[4];

  OCTET_INLINE explicit bytes256(u8 const* t) {
    for (int i = 0; i < 4; ++i) table[i] = vld1q_u8_x4(t + 64 * i);
  }
  OCTET_INLINE void map(u8 const* x, u8* y) const {
    uint8x16_t const at = vld1q_u8(x);
    uint8x16_t found = vqtbl4q_u8(table[0], at);
    for (int i = 1; i < 4; ++i)
      found = vorrq_u8(found, vqtbl4q_u8(table[i], vsubq_u8(at, vdupq_n_u8(static_cast<u8>(64 * i)))));
    vst1q_u8(y, found);
  }
};
#endif

}  // namespace octet::kernels
