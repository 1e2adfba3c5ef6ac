#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>

#include <octet/exec/ops/float16.hpp>

using namespace octet::detail;

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
    float const x = half_to_float(std::uint16_t(h));
    double const want = half_value(h);
    if (std::isnan(want)) {
      exact = exact && std::isnan(x);
      back = back && std::isnan(half_to_float(float_to_half(x)));
    } else {
      exact = exact && double(x) == want && std::signbit(x) == std::signbit(want);
      back = back && float_to_half(x) == h;
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
    down = down && float_to_half(middle) == (h % 2 == 0 ? h : h + 1);
    up = up && float_to_half(std::nextafter(middle, INFINITY)) == h + 1 &&
         float_to_half(std::nextafter(middle, 0.0f)) == h;
  }
  CHECK(down);
  CHECK(up);
  CHECK(float_to_half(65519.0f) == 0x7bff);
  CHECK(float_to_half(65520.0f) == 0x7c00);
  CHECK(float_to_half(-1e30f) == 0xfc00);
}

TEST_CASE("bfloat16 is the upper half of a float, rounded to nearest even") {
  CHECK(float_to_bfloat16(1.0f) == 0x3f80);
  CHECK(float_to_bfloat16(1.00390625f) == 0x3f80);  // 1 + 2⁻⁸, a tie
  CHECK(float_to_bfloat16(std::nextafter(1.00390625f, 2.0f)) == 0x3f81);
  CHECK(float_to_bfloat16(1.01171875f) == 0x3f82);  // 1 + 3·2⁻⁸, a tie
  CHECK(float_to_bfloat16(3.4e38f) == 0x7f80);
  CHECK(std::isnan(bfloat16_to_float(float_to_bfloat16(NAN))));
  CHECK(bfloat16_to_float(0xc000) == -2.0f);
}

TEST_CASE("a double rounded to odd rounds on as if it had been rounded once") {
  // just above the middle of 1 and 1 + 2⁻¹⁰: rounding to float first would make it a tie
  double const x = 1 + 0x1p-11 + 0x1p-40;
  CHECK(float_to_half(float(x)) == 0x3c00);
  CHECK(float_to_half(round_to_odd(x)) == 0x3c01);
  CHECK(float_to_half(round_to_odd(-x)) == 0xbc01);
  CHECK(round_to_odd(0.5) == 0.5f);
  CHECK(round_to_odd(1e-60) > 0);
  CHECK(round_to_odd(-1e-60) < 0);
  CHECK(std::isinf(float_to_half(round_to_odd(1e300)) == 0x7c00 ? INFINITY : 0.0));
}
