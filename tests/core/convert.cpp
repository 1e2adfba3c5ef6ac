#include <octet/core/convert.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

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

namespace {
/// The value of a half by its definition.
double half_value(unsigned h) {
  int const exponent = int(h >> 10 & 31), fraction = int(h & 1023);
  double const sign = (h & 0x8000) != 0 ? -1 : 1;
  if (exponent == 31) return fraction != 0 ? NAN : sign * INFINITY;
  return sign * (exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25));
}
}  // namespace

TEST_CASE("every half is read as its definition says and written back as itself") {
  bool exact = true, back = true;
  for (unsigned h = 0; h < 65536; ++h) {
    float const x = widen_f16(std::uint16_t(h));
    double const want = half_value(h);
    if (std::isnan(want)) {
      exact = exact && std::isnan(x);
      back = back && std::isnan(widen_f16(narrow_f16(x)));
    } else {
      exact = exact && double(x) == want && std::signbit(x) == std::signbit(want);
      back = back && narrow_f16(x) == h;
    }
  }
  CHECK(exact);
  CHECK(back);
}

TEST_CASE("halfway between two halves the even one wins, for every pair of neighbours") {
  bool down = true, up = true;
  for (unsigned h = 0; h < 0x7bff; ++h) {
    double const low = half_value(h), high = half_value(h + 1);
    float const middle = float((low + high) / 2);
    down = down && narrow_f16(middle) == (h % 2 == 0 ? h : h + 1);
    up = up && narrow_f16(std::nextafter(middle, INFINITY)) == h + 1 && narrow_f16(std::nextafter(middle, 0.0f)) == h;
  }
  CHECK(down);
  CHECK(up);
  CHECK(narrow_f16(65519.0f) == 0x7bff);
  CHECK(narrow_f16(65520.0f) == 0x7c00);
  CHECK(narrow_f16(-1e30f) == 0xfc00);
}

TEST_CASE("bfloat16 is the upper half of a float, rounded to nearest even") {
  CHECK(narrow_bf16(1.0f) == 0x3f80);
  CHECK(narrow_bf16(1.00390625f) == 0x3f80);  // 1 + 2⁻⁸, a tie
  CHECK(narrow_bf16(std::nextafter(1.00390625f, 2.0f)) == 0x3f81);
  CHECK(narrow_bf16(1.01171875f) == 0x3f82);  // 1 + 3·2⁻⁸, a tie
  CHECK(narrow_bf16(3.4e38f) == 0x7f80);
  CHECK(std::isnan(widen_bf16(narrow_bf16(NAN))));
  CHECK(widen_bf16(0xc000) == -2.0f);
}

TEST_CASE("a double rounded to odd rounds on as if it had been rounded once") {
  // just above the middle of 1 and 1 + 2⁻¹⁰: rounding to float first would make it a tie
  double const x = 1 + 0x1p-11 + 0x1p-40;
  CHECK(narrow_f16(float(x)) == 0x3c00);
  CHECK(narrow_f16(detail::round_to_odd(x)) == 0x3c01);
  CHECK(narrow_f16(detail::round_to_odd(-x)) == 0xbc01);
  CHECK(detail::round_to_odd(0.5) == 0.5f);
  CHECK(detail::round_to_odd(1e-60) > 0);
  CHECK(detail::round_to_odd(-1e-60) < 0);
  CHECK(std::isinf(narrow_f16(detail::round_to_odd(1e300)) == 0x7c00 ? INFINITY : 0.0));
}

TEST_CASE("pieces are all elements in order, in one piece where that costs nothing") {
  std::vector<float> values(10000);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = float(i % 2048);  // exact in binary16 and, below 256, bfloat16
  auto const t = tensor::of<float>({10000}, values);
  std::vector<std::byte> shifted(1 + 4 * values.size());
  std::memcpy(shifted.data() + 1, t.bytes().data(), 4 * values.size());
  tensor const crooked{element::f32, {10000}, std::span<std::byte const>{shifted}.subspan(1), nullptr};
  auto const check = [&](tensor const& x, bool whole) {
    std::vector<float> seen;
    std::size_t pieces = 0;
    for_each_piece(x, [&](std::size_t first, std::span<float const> piece) {
      CHECK(first == seen.size());
      seen.insert(seen.end(), piece.begin(), piece.end());
      ++pieces;
    });
    CHECK(seen == values);
    CHECK((pieces == 1) == whole);
    CHECK(std::ranges::equal(to_f32(x).as<float>(), values));
  };
  check(t, true);
  check(crooked, crooked.aligned());
  check(from_f32(t, element::f16), false);
  CHECK_THROWS_AS(for_each_piece(tensor::of<double>({1}, {1}), [](std::size_t, std::span<float const>) {}), error);
}

TEST_CASE("numbers of every type become doubles") {
  CHECK(to_f64(tensor::of<double>({2}, {1e300, -0.1})) == std::vector{1e300, -0.1});
  CHECK(to_f64(tensor::of<std::int64_t>({1}, {-(std::int64_t{1} << 52)})) == std::vector{-0x1p52});
  CHECK(to_f64(tensor::of<std::uint64_t>({1}, {std::uint64_t{1} << 63})) == std::vector{0x1p63});
  CHECK(to_f64(tensor::of<std::int8_t>({2}, {-128, 127})) == std::vector{-128.0, 127.0});
  CHECK(to_f64(tensor::of<std::uint8_t>({1}, {255})) == std::vector{255.0});
  CHECK(to_f64(from_f32(tensor::of<float>({1}, {1.5f}), element::f16)) == std::vector{1.5});
  CHECK_THROWS_AS(to_f64(tensor{{1}, {"a"}}), error);
}
