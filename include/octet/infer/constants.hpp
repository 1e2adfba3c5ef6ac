// Small constants read as numbers, whatever their element type: axes, shapes, scales, epsilons.
#pragma once

#include <cmath>
#include <cstring>
#include <optional>
#include <vector>

#include <octet/core/tensor.hpp>

namespace octet {

namespace detail {
template <class T, class R>
void append_numbers(tensor const& t, std::vector<R>& into) {
  auto const bytes = t.bytes();
  for (std::size_t i = 0; i + sizeof(T) <= bytes.size(); i += sizeof(T)) {
    T x;
    std::memcpy(&x, bytes.data() + i, sizeof x);  // mapped files do not align
    into.push_back(static_cast<R>(x));
  }
}

/// The value of a 16-bit float (5 bits of exponent), exactly.
inline double half_value(std::uint16_t h) {
  int const exponent = (h >> 10) & 31, fraction = h & 1023;
  double const sign = (h & 0x8000) != 0 ? -1 : 1;
  if (exponent == 31) return fraction == 0 ? sign * HUGE_VAL : std::nan("");
  return sign * (exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(fraction + 1024, exponent - 25));
}

/// The value of a bfloat16, exactly.
inline double bfloat_value(std::uint16_t h) {
  std::uint32_t const wide = std::uint32_t{h} << 16;
  float f;
  std::memcpy(&f, &wide, sizeof f);
  return f;
}
}  // namespace detail

/// The elements of an integer or boolean tensor of at most `limit` elements; nothing for other types.
inline std::optional<std::vector<std::int64_t>> to_integers(tensor const& t, std::int64_t limit = 1024) {
  using enum element;
  if (t.size() > limit) return std::nullopt;
  std::vector<std::int64_t> v;
  switch (t.type()) {
    case s64:
      detail::append_numbers<std::int64_t>(t, v);
      break;
    case s32:
      detail::append_numbers<std::int32_t>(t, v);
      break;
    case s16:
      detail::append_numbers<std::int16_t>(t, v);
      break;
    case s8:
      detail::append_numbers<std::int8_t>(t, v);
      break;
    case u8:
    case boolean:
      detail::append_numbers<std::uint8_t>(t, v);
      break;
    case u16:
      detail::append_numbers<std::uint16_t>(t, v);
      break;
    case u32:
      detail::append_numbers<std::uint32_t>(t, v);
      break;
    default:
      return std::nullopt;
  }
  return v;
}

/// The elements of a numeric tensor of at most `limit` elements as doubles; nothing for other types.
inline std::optional<std::vector<double>> to_reals(tensor const& t, std::int64_t limit = 1024) {
  using enum element;
  if (t.size() > limit) return std::nullopt;
  std::vector<double> v;
  switch (t.type()) {
    case f32:
      detail::append_numbers<float>(t, v);
      return v;
    case f64:
      detail::append_numbers<double>(t, v);
      return v;
    case f16:
    case bf16: {
      std::vector<std::uint16_t> raw;
      detail::append_numbers<std::uint16_t>(t, raw);
      for (auto const h : raw) v.push_back(t.type() == f16 ? detail::half_value(h) : detail::bfloat_value(h));
      return v;
    }
    default:
      break;
  }
  auto const n = to_integers(t, limit);
  if (!n) return std::nullopt;
  return std::vector<double>(n->begin(), n->end());
}

/// The value of a tensor with exactly one element.
inline std::optional<double> to_real(tensor const& t) {
  if (t.size() != 1) return std::nullopt;
  auto const v = to_reals(t, 1);
  if (!v || v->size() != 1) return std::nullopt;
  return v->front();
}

}  // namespace octet
