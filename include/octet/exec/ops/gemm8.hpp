// Integer matrix products of the executor: any pair of u8 and s8, exact modulo 2^32.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include <octet/core/element.hpp>
#include <octet/core/parallel.hpp>
#include <octet/kernels/gemm.hpp>

namespace octet::detail {

using dot_8 = kernels::dot4<xsimd::default_arch>;
inline constexpr std::ptrdiff_t panel_columns_8 = kernels::width<dot_8>;

/// B of an integer product, in panels.
struct right_8 : kernels::panels_of<dot_8> {
  kernels::buffer<std::int32_t> sums{};
  std::int32_t shift = 0;  ///< packed value = value − shift
  element type = element::u8;

  void reset(element e, std::ptrdiff_t rows, std::ptrdiff_t columns) {
    type = e, shift = e == element::u8 ? 128 : 0;
    resize(rows, columns);
    sums.resize(panels() * panel_columns_8);
  }
  void sum_panel(std::ptrdiff_t p) { panel_sums<dot_8>(panel(p), steps(), sums.data() + p * panel_columns_8); }
};

/// Packs u8 or s8 bytes: `b` is k × n, or with `transposed` n × k.
template <class Pool>
void repack_right_8(right_8& to, element type, matrix<std::uint8_t const> b, bool transposed, Pool&& pool) {
  to.reset(type, transposed ? b.columns : b.rows, transposed ? b.rows : b.columns);
  auto const shift = static_cast<std::uint8_t>(to.shift);
  parallel_for(pool, to.panels(), (1 << 16) / (to.panel_bytes() + 1) + 1,
               [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
                 for (auto p = begin; p < end; ++p) {
                   auto* const panel = reinterpret_cast<std::uint8_t*>(to.panel(p));
                   if (transposed) pack_columns<dot_8>(b, p, shift, panel);
                   else pack_rows<dot_8>(b, p, shift, panel);
                   to.sum_panel(p);
                 }
               });
}

/// output( Σ (a − a_zero)(b − b_zero) + bias ); `a` are the bytes of `type`.
template <class Output, class Pool>
void product_8(Pool& pool, element type, matrix<std::uint8_t const> a, right_8 const& b,
               kernels::integer_terms const& terms, Output const& output) {
  if (a.rows == 0 || b.n == 0) return;
  if (type == element::u8) return multiply<dot_8>(a, b, b.sums.data(), b.shift, terms, output, pool);
  matrix<std::int8_t const> const as_signed{reinterpret_cast<std::int8_t const*>(a.data), a.rows, a.columns, a.stride};
  multiply<dot_8>(as_signed, b, b.sums.data(), b.shift, terms, output, pool);
}

/// Epilogue: y = saturate(round_even((acc + bias[i]) · multiplier[i]) + zero), by row: a convolution's channels.
template <class Q>
struct requantize_rows {
  static constexpr bool direct = false;
  matrix<Q> c;
  float const* multipliers = nullptr;  ///< one for each row
  std::int32_t const* bias = nullptr;  ///< one for each row, or null
  std::int32_t zero = 0;

  template <class Arch>
  OCTET_INLINE void apply(std::int32_t const* from, std::ptrdiff_t stride, std::ptrdiff_t i0, int rows,
                          std::ptrdiff_t j0, std::ptrdiff_t columns) const {
    using ints = xsimd::batch<std::int32_t, Arch>;
    using real = xsimd::batch<float, Arch>;
    constexpr auto lanes = static_cast<std::ptrdiff_t>(ints::size), block = 4 * lanes;
    real const lo(static_cast<float>(std::int32_t{std::numeric_limits<Q>::min()} - zero));
    real const hi(static_cast<float>(std::int32_t{std::numeric_limits<Q>::max()} - zero));
    for (int i = 0; i < rows; ++i) {
      real const m(multipliers[i0 + i]);
      ints const add(bias == nullptr ? 0 : bias[i0 + i]);
      for (std::ptrdiff_t j = 0; j < columns; j += block) {
        ints q[4];
        kernels::unroll<4>([&](auto v) OCTET_INLINE_LAMBDA {
          std::ptrdiff_t const at = j + v * lanes < columns ? j + v * lanes : j;  // beyond the tile: anything readable
          real const y = xsimd::to_float(ints::load_unaligned(from + i * stride + at) + add) * m;
          q[v] = xsimd::nearbyint_as_int(xsimd::min(xsimd::max(y, lo), hi)) + ints(zero);
        });
        Q* const to = c.data + (i0 + i) * c.stride + j0 + j;
        if (columns - j >= block) {
          kernels::narrow<Arch>::store4(to, q);
        } else {
          alignas(64) Q t[block];
          kernels::narrow<Arch>::store4(t, q);
          kernels::copy_part<sizeof t>(to, t, (columns - j) * std::ptrdiff_t{sizeof(Q)});
        }
      }
    }
  }
};

}  // namespace octet::detail
