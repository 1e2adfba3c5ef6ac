#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include <octet/kernels/reference.hpp>

using namespace octet;

TEST_CASE("the definitions, by hand") {
  grid const g{0.5f, 10, element::u8};
  CHECK(kernels::reference_quantize<std::uint8_t>(0.25f, g) == 10);  // 0.5 to even
  CHECK(kernels::reference_quantize<std::uint8_t>(0.75f, g) == 12);  // 1.5 to even
  CHECK(kernels::reference_quantize<std::uint8_t>(-100, g) == 0);
  CHECK(kernels::reference_quantize<std::uint8_t>(INFINITY, g) == 255);
  CHECK(kernels::reference_quantize<std::uint8_t>(NAN, g) == 0);
  CHECK(kernels::reference_quantize<std::int8_t>(NAN, {1, 0, element::s8}) == -128);
  CHECK(kernels::reference_quantize<std::int8_t>(9, {1, 0, element::s4}) == 7);
  CHECK(kernels::reference_dequantize<std::uint8_t>(8, g) == -1.f);
  CHECK(kernels::reference_requantize<std::int8_t>(5, 0.5f, 1, -128, 127) == 3);
  CHECK(kernels::reference_requantize<std::uint8_t>(1 << 30, 1.f, 3, 3, 250) == 250);
}

TEST_CASE("a product of two by two") {
  std::vector<std::uint8_t> const a{1, 2, 3, 4};
  std::vector<std::int8_t> const b{5, -6, 7, 8};
  std::vector<std::int32_t> const zeros{0, 1}, bias{100, 0};
  auto const c = kernels::reference_gemm<std::uint8_t, std::int8_t>({a.data(), 2, 2}, {b.data(), 2, 2}, 1, zeros.data(),
                                                                    bias.data());
  CHECK(c == std::vector<std::int32_t>{100 + 0 * 5 + 1 * 7, 0 * -7 + 1 * 7, 100 + 2 * 5 + 3 * 7, 2 * -7 + 3 * 7});
}

TEST_CASE("pairs saturate at 16 bits, and only pairs") {
  std::vector<std::uint8_t> const a{255, 255, 255, 255};
  std::vector<std::int8_t> const b{127, 127, 127, 127};
  auto const c = kernels::reference_saturating_gemm({a.data(), 1, 4}, {b.data(), 4, 1});
  CHECK(c[0] == 2 * 32767);
  std::vector<std::int8_t> const alternating{127, -127, 127, -127};
  CHECK(kernels::reference_saturating_gemm({a.data(), 1, 4}, {alternating.data(), 4, 1})[0] == 0);
}

TEST_CASE("float products are fused") {
  float const x = 1 + 0x1p-23f;
  std::vector<float> const a{x, 1}, b{x, -1};
  auto const c = kernels::reference_gemm_f32({a.data(), 1, 2}, {b.data(), 2, 1}, [](auto, auto) { return -1.f; });
  CHECK(c[0] == std::fma(x, x, -1.f) - 1);
}
