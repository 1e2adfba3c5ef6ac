#include <doctest/doctest.h>

#include <kernels/isa/dot_cases.hpp>

TEST_CASE("AVX-512BW, exact and saturating") {
#if defined(__AVX512BW__)
  using arch = xsimd::avx512bw;
  dot_cases::products<octet::kernels::dot4<arch>>(8);
  dot_cases::products<octet::kernels::dot4<arch, octet::kernels::saturating>>(7);
  dot_cases::narrowing<arch>();
#else
  MESSAGE("skipped: this unit was not compiled for it");
#endif
}
