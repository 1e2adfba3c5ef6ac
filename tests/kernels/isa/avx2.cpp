#include <doctest/doctest.h>

#include <kernels/isa/dot_cases.hpp>

TEST_CASE("AVX2, exact and saturating") {
#if defined(__AVX2__)
  using arch = xsimd::avx2;
  dot_cases::products<octet::kernels::dot4<arch>>(8);
  dot_cases::products<octet::kernels::dot4<arch, octet::kernels::saturating>>(7);
  static_assert(octet::kernels::dot4<arch, octet::kernels::saturating>::may_saturate);
  static_assert(!octet::kernels::dot4<arch>::may_saturate);
  dot_cases::narrowing<arch>();
#else
  MESSAGE("skipped: this unit was not compiled for it");
#endif
}
