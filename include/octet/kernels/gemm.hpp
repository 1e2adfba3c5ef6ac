// Integer products: C = epilogue( Σ_k (a − a_zero)(b − b_zero) + bias ), exact modulo 2^32.
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>

#include <octet/core/matrix.hpp>
#include <octet/core/serial.hpp>
#include <octet/kernels/blocking.hpp>
#include <octet/kernels/pack.hpp>

namespace octet {

namespace kernels {
/// Zero points and bias of an integer product. Those of B may be one for each column.
struct integer_terms {
  s32 a_zero = 0;
  s32 b_zero = 0;
  std::span<s32 const> b_zeros{};  ///< instead of `b_zero`, if there are any
  std::span<s32 const> bias{};     ///< none, or one for each column
};
}  // namespace kernels

namespace detail {
/// Σ of n ≤ 128 bytes, u8 or s8 moved by 128, eight at a time: a short row is not worth a vector's tail and its sum.
OCTET_INLINE std::int32_t short_sum(void const* from, std::ptrdiff_t n, std::uint64_t flip) {
  constexpr std::uint64_t even = 0x00ff00ff00ff00ffu;
  auto const* const p = static_cast<unsigned char const*>(from);
  std::uint64_t sum = 0, x;
  for (std::ptrdiff_t k = 0; k < n; k += 8) {
    if (n - k >= 8) {
      std::memcpy(&x, p + k, 8);
    } else {
      x = flip;
      std::memcpy(&x, p + k, static_cast<std::size_t>(n - k));
    }
    x ^= flip;
    sum += (x & even) + (x >> 8 & even);
  }
  return static_cast<std::int32_t>((sum * 0x0001000100010001u) >> 48);
}

/// Σ a[k] of s8 or u8: the dot product with ones.
template <class Dot, class A>
OCTET_INLINE std::int32_t sum_of(A const* a, std::ptrdiff_t n) {
  using acc = typename Dot::acc;
  constexpr std::ptrdiff_t bytes = 4 * static_cast<std::ptrdiff_t>(acc::size);
  constexpr std::int32_t flip = std::is_signed_v<A> ? 0x80 : 0;
  if (n <= 128) return static_cast<std::int32_t>(short_sum(a, n, std::uint64_t{flip} * 0x0101010101010101u) - n * flip);
  alignas(64) std::int8_t ones[bytes];
  std::memset(ones, 1, bytes);
  auto const one = Dot::right(ones);
  acc const top(static_cast<std::int32_t>(static_cast<std::uint32_t>(flip) * 0x01010101u));
  acc c[2] = {acc(0), acc(0)};
  auto const add = [&](auto v, A const* p) OCTET_INLINE_LAMBDA {
    c[v] = Dot::dot(c[v], Dot::left(acc::load_unaligned(reinterpret_cast<std::int32_t const*>(p)) ^ top), one);
  };
  std::ptrdiff_t k = 0;
  for (; k + 2 * bytes <= n; k += 2 * bytes)
    kernels::unroll<2>([&](auto v) OCTET_INLINE_LAMBDA { add(v, a + k + v * bytes); });
  for (; k < n; k += bytes) {
    alignas(64) A last[bytes] = {};
    if (n - k < bytes) std::memcpy(last, a + k, static_cast<std::size_t>(n - k));
    add(std::integral_constant<int, 0>{}, n - k < bytes ? last : a + k);
  }
  return kernels::wrap(std::int64_t{xsimd::reduce_add(c[0] + c[1])} - k * flip);
}

template <class T>
OCTET_INLINE kernels::store<T> output_of(matrix<T> c) {
  return {c};
}
template <class Output>
OCTET_INLINE Output const& output_of(Output const& epilogue) {
  return epilogue;
}

/// With a' = a + flip (u8) and b' the s8 image of b, zero points moved alike:
///   Σ(a'−za)(b'−zb) = Σa'b' + [bias − za·Σb' + k·za·zb] − (Σa')·zb     [ ] and zb: by column; Σa': by row, if any zb ≠
///   0
template <class Dot, class A, class B, class Output, class Pool>
void multiply(matrix<A const> a, B const& b, std::int32_t const* b_sums, std::int32_t b_shift,
              kernels::integer_terms const& z, Output const& output, Pool& pool) {
  constexpr std::int32_t flip = std::is_signed_v<A> ? 128 : 0;
  std::ptrdiff_t const n = b.panels() * kernels::width<Dot>;
  std::int32_t const za = z.a_zero + flip;
  kernels::buffer<std::int32_t> offsets(n), zeros(n), sums;
  offsets.clear();
  zeros.clear();
  bool any = false;
  for (std::ptrdiff_t j = 0; j < b.n; ++j) {
    auto const at = static_cast<std::size_t>(j);
    std::int32_t const zb = (z.b_zeros.empty() ? z.b_zero : z.b_zeros[at]) - b_shift;
    zeros[j] = zb;
    any |= zb != 0;
    std::int64_t const bias = z.bias.empty() ? 0 : z.bias[at];
    offsets[j] = kernels::wrap(bias - std::int64_t{za} * b_sums[j] + b.k * std::int64_t{za} * zb);
  }
  if (any) {
    sums.resize(a.rows);
    for (std::ptrdiff_t i = 0; i < a.rows; ++i)
      sums[i] = kernels::wrap(sum_of<Dot>(a.data + i * a.stride, b.k) + std::int64_t{b.k} * flip);
  }
  left_source const left{reinterpret_cast<std::byte const*>(a.data), a.stride, 4, b.k / 4, static_cast<int>(b.k % 4)};
  start<std::int32_t> const s{offsets.data(), any ? sums.data() : nullptr, zeros.data()};
  using dot = std::conditional_t<flip != 0, kernels::flipped<Dot>, Dot>;
  run_grid<dot>(left, a.rows, b, s, output, pool);
}
}  // namespace detail

namespace kernels {

/// `c` is a matrix of int32, or an epilogue. Exact, unless Mode is `saturating`: what a CPU computes that adds pairs of
/// products in 16 bits. May throw only what allocating scratch or the pool throws.
template <policy P, class Mode = exact, class Arch, class Output, class Pool = serial>
void gemm(matrix<left_element<P> const> a, packed<P, Arch> const& b, Output const& c, integer_terms const& terms = {},
          Pool&& pool = {}) {
  auto const& output = octet::detail::output_of(c);
  OCTET_ASSERT(a.columns == b.k && output.c.rows == a.rows && output.c.columns == b.n);
  OCTET_ASSERT(terms.bias.empty() || std::ptrdiff_t(terms.bias.size()) == b.n);
  OCTET_ASSERT(terms.b_zeros.empty() || std::ptrdiff_t(terms.b_zeros.size()) == b.n);
  using dot = dot4<Arch, Mode>;
  static_assert(width<dot> == width<dot4<Arch>>, "octet: this mode needs operands that were packed for it");
  if constexpr (std::is_same_v<Mode, exact> && gains_by_reduction<P, Arch>)
    if (b.reduced)
      return octet::detail::multiply<dot4<Arch, saturating>>(a, b, b.sums.data(), b.shift, terms, output, pool);
  octet::detail::multiply<dot>(a, b, b.sums.data(), b.shift, terms, output, pool);
}

}  // namespace kernels
}  // namespace octet
