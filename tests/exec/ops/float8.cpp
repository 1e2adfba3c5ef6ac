#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <initializer_list>

#include <octet/exec/ops/float8.hpp>

using namespace octet;
using namespace octet::detail;

namespace {
constexpr element all[] = {element::f8e4m3fn, element::f8e4m3fnuz, element::f8e5m2, element::f8e5m2fnuz,
                           element::f4e2m1};
int codes(element e) { return 1 << small_float_of(e).width; }
}  // namespace

TEST_CASE("codes have the values of the ONNX specification") {
  struct {
    element type;
    int code;
    float value;
  } const known[] = {
      {element::f8e4m3fn, 0x7e, 448},
      {element::f8e4m3fn, 0x01, 0x1p-9f},
      {element::f8e4m3fn, 0x38, 1},
      {element::f8e4m3fnuz, 0x7f, 240},
      {element::f8e4m3fnuz, 0x01, 0x1p-10f},
      {element::f8e4m3fnuz, 0x40, 1},
      {element::f8e5m2, 0x7b, 57344},
      {element::f8e5m2, 0x01, 0x1p-16f},
      {element::f8e5m2, 0x3c, 1},
      {element::f8e5m2fnuz, 0x7f, 57344},
      {element::f8e5m2fnuz, 0x01, 0x1p-17f},
      {element::f4e2m1, 0x7, 6},
      {element::f4e2m1, 0x1, 0.5f},
      {element::f4e2m1, 0xa, -1},
      {element::f8e4m3fn, 0xc0, -2},
  };
  for (auto const& k : known) {
    CAPTURE(onnx_name(k.type));
    CHECK(decode_small(small_float_of(k.type), std::uint8_t(k.code)) == k.value);
  }
  CHECK(std::isnan(decode_small(small_float_of(element::f8e4m3fn), 0x7f)));
  CHECK(std::isnan(decode_small(small_float_of(element::f8e4m3fnuz), 0x80)));
  CHECK(std::isinf(decode_small(small_float_of(element::f8e5m2), 0x7c)));
  CHECK(std::isnan(decode_small(small_float_of(element::f8e5m2), 0x7d)));
}

TEST_CASE("every code is written back as itself, and between two neighbours the nearer one, then the even one, wins") {
  for (auto const e : all) {
    CAPTURE(onnx_name(e));
    auto const f = small_float_of(e);
    for (int c = 0; c < codes(e); ++c) {
      float const x = decode_small(f, std::uint8_t(c));
      if (!std::isnan(x)) CHECK(encode_small(f, x, false) == c);
    }
    for (int c = 0; c + 1 < codes(e) / 2; ++c) {
      float const low = decode_small(f, std::uint8_t(c)), high = decode_small(f, std::uint8_t(c + 1));
      if (std::isnan(high) || std::isinf(high)) break;
      float const middle = (low + high) / 2;
      CHECK(encode_small(f, middle, false) == (c % 2 == 0 ? c : c + 1));
      CHECK(encode_small(f, std::nextafter(middle, 1e30f), false) == c + 1);
      CHECK(encode_small(f, std::nextafter(middle, 0.0f), false) == c);
    }
  }
}

TEST_CASE("too large values saturate on request, else they become infinity or NaN") {
  for (auto const e : {element::f8e4m3fn, element::f8e4m3fnuz, element::f8e5m2, element::f8e5m2fnuz}) {
    CAPTURE(onnx_name(e));
    auto const f = small_float_of(e);
    for (float const x : {1e6f, -1e6f, INFINITY, -INFINITY}) {
      CHECK(decode_small(f, encode_small(f, x, true)) == std::copysign(float(f.largest), x));
      float const lost = decode_small(f, encode_small(f, x, false));
      CHECK((f.infinities ? std::isinf(lost) : std::isnan(lost)));
    }
    CHECK(std::isnan(decode_small(f, encode_small(f, NAN, true))));
  }
  CHECK(encode_small(small_float_of(element::f8e4m3fnuz), -0.0f, true) == 0);
  CHECK(encode_small(small_float_of(element::f8e4m3fn), -0.0f, true) == 0x80);
}

TEST_CASE("FLOAT8E8M0 keeps the exponent, rounded as asked") {
  CHECK(decode_power(127) == 1.0f);
  CHECK(std::isnan(decode_power(255)));
  CHECK(encode_power(1.0f, true, power_rounding::up) == 127);
  CHECK(encode_power(1.25f, true, power_rounding::up) == 128);
  CHECK(encode_power(1.25f, true, power_rounding::down) == 127);
  CHECK(encode_power(1.25f, true, power_rounding::nearest) == 127);
  CHECK(encode_power(1.75f, true, power_rounding::nearest) == 128);
  CHECK(encode_power(3e38f, true, power_rounding::up) == 254);
  CHECK(encode_power(3e38f, false, power_rounding::up) == 255);
  CHECK(encode_power(INFINITY, true, power_rounding::up) == 255);
}
