// Float products: C = f( clamp( A·B + bias ) ).
#pragma once

#include <cstddef>
#include <limits>
#include <span>

#include <octet/core/matrix.hpp>
#include <octet/core/serial.hpp>
#include <octet/kernels/blocking.hpp>
#include <octet/kernels/pack_f32.hpp>

namespace octet {

namespace kernels {

/// What a float product adds and where it ends.
struct float_terms {
  std::span<float const> bias{};      ///< none, or one for each column
  std::span<float const> row_bias{};  ///< none, or one for each row (a convolution's channels)
  float low = -std::numeric_limits<float>::infinity(), high = std::numeric_limits<float>::infinity();
  bool transposed = false;  ///< A is given as k × m
  bool accumulate = false;  ///< C is added to; it replaces the biases
  row_function then{};      ///< what finished values go through
};

}  // namespace kernels

namespace detail {
/// `b` has the panels of packed_f32<Arch>.
template <class Arch, class B, class Pool>
void multiply_f32(matrix<float const> a, B const& b, matrix<float> c, kernels::float_terms const& terms, Pool& pool) {
  using dot = kernels::fma1<Arch>;
  std::ptrdiff_t const m = terms.transposed ? a.columns : a.rows, n = b.panels() * kernels::width<dot>;
  OCTET_ASSERT((terms.transposed ? a.rows : a.columns) == b.k && c.rows == m && c.columns == b.n);
  OCTET_ASSERT(terms.bias.empty() || std::ptrdiff_t(terms.bias.size()) == b.n);
  OCTET_ASSERT(terms.row_bias.empty() || std::ptrdiff_t(terms.row_bias.size()) == m);
  kernels::buffer<float> offsets(n), minus(terms.row_bias.empty() ? 0 : n);
  offsets.clear();
  if (!terms.bias.empty()) std::memcpy(offsets.data(), terms.bias.data(), terms.bias.size_bytes());
  for (std::ptrdiff_t j = 0; j < minus.size(); ++j) minus[j] = -1;  // row_bias is subtracted −1 times
  start<float> const s{offsets.data(), terms.row_bias.empty() ? nullptr : terms.row_bias.data(), minus.data(),
                       terms.accumulate};
  std::ptrdiff_t const row = terms.transposed ? 4 : a.stride * 4, next = terms.transposed ? a.stride * 4 : 4;
  left_source const left{reinterpret_cast<std::byte const*>(a.data), row, next, b.k, 0};
  run_grid<dot>(left, m, b, s, kernels::store_clamped{c, terms.low, terms.high, terms.then}, pool);
}
}  // namespace detail

namespace kernels {

/// One chain of fused multiply-adds over k for each element, starting from the bias: the same bits on every
/// architecture with FMA, for any blocking and number of threads.
template <class Arch, class Pool = serial>
void gemm_f32(matrix<float const> a, packed_f32<Arch> const& b, matrix<float> c, float_terms const& terms = {},
              Pool&& pool = {}) {
  octet::detail::multiply_f32<Arch>(a, b, c, terms, pool);
}

}  // namespace kernels
}  // namespace octet
