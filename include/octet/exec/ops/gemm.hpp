// Float matrix products of the executor: what the operators need of octet::kernels.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include <octet/core/parallel.hpp>
#include <octet/kernels/gemm_f32.hpp>

namespace octet::detail {

using right_f32 = kernels::packed_f32<>;  ///< B of a product A·B, in panels
inline constexpr std::ptrdiff_t panel_columns = kernels::width<kernels::fma1<xsimd::default_arch>>;

/// Packs a k × n matrix whose element (i, j) is b[i·row + j·column]; row or column must be 1.
template <class Pool>
void repack_right(right_f32& to, float const* b, std::ptrdiff_t k, std::ptrdiff_t n, std::ptrdiff_t row,
                  std::ptrdiff_t column, Pool&& pool) {
  if (column == 1 || n == 1) kernels::repack_f32(to, matrix<float const>{b, k, n, std::max(row, n)}, false, pool);
  else kernels::repack_f32(to, matrix<float const>{b, n, k, std::max(column, k)}, true, pool);
}
template <class Pool = serial>
right_f32 pack_right(float const* b, std::ptrdiff_t k, std::ptrdiff_t n, std::ptrdiff_t row, std::ptrdiff_t column,
                     Pool&& pool = {}) {
  right_f32 r;
  repack_right(r, b, k, n, row, column, pool);
  return r;
}

/// C = A·B + bias, finished as `terms` say; bias has n values or is null.
template <class Pool>
void product(Pool& pool, matrix<float const> a, right_f32 const& b, float const* bias, matrix<float> c,
             kernels::float_terms terms = {}) {
  if (bias != nullptr) terms.bias = {bias, static_cast<std::size_t>(b.n)};
  kernels::gemm_f32(a, b, c, terms, pool);
}

}  // namespace octet::detail
