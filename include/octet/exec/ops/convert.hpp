// Elements of any type to elements of any other, through four types that hold them exactly: n + m loops instead of n ·
// m.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <octet/core/convert.hpp>
#include <octet/core/tensor.hpp>
#include <octet/exec/ops/float8.hpp>
#include <octet/exec/ops/visit.hpp>

namespace octet::detail {

struct convert_options {
  bool saturate = true;  ///< 8-bit floats: too large values become the largest one
  power_rounding round = power_rounding::up;
};

/// Which of float, double, int64 and uint64 holds every value of a type.
enum class carrier : std::uint8_t { f32, f64, s64, u64, none };

constexpr carrier carrier_of(element e) {
  using enum element;
  switch (e) {
    case f32:
    case f16:
    case bf16:
    case f8e4m3fn:
    case f8e4m3fnuz:
    case f8e5m2:
    case f8e5m2fnuz:
    case f4e2m1:
    case f8e8m0:
      return carrier::f32;
    case f64:
      return carrier::f64;
    case u64:
      return carrier::u64;
    case s8:
    case s16:
    case s32:
    case s64:
    case u8:
    case u16:
    case u32:
    case boolean:
    case u4:
    case s4:
    case u2:
    case s2:
      return carrier::s64;
    default:
      return carrier::none;
  }
}

/// Element i of a packed type (4 or 2 bits), not sign-extended.
inline std::uint8_t packed_element(std::byte const* p, int width, std::int64_t i) {
  auto const bit = i * width;
  return static_cast<std::uint8_t>((static_cast<unsigned>(p[bit / 8]) >> (bit % 8)) & ((1u << width) - 1));
}
inline void set_packed_element(std::byte* p, int width, std::int64_t i, unsigned code) {
  auto const bit = i * width;
  unsigned const mask = ((1u << width) - 1) << (bit % 8);
  p[bit / 8] = static_cast<std::byte>((static_cast<unsigned>(p[bit / 8]) & ~mask) | (code << (bit % 8) & mask));
}

template <class T, class H>
void widen(std::byte const* p, std::int64_t begin, std::int64_t n, H* out) {
  auto const* const x = reinterpret_cast<T const*>(p) + begin;
  for (std::int64_t i = 0; i < n; ++i) out[i] = static_cast<H>(x[i]);
}

inline void load_floats(element e, std::byte const* p, std::int64_t begin, std::int64_t n, float* out) {
  auto const* const h = reinterpret_cast<std::uint16_t const*>(p) + begin;
  auto const* const b = reinterpret_cast<std::uint8_t const*>(p) + begin;
  if (e == element::f32) return widen<float>(p, begin, n, out);
  if (e == element::f16) {
    for (std::int64_t i = 0; i < n; ++i) out[i] = widen_f16(h[i]);
  } else if (e == element::bf16) {
    for (std::int64_t i = 0; i < n; ++i) out[i] = widen_bf16(h[i]);
  } else if (e == element::f8e8m0) {
    for (std::int64_t i = 0; i < n; ++i) out[i] = decode_power(b[i]);
  } else {
    auto const f = small_float_of(e);
    for (std::int64_t i = 0; i < n; ++i)
      out[i] = decode_small(f, f.width == 4 ? packed_element(p, 4, begin + i) : b[i]);
  }
}

inline void load_integers(element e, std::byte const* p, std::int64_t begin, std::int64_t n, std::int64_t* out) {
  using enum element;
  switch (e) {
    case s8:
      return widen<std::int8_t>(p, begin, n, out);
    case s16:
      return widen<std::int16_t>(p, begin, n, out);
    case s32:
      return widen<std::int32_t>(p, begin, n, out);
    case s64:
      return widen<std::int64_t>(p, begin, n, out);
    case u8:
      return widen<std::uint8_t>(p, begin, n, out);
    case u16:
      return widen<std::uint16_t>(p, begin, n, out);
    case u32:
      return widen<std::uint32_t>(p, begin, n, out);
    case boolean:
      for (std::int64_t i = 0; i < n; ++i) out[i] = p[begin + i] != std::byte{0};
      return;
    default:
      break;
  }
  int const width = bits(e);
  std::int64_t const half = std::int64_t{1} << (width - 1);
  for (std::int64_t i = 0; i < n; ++i) {
    std::int64_t const x = packed_element(p, width, begin + i);
    out[i] = is_signed(e) && x >= half ? x - 2 * half : x;
  }
}

/// A value as an integer type: fractions are cut, integers wrap as in C, NaN becomes 0.
template <class D, class H>
D to_integer(H x) {
  if constexpr (std::is_floating_point_v<H>) {
    if (x != x) return 0;
    if constexpr (std::is_same_v<D, std::uint64_t>)
      if (x >= H(9223372036854775808.0))
        return x >= H(18446744073709551616.0) ? std::uint64_t(-1) : static_cast<std::uint64_t>(x);
    if (x >= H(9223372036854775808.0)) return static_cast<D>(std::numeric_limits<std::int64_t>::max());
    if (x < H(-9223372036854775808.0)) return static_cast<D>(std::numeric_limits<std::int64_t>::min());
    return static_cast<D>(static_cast<std::int64_t>(x));
  } else {
    return static_cast<D>(x);
  }
}

template <class H>
float to_float(H x) {
  if constexpr (std::is_same_v<H, double>) return round_to_odd(x);  // for narrower types only
  else return static_cast<float>(x);
}

template <class D, class H>
void store_integers(H const* x, std::int64_t n, std::byte* p, std::int64_t begin) {
  auto* const out = reinterpret_cast<D*>(p) + begin;
  for (std::int64_t i = 0; i < n; ++i) out[i] = to_integer<D>(x[i]);
}

template <class H>
void store_small(element e, H const* x, std::int64_t n, std::byte* p, std::int64_t begin, convert_options o) {
  auto* const b = reinterpret_cast<std::uint8_t*>(p) + begin;
  auto const f = small_float_of(e);
  if (e == element::f8e8m0) {
    for (std::int64_t i = 0; i < n; ++i) b[i] = encode_power(static_cast<float>(x[i]), o.saturate, o.round);
  } else if (f.width == 8) {
    for (std::int64_t i = 0; i < n; ++i) b[i] = encode_small(f, to_float(x[i]), o.saturate);
  } else if (f.width == 4) {
    for (std::int64_t i = 0; i < n; ++i) set_packed_element(p, 4, begin + i, encode_small(f, to_float(x[i]), true));
  } else {
    for (std::int64_t i = 0; i < n; ++i)
      set_packed_element(p, bits(e), begin + i, static_cast<unsigned>(to_integer<std::int64_t>(x[i])));
  }
}

template <class H>
void store(element e, H const* x, std::int64_t n, std::byte* p, std::int64_t begin, convert_options o) {
  auto* const h = reinterpret_cast<std::uint16_t*>(p) + begin;
  using enum element;
  switch (e) {
    case f32:
      for (std::int64_t i = 0; i < n; ++i) reinterpret_cast<float*>(p)[begin + i] = static_cast<float>(x[i]);
      return;
    case f64:
      for (std::int64_t i = 0; i < n; ++i) reinterpret_cast<double*>(p)[begin + i] = static_cast<double>(x[i]);
      return;
    case f16:
      for (std::int64_t i = 0; i < n; ++i) h[i] = narrow_f16(to_float(x[i]));
      return;
    case bf16:
      for (std::int64_t i = 0; i < n; ++i) h[i] = narrow_bf16(to_float(x[i]));
      return;
    case boolean:
      for (std::int64_t i = 0; i < n; ++i) p[begin + i] = std::byte{x[i] != H(0)};
      return;
    case s8:
    case u8:
      return store_integers<std::uint8_t>(x, n, p, begin);
    case s16:
    case u16:
      return store_integers<std::uint16_t>(x, n, p, begin);
    case s32:
    case u32:
      return store_integers<std::uint32_t>(x, n, p, begin);
    case s64:
      return store_integers<std::int64_t>(x, n, p, begin);
    case u64:
      return store_integers<std::uint64_t>(x, n, p, begin);
    default:
      return store_small(e, x, n, p, begin, o);
  }
}

/// Elements [begin, begin + n) of `from` as `to`. Packed types: begin must be even (4 bits) or divisible by 4 (2 bits).
inline void convert_piece(element from, std::byte const* x, element to, std::byte* y, std::int64_t begin,
                          std::int64_t n, convert_options o) {
  constexpr std::int64_t piece = 512;
  auto const run = [&]<class H>(H const*, auto load) {
    H some[piece];
    for (std::int64_t i = 0; i < n; i += piece) {
      auto const m = std::min(piece, n - i);
      load(begin + i, m, some);
      store(to, some, m, y, begin + i, o);
    }
  };
  switch (carrier_of(from)) {
    case carrier::f32:
      return run(static_cast<float*>(nullptr), [&](auto b, auto m, float* out) { load_floats(from, x, b, m, out); });
    case carrier::f64:
      return run(static_cast<double*>(nullptr), [&](auto b, auto m, double* out) { widen<double>(x, b, m, out); });
    case carrier::s64:
      return run(static_cast<std::int64_t*>(nullptr),
                 [&](auto b, auto m, std::int64_t* out) { load_integers(from, x, b, m, out); });
    default:
      return run(static_cast<std::uint64_t*>(nullptr),
                 [&](auto b, auto m, std::uint64_t* out) { widen<std::uint64_t>(x, b, m, out); });
  }
}

/// `t` with elements of type `to`; `t` itself when it has that type already.
inline tensor convert(call& c, tensor const& t, element to, convert_options o = {}) {
  if (t.type() == to) return t;
  if (carrier_of(t.type()) == carrier::none || carrier_of(to) == carrier::none)
    throw error{error_kind::unsupported, "elements of type " + onnx_name(t.type()) + " do not become " + onnx_name(to)};
  tensor r = c.memory.make(to, t.dims());
  auto* const out = r.mutable_bytes().data();
  for_elements(c.pool, t.size(), [&](std::int64_t begin, std::int64_t end) {
    convert_piece(t.type(), t.bytes().data(), to, out, begin, end - begin, o);
  });
  return r;
}

}  // namespace octet::detail
