#include <doctest/doctest.h>

#include <kernels/isa/dot_cases.hpp>

using namespace dot_cases;

TEST_CASE("four products a lane, whatever the architecture") {
  products<kernels::dot4<xsimd::default_arch>>(8);
  products<kernels::flipped<kernels::dot4<xsimd::default_arch>>>(8);
}

TEST_CASE("the mode that may saturate is exact in the reduced range") {
  products<kernels::dot4<xsimd::default_arch, kernels::saturating>>(7);
}

TEST_CASE("vectors of int32 become 8 and 16-bit elements, saturated, and come back") {
  narrowing<xsimd::default_arch>();
}

TEST_CASE("division is correctly rounded") {
  using floats = xsimd::batch<float, xsimd::default_arch>;
  std::mt19937 random{4};
  bool same = true;
  for (int i = 0; i < 20000; ++i) {
    float const a = std::normal_distribution<float>()(random), b = std::normal_distribution<float>()(random);
    same &=
        kernels::divide<xsimd::default_arch>(floats(a), floats(b)).get(0) == static_cast<float>(double{a} / double{b});
  }
  CHECK(same);
}
