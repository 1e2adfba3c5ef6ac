#include <octet/core/convert.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace octet;

TEST_CASE("every binary16 survives the way to float and back") {
  for (std::uint32_t h = 0; h < 0x10000; ++h) {
    auto const half = static_cast<std::uint16_t>(h);
    if ((h & 0x7fffu) > 0x7c00u) CHECK(std::isnan(widen_f16(half)));
    else CHECK(narrow_f16(widen_f16(half)) == half);
  }
}

TEST_CASE("rounding to binary16 is to nearest, ties to even, and too large is infinity") {
  CHECK(narrow_f16(1.f + 0x1p-11f) == 0x3c00);      // a tie: the even one
  CHECK(narrow_f16(1.f + 3 * 0x1p-11f) == 0x3c02);  // a tie: the even one above
  CHECK(narrow_f16(std::nextafter(1.f + 0x1p-11f, 2.f)) == 0x3c01);
  CHECK(narrow_f16(65519.f) == 0x7bff);
  CHECK(narrow_f16(65520.f) == 0x7c00);
  CHECK(narrow_f16(0x1p-25f) == 0x0000);  // half of the least subnormal
  CHECK(narrow_f16(-0x1.8p-24f) == 0x8002);
}

TEST_CASE("bfloat16 is the upper half of a float, rounded to even") {
  CHECK(widen_bf16(0x3f80) == 1.f);
  CHECK(narrow_bf16(1.f + 0x1p-8f) == 0x3f80);
  CHECK(narrow_bf16(1.f + 3 * 0x1p-8f) == 0x3f82);
  CHECK(std::isnan(widen_bf16(narrow_bf16(std::numeric_limits<float>::quiet_NaN()))));
}

TEST_CASE("tensors of 16-bit floats widen and narrow; other types are refused") {
  auto const t = tensor::of<float>({3}, {0.5f, -2.f, 65504.f});
  for (auto const type : {element::f16, element::f32}) {
    auto const back = to_f32(from_f32(t, type));
    for (std::size_t i = 0; i < 3; ++i) CHECK(back.as<float>()[i] == t.as<float>()[i]);
  }
  CHECK_THROWS_AS(to_f32(tensor::of<std::int32_t>({1}, {1})), error);
  CHECK_THROWS_AS(from_f32(t, element::u8), error);
}
