// VNNI: vpdpbusd is the contract in one instruction. 512 bits: a 14 × 2 tile (28 + 2 + 1 registers); 256 bits
// (AVX-VNNI, or AVX-512VL's encoding of the same): 6 × 2 (12 + 2 + 1).
#pragma once

#include <octet/kernels/isa/avx2.hpp>
#include <octet/kernels/isa/avx512.hpp>

namespace octet::kernels {

#if defined(__AVX512VNNI__) && defined(__AVX512BW__)
template <class Arch>  // neither of the two derives from the other
concept vnni512_like = std::is_base_of_v<xsimd::avx512vnni<xsimd::avx512bw>, Arch> ||
                       std::is_base_of_v<xsimd::avx512vnni<xsimd::avx512vbmi>, Arch>;

template <class Arch>
  requires(avx512_like<Arch> && vnni512_like<Arch>)
struct dot4<Arch, exact> {
  using arch = Arch;
  using acc = xsimd::batch<s32, Arch>;
  using left_type = __m512i;
  using right_type = __m512i;
  static constexpr bool may_saturate = false;
  static constexpr int rows = least(14, most_rows), vectors = 2, step = 4, operations = 1;

  static OCTET_INLINE acc broadcast(void const* p) {
    s32 x;
    std::memcpy(&x, p, 4);
    return _mm512_set1_epi32(x);
  }
  static OCTET_INLINE __m512i left(acc a) { return a; }
  static OCTET_INLINE __m512i right(void const* p) { return _mm512_load_si512(p); }
  static OCTET_INLINE acc dot(acc c, __m512i a, __m512i b) { return _mm512_dpbusd_epi32(c, a, b); }
};
#endif

#if defined(__AVXVNNI__) || (defined(__AVX512VNNI__) && defined(__AVX512VL__))
struct vnni256 {};  ///< a mode of its own, so that the 256-bit tile can be tested on machines with AVX-512VL

template <avx2_like Arch>
struct dot4<Arch, vnni256> {
  using arch = Arch;
  using acc = xsimd::batch<s32, Arch>;
  using left_type = __m256i;
  using right_type = __m256i;
  static constexpr bool may_saturate = false;
  static constexpr int rows = 6, vectors = 2, step = 4, operations = 1;

  static OCTET_INLINE acc broadcast(void const* p) {
    s32 x;
    std::memcpy(&x, p, 4);
    return _mm256_set1_epi32(x);
  }
  static OCTET_INLINE __m256i left(acc a) { return a; }
  static OCTET_INLINE __m256i right(void const* p) { return _mm256_load_si256(static_cast<__m256i const*>(p)); }
  static OCTET_INLINE acc dot(acc c, __m256i a, __m256i b) {
#ifdef __AVXVNNI__
    return _mm256_dpbusd_avx_epi32(__m256i(c), a, b);
#else
    return _mm256_dpbusd_epi32(__m256i(c), a, b);  // a macro in g++ 12, hence the conversion
#endif
  }
};
#endif

#ifdef __AVXVNNI__
template <>
struct dot4<xsimd::avxvnni, exact> : dot4<xsimd::avxvnni, vnni256> {};
#endif

}  // namespace octet::kernels
