// Element types. The numbers are ONNX's TensorProto.DataType, so that a type octet does not know yet passes through.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace octet {

enum class element : std::int32_t {
  undefined = 0,
  f32 = 1,
  u8 = 2,
  s8 = 3,
  u16 = 4,
  s16 = 5,
  s32 = 6,
  s64 = 7,
  text = 8,
  boolean = 9,
  f16 = 10,
  f64 = 11,
  u32 = 12,
  u64 = 13,
  c64 = 14,
  c128 = 15,
  bf16 = 16,
  f8e4m3fn = 17,
  f8e4m3fnuz = 18,
  f8e5m2 = 19,
  f8e5m2fnuz = 20,
  u4 = 21,
  s4 = 22,
  f4e2m1 = 23,
  f8e8m0 = 24,
  u2 = 25,
  s2 = 26,
};

/// Bits of one element in a tensor's bytes; 0 for text, undefined and unknown types.
constexpr int bits(element e) {
  using enum element;
  switch (e) {
    case u2:
    case s2:
      return 2;
    case u4:
    case s4:
    case f4e2m1:
      return 4;
    case u8:
    case s8:
    case boolean:
    case f8e4m3fn:
    case f8e4m3fnuz:
    case f8e5m2:
    case f8e5m2fnuz:
    case f8e8m0:
      return 8;
    case u16:
    case s16:
    case f16:
    case bf16:
      return 16;
    case f32:
    case s32:
    case u32:
      return 32;
    case f64:
    case s64:
    case u64:
    case c64:
      return 64;
    case c128:
      return 128;
    case undefined:
    case text:
      break;
  }
  return 0;
}

constexpr bool is_signed(element e) {
  using enum element;
  return e == s8 || e == s16 || e == s32 || e == s64 || e == s4 || e == s2;
}

/// Float types whose values float32 holds: what is quantized.
constexpr bool fits_f32(element e) { return e == element::f32 || e == element::f16 || e == element::bf16; }

/// ONNX's own spelling: FLOAT, UINT8, …; "type 99" for a number that is not known.
inline std::string onnx_name(element e) {
  constexpr std::string_view names[] = {
      "UNDEFINED", "FLOAT",      "UINT8",      "INT8",         "UINT16",         "INT16",      "INT32",
      "INT64",     "STRING",     "BOOL",       "FLOAT16",      "DOUBLE",         "UINT32",     "UINT64",
      "COMPLEX64", "COMPLEX128", "BFLOAT16",   "FLOAT8E4M3FN", "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ",
      "UINT4",     "INT4",       "FLOAT4E2M1", "FLOAT8E8M0",   "UINT2",          "INT2"};
  auto const i = static_cast<std::int64_t>(e);
  if (i >= 0 && i < std::int64_t(std::size(names))) return std::string{names[i]};
  return "type " + std::to_string(i);
}

/// The element type that a C++ type stores. 16-bit floats and packed types have none: they are read as their bits.
template <class T>
constexpr element element_of() {
  using enum element;
  if constexpr (std::is_same_v<T, float>) return f32;
  else if constexpr (std::is_same_v<T, double>) return f64;
  else if constexpr (std::is_same_v<T, std::uint8_t>) return u8;
  else if constexpr (std::is_same_v<T, std::int8_t>) return s8;
  else if constexpr (std::is_same_v<T, std::uint16_t>) return u16;
  else if constexpr (std::is_same_v<T, std::int16_t>) return s16;
  else if constexpr (std::is_same_v<T, std::uint32_t>) return u32;
  else if constexpr (std::is_same_v<T, std::int32_t>) return s32;
  else if constexpr (std::is_same_v<T, std::uint64_t>) return u64;
  else if constexpr (std::is_same_v<T, std::int64_t>) return s64;
  else if constexpr (std::is_same_v<T, bool>) return boolean;
  else return undefined;
}

}  // namespace octet
