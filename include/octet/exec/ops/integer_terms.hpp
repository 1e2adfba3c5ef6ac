// Scales and zero points of the integer operators, read and checked.
#pragma once

#include <cstdint>
#include <vector>

#include <octet/core/matrix.hpp>
#include <octet/exec/ops/quantization_grid.hpp>

namespace octet::detail {

inline matrix<std::uint8_t const> bytes_of(tensor const& t, std::int64_t rows, std::int64_t columns) {
  return {reinterpret_cast<std::uint8_t const*>(t.bytes().data()), rows, columns};
}

inline void expect_8_bit(op_label const& who, tensor const& t, char const* what) {
  if (t.type() != element::u8 && t.type() != element::s8)
    who.unsupported(std::string{what} + " of type " + onnx_name(t.type()) + " is not supported",
                    "it takes UINT8 and INT8");
}

/// Zero points of an 8-bit operand: one, or `n`; none count as one 0.
inline std::vector<std::int32_t> zero_points(op_label const& who, tensor const* t, element type, std::int64_t n,
                                             char const* what) {
  if (t == nullptr || !*t) return {0};
  if (t->type() != type)
    who.invalid(std::string{"the zero point of "} + what + " is " + onnx_name(t->type()) + ", not " + onnx_name(type));
  if (t->size() != 1 && t->size() != n)
    who.invalid(std::string{"the zero point of "} + what + " has shape " + t->dims().text());
  auto const z = all_integers(who, *t);
  return {z.begin(), z.end()};
}

/// Scales: one, or `n`.
inline std::vector<float> scales_of(op_label const& who, tensor const& t, std::int64_t n, char const* what) {
  if (t.size() != 1 && t.size() != n)
    who.invalid(std::string{"the scale of "} + what + " has shape " + t.dims().text());
  return all_floats(who, t);
}

template <class T>
bool all_equal(std::vector<T> const& v) {
  for (auto const& x : v)
    if (x != v[0]) return false;
  return true;
}

/// x_scale · w_scale[i] / y_scale, for each of n channels, in the order of ONNX Runtime.
inline std::vector<float> multipliers(float x_scale, std::vector<float> const& w_scales, float y_scale,
                                      std::int64_t n) {
  std::vector<float> r(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < r.size(); ++i) r[i] = x_scale * w_scales[w_scales.size() == 1 ? 0 : i] / y_scale;
  return r;
}

inline tensor const* input_of(call const& c, std::size_t i) { return c.has(i) ? &c.inputs[i] : nullptr; }

}  // namespace octet::detail
