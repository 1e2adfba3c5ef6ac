// Where 16 bits are too few: on x86-64 without VNNI two u8 × s8 products are added with saturation.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>

#include <octet/core/tensor.hpp>
#include <octet/graph/graph.hpp>

namespace octet {

/// The largest |w_i| + |w_j| over pairs of neighbours (2k, 2k + 1) of equal sign in a dot product of `length` elements
/// that lie `stride` apart.
constexpr int largest_pair(std::int8_t const* w, std::int64_t length, std::int64_t stride) {
  int most = 0;
  for (std::int64_t k = 0; k + 1 < length; k += 2) {
    int const a = w[k * stride], b = w[(k + 1) * stride];
    if ((a < 0) == (b < 0)) most = std::max(most, std::abs(a) + std::abs(b));
  }
  return most;
}

/// Whether sums of two products with activations up to 255 can exceed 32767. Opposite signs never do, and neither does
/// one product: 255 · 128 = 32640.
constexpr bool overflows(int pair) { return 255 * pair > 32767; }

/// Whether a pair of neighbours in the products of `n` with its s8 weight `q` can overflow. Of a filter both orders are
/// looked at: as stored, and channels innermost as image kernels have them.
inline bool can_overflow(node const& n, tensor const& q) {
  if (q.type() != element::s8 || q.rank() < 2) return false;
  auto const aligned = q.align();
  auto const* const w = aligned.as<std::int8_t>().data();
  auto const& d = q.dims();
  int most = 0;
  if (n.op == "Conv" || n.op == "ConvTranspose") {
    auto const outer = d[0], inner = d[1], area = q.size() / std::max<std::int64_t>(1, outer * inner);
    for (std::int64_t o = 0; o < outer; ++o) {
      most = std::max(most, largest_pair(w + o * inner * area, inner * area, 1));
      for (std::int64_t a = 0; a < area; ++a)
        most = std::max(most, largest_pair(w + o * inner * area + a, inner, area));
    }
    return overflows(most);
  }
  auto const rows = d[d.rank() - 2], columns = d[d.rank() - 1];
  bool const turned = n.op == "LSTM" || (n.op == "Gemm" && n.get<std::int64_t>("transB", 0) != 0);
  for (std::int64_t m = 0; m < q.size() / std::max<std::int64_t>(1, rows * columns); ++m)
    for (std::int64_t c = 0; c < (turned ? rows : columns); ++c)
      most = std::max(most, turned ? largest_pair(w + c * columns, columns, 1)
                                   : largest_pair(w + m * rows * columns + c, rows, columns));
  return overflows(most);
}

}  // namespace octet
