#include <kernels/gemm_cases.hpp>

using namespace gemm_cases;

TEST_CASE("the saturating mode computes what pmaddubsw does, and is exact in the reduced range") {
  using dot = kernels::dot4<xsimd::default_arch, kernels::saturating>;
  if constexpr (!dot::may_saturate) {
    MESSAGE("skipped: no instruction of this architecture saturates");
  } else {
    std::mt19937 random{9};
    for (auto d : {dims{1, 1, 1}, {5, 33, 7}, {13, 40, 64}, {3, 130, 1027}, {30, 16, 2}}) {
      auto const a = elements<std::uint8_t>(random, d.m * d.k);
      auto const b = elements<std::int8_t>(random, d.k * d.n);
      matrix<std::uint8_t const> const av{a.data(), d.m, d.k};
      matrix<std::int8_t const> const bv{b.data(), d.k, d.n};
      std::vector<std::int32_t> c(std::size_t(d.m * d.n));
      kernels::gemm<u8s8, kernels::saturating>(av, kernels::pack<u8s8>(bv), matrix<std::int32_t>{c.data(), d.m, d.n});
      CHECK(c == kernels::reference_saturating_gemm(av, bv));
    }
    all<u8s8, kernels::saturating>(7);
    all<s8s8, kernels::saturating>(7);
  }
}

TEST_CASE("the 256-bit VNNI tile equals the definition") {
#if defined(__AVX512VNNI__) && defined(__AVX512VL__)
  using arch = xsimd::fma3<xsimd::avx2>;
  std::mt19937 random{9};
  for (auto d : shapes()) {
    auto const a = elements<std::uint8_t>(random, d.m * d.k + 1);
    auto const b = elements<std::int8_t>(random, d.k * d.n + 1);
    matrix<std::uint8_t const> const av{a.data(), d.m, d.k};
    matrix<std::int8_t const> const bv{b.data(), d.k, d.n};
    std::vector<std::int32_t> c(std::size_t(d.m * d.n)), zeros(std::size_t(d.n), 3);
    kernels::gemm<u8s8, kernels::vnni256>(av, kernels::pack<u8s8, arch>(bv), matrix<std::int32_t>{c.data(), d.m, d.n},
                                          {.a_zero = 7, .b_zero = 3});
    CAPTURE(d.m);
    CAPTURE(d.n);
    CAPTURE(d.k);
    CHECK(c == kernels::reference_gemm(av, bv, 7, zeros.data(), nullptr));
  }
#else
  MESSAGE("skipped: this unit was not compiled for AVX-512 VNNI");
#endif
}
