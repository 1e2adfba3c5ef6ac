#include <doctest/doctest.h>

#include <kernels/isa/dot_cases.hpp>

TEST_CASE("NEON") {
#if defined(__aarch64__)
  dot_cases::products<octet::kernels::dot4<xsimd::neon64>>(8);
  dot_cases::narrowing<xsimd::neon64>();
#else
  MESSAGE("skipped: this unit was not compiled for it");
#endif
}
