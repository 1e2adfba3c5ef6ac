#include <doctest/doctest.h>

#include <string>
#include <type_traits>

#include <octet/kernels/isa/all.hpp>

using namespace octet::kernels;

TEST_CASE("the default architecture takes the fastest path that this unit was compiled for") {
  using dot = dot4<xsimd::default_arch>;
  MESSAGE(xsimd::default_arch::name() << ": " << dot::operations << " operations for 4 products a lane");
#if (defined(__AVX512VNNI__) && defined(__AVX512BW__)) || defined(__AVXVNNI__)
  CHECK(dot::operations == 1);
#elif defined(__AVX2__) || defined(__SSE2__)
  CHECK(dot::operations == 4);
#elif defined(__ARM_FEATURE_MATMUL_INT8) || (defined(__aarch64__) && defined(__ARM_FEATURE_DOTPROD))
  CHECK(dot::operations == 1);
#elif defined(__aarch64__)
  CHECK(dot::operations == 6);
#else
  CHECK(dot::operations == 8);
#endif
  CHECK_FALSE(dot::may_saturate);
}
