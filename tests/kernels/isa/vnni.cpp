#include <doctest/doctest.h>

#include <kernels/isa/dot_cases.hpp>

TEST_CASE("VNNI of 512 and 256 bits") {
#if defined(__AVX512VNNI__) && defined(__AVX512VL__)
  dot_cases::products<octet::kernels::dot4<xsimd::avx512vnni<xsimd::avx512bw>>>(8);
  dot_cases::products<octet::kernels::dot4<xsimd::avx2, octet::kernels::vnni256>>(8);
  static_assert(octet::kernels::dot4<xsimd::avx512vnni<xsimd::avx512bw>>::operations == 1);
#else
  MESSAGE("skipped: this unit was not compiled for it");
#endif
}
