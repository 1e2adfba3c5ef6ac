#include <doctest/doctest.h>

#include <kernels/isa/dot_cases.hpp>

TEST_CASE("SSE2") {
#if defined(__SSE2__)
  using arch = xsimd::sse2;
  dot_cases::products<octet::kernels::dot4<arch>>(8);
  dot_cases::narrowing<arch>();
#else
  MESSAGE("skipped: this unit was not compiled for it");
#endif
}
