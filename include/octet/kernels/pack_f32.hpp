// Float operands → panels.
#pragma once

#include <cstddef>

#include <octet/core/matrix.hpp>
#include <octet/core/serial.hpp>
#include <octet/kernels/isa/all.hpp>
#include <octet/kernels/panels.hpp>

namespace octet {

namespace detail {
typedef float floats4 __attribute__((vector_size(16)));

/// Four rows of four columns → four columns of four rows, `w` apart.
OCTET_INLINE void transpose4(float const* const (&row)[4], float* to, std::ptrdiff_t w) {
  floats4 r[4];
  for (int t = 0; t < 4; ++t) std::memcpy(&r[t], row[t], 16);
  floats4 const a = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5),
                b = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5);
  floats4 const c = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7),
                d = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);
  floats4 const out[4] = {__builtin_shufflevector(a, b, 0, 1, 4, 5), __builtin_shufflevector(a, b, 2, 3, 6, 7),
                          __builtin_shufflevector(c, d, 0, 1, 4, 5), __builtin_shufflevector(c, d, 2, 3, 6, 7)};
  for (int t = 0; t < 4; ++t) std::memcpy(to + t * w, &out[t], 16);
}

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
      float const* const from[4] = {b.row(j0 + j), b.row(j0 + j + 1), b.row(j0 + j + 2), b.row(j0 + j + 3)};
      std::ptrdiff_t k = s;
      for (; k + 4 <= end; k += 4) transpose4({from[0] + k, from[1] + k, from[2] + k, from[3] + k}, to + k * w + j, w);
      for (; k < end; ++k)
        for (int t = 0; t < 4; ++t) to[k * w + j + t] = from[t][k];
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
