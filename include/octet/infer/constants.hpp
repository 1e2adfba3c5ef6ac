// Small constants read as numbers, whatever their element type: axes, shapes, scales, epsilons.
#pragma once

#include <cmath>
#include <cstring>
#include <optional>
#include <vector>

#include <octet/core/convert.hpp>
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
      for (auto const h : raw) v.push_back(t.type() == f16 ? widen_f16(h) : widen_bf16(h));
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
