// Tensors between types: float16 and bfloat16 are stored, float32 is computed with, errors are summed in double.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include <octet/core/tensor.hpp>

namespace octet {

/// The value of an IEEE binary16.
constexpr float widen_f16(std::uint16_t h) {
  std::uint32_t const sign = std::uint32_t(h & 0x8000u) << 16, magnitude = h & 0x7fffu;
  if (magnitude >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u | ((magnitude & 0x3ffu) << 13));
  if (magnitude >= 0x0400u) return std::bit_cast<float>(sign | ((magnitude << 13) + 0x38000000u));
  float const tiny = static_cast<float>(magnitude) * 0x1p-24f;
  return sign != 0 ? -tiny : tiny;
}

/// The nearest binary16, half to even; too large becomes infinity.
constexpr std::uint16_t narrow_f16(float x) {
  std::uint32_t const bits = std::bit_cast<std::uint32_t>(x), magnitude = bits & 0x7fffffffu;
  auto const sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000u);
  if (magnitude > 0x7f800000u) return static_cast<std::uint16_t>(sign | 0x7e00u | (magnitude >> 13 & 0x3ffu));
  if (magnitude >= 0x477ff000u) return static_cast<std::uint16_t>(sign | 0x7c00u);
  if (magnitude < 0x38800000u) {  // adding 0.5 leaves the result's bits in the low end, rounded to even
    float const shifted = std::bit_cast<float>(magnitude) + 0.5f;
    return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3f000000u));
  }
  std::uint32_t const rounded = magnitude + 0xfffu + (magnitude >> 13 & 1u);
  return static_cast<std::uint16_t>(sign | ((rounded - 0x38000000u) >> 13));
}

constexpr float widen_bf16(std::uint16_t h) { return std::bit_cast<float>(std::uint32_t{h} << 16); }

/// The nearest bfloat16, half to even.
constexpr std::uint16_t narrow_bf16(float x) {
  std::uint32_t const bits = std::bit_cast<std::uint32_t>(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<std::uint16_t>(bits >> 16 | 0x40u);
  return static_cast<std::uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

namespace detail {
/// Double to float such that a further rounding to fewer bits gives what one rounding would have given.
inline float round_to_odd(double d) {
  float const f = static_cast<float>(d);
  if (double(f) == d || d != d) return f;
  std::uint32_t u = std::bit_cast<std::uint32_t>(f);
  bool const away = (double(f) > 0 ? double(f) : -double(f)) > (d > 0 ? d : -d);
  if ((u & 1u) == 0) u += away ? std::uint32_t(-1) : 1u;
  return std::bit_cast<float>(u);
}
}  // namespace detail

/// Hands the elements of a float tensor to f(first, std::span<float const>) as float32: all at once where they are that
/// and aligned, else in pieces that stay in the cache. Throws `unsupported` for other types.
template <class F>
void for_each_piece(tensor const& t, F f) {
  if (t.type() == element::f32 && t.aligned()) return f(std::size_t{0}, t.as<float>());
  if (!fits_f32(t.type()))
    throw error{error_kind::unsupported, "a float tensor is needed, this one is " + onnx_name(t.type())};
  constexpr std::size_t most = 4096;
  alignas(64) float piece[most];
  auto const size = static_cast<std::size_t>(t.size());
  for (std::size_t first = 0; first < size; first += most) {
    auto const n = size - first < most ? size - first : most;
    if (t.type() == element::f32) {
      std::memcpy(piece, t.bytes().data() + 4 * first, 4 * n);
    } else {
      std::uint16_t narrow[most];
      std::memcpy(narrow, t.bytes().data() + 2 * first, 2 * n);
      bool const brain = t.type() == element::bf16;
      for (std::size_t i = 0; i < n; ++i) piece[i] = brain ? widen_bf16(narrow[i]) : widen_f16(narrow[i]);
    }
    f(first, std::span<float const>{piece, n});
  }
}

/// A float tensor as float32, aligned; the tensor itself where it is that already. Throws `unsupported` for other
/// types.
inline tensor to_f32(tensor const& t) {
  if (t.type() == element::f32 && t.aligned()) return t;
  tensor r{element::f32, t.dims()};
  auto const out = r.mutable_as<float>();
  for_each_piece(t, [&](std::size_t first, std::span<float const> x) {
    std::memcpy(out.data() + first, x.data(), x.size_bytes());
  });
  return r;
}

/// The numbers of a tensor as double; those of 64-bit integers rounded. Throws `unsupported` for text, complex numbers,
/// 8-bit floats and packed types.
inline std::vector<double> to_f64(tensor const& t) {
  std::vector<double> r;
  auto const take = [&]<class T>(T) {
    if (t.type() != element_of<T>()) return false;
    auto const aligned = t.align();
    auto const x = aligned.template as<T>();
    r.assign(x.begin(), x.end());
    return true;
  };
  auto const any_of = [&](auto... types) { return (take(types) || ...); };
  if (!any_of(double{}, std::int64_t{}, std::uint64_t{}, std::int32_t{}, std::uint32_t{}, std::int16_t{},
              std::uint16_t{}, std::int8_t{}, std::uint8_t{}, bool{})) {
    auto const wide = to_f32(t);
    auto const x = wide.as<float>();
    r.assign(x.begin(), x.end());
  }
  return r;
}

/// A float32 tensor as `type` (f32, f16 or bf16), rounded to nearest.
inline tensor from_f32(tensor const& t, element type) {
  if (type == element::f32) return t;
  if (type != element::f16 && type != element::bf16)
    throw error{error_kind::unsupported, "float values are not stored as " + onnx_name(type)};
  tensor r{type, t.dims()};
  auto const in = t.as<float>();
  auto const out = r.mutable_as<std::uint16_t>();
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = type == element::bf16 ? narrow_bf16(in[i]) : narrow_f16(in[i]);
  return r;
}

}  // namespace octet
