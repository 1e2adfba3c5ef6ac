// Float operands → panels.
#pragma once

#include <cstddef>

#include <octet/core/matrix.hpp>
#include <octet/core/serial.hpp>
#include <octet/kernels/isa/all.hpp>
#include <octet/kernels/panels.hpp>
#include <octet/kernels/transpose.hpp>

namespace octet {

namespace detail {
/// Panel p of an operand that is given by columns: row j of `b` is column j.
template <class Dot>
void pack_columns_f32(matrix<float const> b, std::ptrdiff_t p, float* to) {
  constexpr std::ptrdiff_t w = kernels::width<Dot>, strip = 64;
  static_assert(w % 4 == 0);
  std::ptrdiff_t const j0 = p * w, columns = kernels::least(b.rows - j0, w);
  if (columns < w && b.columns > 0) std::memset(to, 0, static_cast<std::size_t>(b.columns * w) * sizeof(float));
  for (std::ptrdiff_t s = 0; s < b.columns; s += strip) {
    std::ptrdiff_t const end = kernels::least(s + strip, b.columns);
    std::ptrdiff_t j = 0;
    for (; j + 4 <= columns; j += 4) {
      std::ptrdiff_t k = s;
      for (; k + 4 <= end; k += 4)
        turn_block<4, 16>(reinterpret_cast<std::byte const*>(b.row(j0 + j) + k), b.stride * 4,
                          reinterpret_cast<std::byte*>(to + k * w + j), 4 * w);
      for (; k < end; ++k)
        for (std::ptrdiff_t t = j; t < j + 4; ++t) to[k * w + t] = b.row(j0 + t)[k];
    }
    for (; j < columns; ++j)
      for (std::ptrdiff_t k = s; k < end; ++k) to[k * w + j] = b.row(j0 + j)[k];
  }
}
}  // namespace detail

namespace kernels {

/// Packs k × n elements that `fill` writes: fill(k, j, count, to) puts (k, j), …, (k, j + count − 1) at `to`. This is
/// how a convolution becomes a product without a copy of its patches.
template <usable_arch Arch, class Fill, class Pool = serial>
void repack_f32(packed_f32<Arch>& to, std::ptrdiff_t k, std::ptrdiff_t n, Fill const& fill, Pool&& pool = {}) {
  constexpr int w = width<fma1<Arch>>;
  to.resize(k, n);
  parallel_for(pool, to.panels(), (1 << 14) / (k * w + 1) + 1, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t p = begin; p < end; ++p) {
      std::ptrdiff_t const count = to.columns_of(p);
      auto* row = reinterpret_cast<float*>(to.panel(p));
      for (std::ptrdiff_t i = 0; i < k; ++i, row += w) {
        fill(i, p * w, count, row);
        for (std::ptrdiff_t j = count; j < w; ++j) row[j] = 0;
      }
    }
  });
}

/// Packs a k × n operand, or an n × k one that is given transposed, into storage that was used before.
template <usable_arch Arch, class Pool = serial>
void repack_f32(packed_f32<Arch>& to, matrix<float const> b, bool transposed = false, Pool&& pool = {}) {
  if (!transposed)
    return repack_f32(
        to, b.rows, b.columns,
        [&](std::ptrdiff_t k, std::ptrdiff_t j, std::ptrdiff_t count, float* p)
            OCTET_INLINE_LAMBDA { std::memcpy(p, b.row(k) + j, static_cast<std::size_t>(count) * sizeof(float)); },
        pool);
  using dot = fma1<Arch>;
  to.resize(b.columns, b.rows);
  parallel_for(pool, to.panels(), (1 << 14) / (b.columns * width<dot> + 1) + 1,
               [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
                 for (std::ptrdiff_t p = begin; p < end; ++p)
                   octet::detail::pack_columns_f32<dot>(b, p, reinterpret_cast<float*>(to.panel(p)));
               });
}

/// Packs a k × n operand.
template <usable_arch Arch = xsimd::default_arch, class Pool = serial>
packed_f32<Arch> pack_f32(matrix<float const> b, Pool&& pool = {}) {
  packed_f32<Arch> to;
  repack_f32(to, b, false, pool);
  return to;
}

/// Packs an operand that is given as n × k.
template <usable_arch Arch = xsimd::default_arch, class Pool = serial>
packed_f32<Arch> pack_f32_transposed(matrix<float const> b, Pool&& pool = {}) {
  packed_f32<Arch> to;
  repack_f32(to, b, true, pool);
  return to;
}

}  // namespace kernels
}  // namespace octet
