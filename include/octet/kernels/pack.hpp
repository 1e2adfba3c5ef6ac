// Integer operands → panels, once for a weight, at every call for a computed operand: 4 × 16 bytes at a time.
#pragma once

#include <cstddef>

#include <octet/core/matrix.hpp>
#include <octet/core/serial.hpp>
#include <octet/kernels/isa/all.hpp>
#include <octet/kernels/panels.hpp>

namespace octet {

namespace detail {
typedef std::uint8_t bytes16 __attribute__((vector_size(16)));

OCTET_INLINE bytes16 load16(std::uint8_t const* p) {
  bytes16 x;
  std::memcpy(&x, p, 16);
  return x;
}

OCTET_INLINE bytes16 splat16(std::uint8_t x) { return bytes16{} + x; }

/// Four rows of 16 columns → 16 columns of four bytes.
OCTET_INLINE void interleave4(std::uint8_t const* const (&row)[4], std::ptrdiff_t j, std::uint8_t shift,
                              std::uint8_t* to) {
  bytes16 const s = splat16(shift);
  bytes16 const a = load16(row[0] + j) - s, b = load16(row[1] + j) - s;
  bytes16 const c = load16(row[2] + j) - s, d = load16(row[3] + j) - s;
  auto const low = [](bytes16 x, bytes16 y) OCTET_INLINE_LAMBDA {
    return __builtin_shufflevector(x, y, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  };
  auto const high = [](bytes16 x, bytes16 y) OCTET_INLINE_LAMBDA {
    return __builtin_shufflevector(x, y, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  };
  auto const low2 = [](bytes16 x, bytes16 y) OCTET_INLINE_LAMBDA {
    return __builtin_shufflevector(x, y, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23);
  };
  auto const high2 = [](bytes16 x, bytes16 y) OCTET_INLINE_LAMBDA {
    return __builtin_shufflevector(x, y, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
  };
  bytes16 const ab = low(a, b), cd = low(c, d), ef = high(a, b), gh = high(c, d);
  bytes16 const out[4] = {low2(ab, cd), high2(ab, cd), low2(ef, gh), high2(ef, gh)};
  std::memcpy(to, out, 64);
}

/// Panel p of a row-major operand.
template <class Dot>
void pack_rows(matrix<std::uint8_t const> b, std::ptrdiff_t p, std::uint8_t shift, std::uint8_t* to) {
  constexpr int w = kernels::width<Dot>, room = w < 16 ? 16 : w;
  std::ptrdiff_t const j0 = p * w, columns = kernels::least<std::ptrdiff_t>(b.columns - j0, w);
  bool const copy = columns < room;
  std::uint8_t tail[4][room], zero[room];  // what becomes 0 by the shift
  std::memset(tail, shift, sizeof tail);
  std::memset(zero, shift, sizeof zero);
  for (std::ptrdiff_t k = 0; k < b.rows; k += 4, to += 4 * w) {
    std::uint8_t const* row[4];
    for (std::ptrdiff_t t = 0; t < 4; ++t) {
      row[t] = k + t < b.rows ? b.row(k + t) + j0 : zero;
      if (!copy || row[t] == zero) continue;
      std::memcpy(tail[t], row[t], static_cast<std::size_t>(columns));
      row[t] = tail[t];
    }
    if constexpr (w < 16) {
      std::uint8_t out[64];
      interleave4(row, 0, shift, out);
      std::memcpy(to, out, 4 * w);
    } else {
      for (std::ptrdiff_t j = 0; j < w; j += 16) interleave4(row, j, shift, to + 4 * j);
    }
  }
}

/// Panel p of an operand that is given by columns: row j of `b` is column j.
template <class Dot>
void pack_columns(matrix<std::uint8_t const> b, std::ptrdiff_t p, std::uint8_t shift, std::uint8_t* to) {
  constexpr std::ptrdiff_t w = kernels::width<Dot>, strip = 64;  // so many groups of the panel stay in L1
  std::ptrdiff_t const j0 = p * w, columns = kernels::least(b.rows - j0, w);
  std::ptrdiff_t const whole = b.columns / 4, tail = b.columns % 4, groups = whole + (tail != 0);
  if (groups > 0 && (columns < w || tail)) std::memset(to, shift, static_cast<std::size_t>(groups * w * 4));
  for (std::ptrdiff_t s = 0; s < groups; s += strip) {
    std::ptrdiff_t const end = kernels::least(s + strip, whole);
    for (std::ptrdiff_t j = 0; j < columns; ++j) {
      std::uint8_t const* const from = b.row(j0 + j);
      for (std::ptrdiff_t g = s; g < end; ++g) std::memcpy(to + (g * w + j) * 4, from + g * 4, 4);
      if (tail && s + strip >= groups)
        std::memcpy(to + (whole * w + j) * 4, from + whole * 4, static_cast<std::size_t>(tail));
    }
  }
  if (shift)
    for (std::ptrdiff_t i = 0; i < groups * w * 4; i += 16) {
      bytes16 const x = load16(to + i) - splat16(shift);
      std::memcpy(to + i, &x, 16);
    }
}

/// Σ_k of each column of a panel: the dot product with ones.
template <class Dot>
void panel_sums(std::byte const* from, std::ptrdiff_t steps, std::int32_t* sums) {
  using acc = typename Dot::acc;
  constexpr int lanes = static_cast<int>(acc::size);
  auto const ones = Dot::left(acc(0x01010101));
  acc c[Dot::vectors];
  kernels::unroll<Dot::vectors>([&](auto v) OCTET_INLINE_LAMBDA { c[v] = acc(0); });
  for (std::ptrdiff_t s = 0; s < steps; ++s, from += kernels::width<Dot> * 4)
    kernels::unroll<Dot::vectors>(
        [&](auto v) OCTET_INLINE_LAMBDA { c[v] = Dot::dot(c[v], ones, Dot::right(from + v * lanes * 4)); });
  kernels::unroll<Dot::vectors>([&](auto v) OCTET_INLINE_LAMBDA { c[v].store_unaligned(sums + v * lanes); });
}

/// True when some byte, moved by `offset`, exceeds `most`.
template <class Arch>
bool any_above(std::uint8_t const* p, std::ptrdiff_t n, std::uint8_t offset, std::uint8_t most) {
  bytes16 found = {};
  std::ptrdiff_t i = 0;
  for (; i + 16 <= n; i += 16) found |= bytes16(load16(p + i) + splat16(offset) > splat16(most));
  bool any = false;
  for (int t = 0; t < 16; ++t) any |= found[t] != 0;
  for (; i < n; ++i) any |= static_cast<std::uint8_t>(p[i] + offset) > most;
  return any;
}

template <policy P, class Arch, class Pool>
void pack_into(kernels::packed<P, Arch>& to, matrix<kernels::right_element<P> const> b, bool by_columns, Pool& pool) {
  using dot = kernels::dot4<Arch>;
  constexpr bool gains = kernels::gains_by_reduction<P, Arch>;
  matrix<std::uint8_t const> const bytes{reinterpret_cast<std::uint8_t const*>(b.data), b.rows, b.columns, b.stride};
  to.resize(by_columns ? b.columns : b.rows, by_columns ? b.rows : b.columns);
  to.sums.resize(to.panels() * kernels::width<dot>);
  to.shift = P.weight == element::u8 ? 128 : 0;
  if constexpr (gains && P.weight == element::u8) {  // 0 … 128 fits −64 … 64
    bool fits = true;
    for (std::ptrdiff_t i = 0; i < b.rows; ++i) fits &= !any_above<Arch>(bytes.row(i), b.columns, 0, 128);
    if (fits) to.shift = 64;
  }
  auto const shift = static_cast<std::uint8_t>(to.shift);
  std::ptrdiff_t const grain = (1 << 16) / (to.panel_bytes() + 1) + 1;
  parallel_for(pool, to.panels(), grain, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t p = begin; p < end; ++p) {
      auto* const panel = reinterpret_cast<std::uint8_t*>(to.panel(p));
      if (by_columns) pack_columns<dot>(bytes, p, shift, panel);
      else pack_rows<dot>(bytes, p, shift, panel);
      panel_sums<dot>(to.panel(p), to.steps(), to.sums.data() + p * kernels::width<dot>);
    }
  });
  to.reduced =
      gains && !any_above<Arch>(reinterpret_cast<std::uint8_t const*>(to.data.data()), to.data.size(), 64, 128);
}
}  // namespace detail

namespace kernels {

/// Packs a k × n operand of s8 or u8. Only the weights' type and `reduce_range` of the policy matter.
template <policy P, usable_arch Arch = xsimd::default_arch, class Pool = serial>
packed<P, Arch> pack(matrix<right_element<P> const> b, Pool&& pool = {}) {
  packed<P, Arch> to;
  octet::detail::pack_into(to, b, false, pool);
  return to;
}

/// Packs an operand that is given as n × k: row j is column j of the product's right side.
template <policy P, usable_arch Arch = xsimd::default_arch, class Pool = serial>
packed<P, Arch> pack_transposed(matrix<right_element<P> const> b, Pool&& pool = {}) {
  packed<P, Arch> to;
  octet::detail::pack_into(to, b, true, pool);
  return to;
}

/// Packs into storage that was used before: an operand that is computed anew at each call.
template <policy P, usable_arch Arch, class Pool = serial>
void repack(packed<P, Arch>& to, matrix<right_element<P> const> b, bool transposed = false, Pool&& pool = {}) {
  octet::detail::pack_into(to, b, transposed, pool);
}

}  // namespace kernels
}  // namespace octet
