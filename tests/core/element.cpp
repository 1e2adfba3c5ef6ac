#include <doctest/doctest.h>

#include <cstdint>

#include <octet/core/element.hpp>

using namespace octet;

TEST_CASE("the numbers are those of onnx.TensorProto.DataType") {  // onnx/onnx.proto
  CHECK(int(element::f32) == 1);
  CHECK(int(element::u8) == 2);
  CHECK(int(element::s8) == 3);
  CHECK(int(element::text) == 8);
  CHECK(int(element::boolean) == 9);
  CHECK(int(element::f16) == 10);
  CHECK(int(element::c128) == 15);
  CHECK(int(element::bf16) == 16);
  CHECK(int(element::f8e5m2fnuz) == 20);
  CHECK(int(element::u4) == 21);
  CHECK(int(element::s4) == 22);
  CHECK(int(element::s2) == 26);
}

TEST_CASE("float32 holds itself and the two half types") {
  for (int i = 0; i <= 26; ++i) CHECK(fits_f32(element{i}) == (i == 1 || i == 10 || i == 16));
}

TEST_CASE("widths and signs") {
  CHECK(bits(element::s2) == 2);
  CHECK(bits(element::u4) == 4);
  CHECK(bits(element::boolean) == 8);
  CHECK(bits(element::bf16) == 16);
  CHECK(bits(element::s32) == 32);
  CHECK(bits(element::f64) == 64);
  CHECK(bits(element::c128) == 128);
  CHECK(bits(element::text) == 0);
  CHECK(bits(element::undefined) == 0);
  CHECK(bits(element(99)) == 0);
  CHECK(is_signed(element::s4));
  CHECK_FALSE(is_signed(element::u16));
  CHECK_FALSE(is_signed(element::f32));
}

TEST_CASE("every name, and numbers that are none") {
  CHECK(onnx_name(element::f32) == "FLOAT");
  CHECK(onnx_name(element::u8) == "UINT8");
  CHECK(onnx_name(element::text) == "STRING");
  CHECK(onnx_name(element::bf16) == "BFLOAT16");
  CHECK(onnx_name(element::u4) == "UINT4");
  CHECK(onnx_name(element::s2) == "INT2");
  CHECK(onnx_name(element(27)) == "type 27");
  CHECK(onnx_name(element(-1)) == "type -1");
}

TEST_CASE("C++ types") {
  static_assert(element_of<float>() == element::f32);
  static_assert(element_of<std::uint8_t>() == element::u8);
  static_assert(element_of<std::int8_t>() == element::s8);
  static_assert(element_of<std::int64_t>() == element::s64);
  static_assert(element_of<bool>() == element::boolean);
  static_assert(element_of<char*>() == element::undefined);
  CHECK(bits(element_of<double>()) == 64);
}
