#include <kernels/gemm_cases.hpp>

using namespace gemm_cases;

TEST_CASE("reduced weights are exact where pairs saturate, and so are weights that break the promise") {
  SUBCASE("u8 × s8") { all<u8s8.reduced()>(7); }
  SUBCASE("u8 × u8") { all<u8u8.reduced()>(7); }
  SUBCASE("u8 × s8, not reduced in fact") { cases<u8s8.reduced(), kernels::exact>{}.run({9, 33, 300}, 8); }
  SUBCASE("u8 × u8, not reduced in fact") { cases<u8u8.reduced(), kernels::exact>{}.run({9, 33, 300}, 8); }
}

TEST_CASE("only weights within −64 … 64 as packed count as reduced") {
  std::vector<std::int8_t> const b{-64, 64, 65};
  constexpr bool gains = kernels::gains_by_reduction<u8s8.reduced(), xsimd::default_arch>;
  CHECK(kernels::pack<u8s8.reduced()>({b.data(), 2, 1}).reduced == gains);
  CHECK_FALSE(kernels::pack<u8s8.reduced()>({b.data(), 3, 1}).reduced);
  CHECK_FALSE(kernels::pack<u8s8>({b.data(), 2, 1}).reduced);
}
