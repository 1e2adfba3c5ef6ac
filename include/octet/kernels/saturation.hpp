// VPMADDUBSW as a fact. CPUs without VNNI add u8 · s8 products in pairs (k, k + 1), k even, that saturate at 16 bits; a
// runtime that multiplies so loses accuracy which this machine may not show. Here is that arithmetic, bit for bit, for
// any architecture, and what tells whether it matters.
#pragma once

#include <cstddef>
#include <cstdint>

#include <octet/core/matrix.hpp>
#include <octet/kernels/isa/all.hpp>
#include <octet/kernels/pack.hpp>

namespace octet {

namespace kernels {

/// Mode of `gemm`: what `saturating` computes where there is pmaddubsw, computed on any machine. The left operand is
/// what the instruction sees: u8 before any zero point is subtracted, s8 moved by 128.
struct simulated {};

struct portable {};  ///< Mode of `dot4`: its definition, also where there are instructions for it

template <class Arch>
struct dot4<Arch, simulated> : dot4<Arch, portable> {
  using acc = xsimd::batch<s32, Arch>;
  using left_type = typename dot4<Arch, portable>::left_type;
  using right_type = typename dot4<Arch, portable>::right_type;
  static constexpr bool may_saturate = true;

  static OCTET_INLINE acc dot(acc c, left_type const& a, right_type const& b) {
    auto const pair = [&](int t) OCTET_INLINE_LAMBDA {
      acc const sum = a.t[t] * b.t[t] + a.t[t + 1] * b.t[t + 1];
      return xsimd::min(xsimd::max(sum, acc(-32768)), acc(32767));
    };
    return c + pair(0) + pair(2);
  }
};

/// Whether `gemm<P, Mode>` on Arch can differ from the integer product for some weights. The default mode never does.
template <policy P, class Mode, class Arch = xsimd::default_arch>
inline constexpr bool may_saturate = dot4<Arch, Mode>::may_saturate;

/// Largest |weight as packed| of which no pair saturates, whatever the left operand: 2 · 255 · 64 = 32640.
inline constexpr int exact_magnitude = 64;

/// Whether `gemm<P, Mode>` with these weights is the integer product: always, unless pairs may saturate; then if each
/// packed value (a u8 weight is packed less `shift`) lies within ±exact_magnitude.
template <class Mode, policy P, class Arch>
bool exact_with(packed<P, Arch> const& b) noexcept {
  if constexpr (!may_saturate<P, Mode, Arch>) return true;
  auto const* const p = reinterpret_cast<u8 const*>(b.data.data());
  return b.reduced || !octet::detail::any_above<Arch>(p, b.data.size(), exact_magnitude, 2 * exact_magnitude);
}

/// How much pairs of products exceed 16 bits.
struct saturation {
  std::int64_t pairs = 0;      ///< of all outputs: rows · columns · ⌈k / 2⌉
  std::int64_t saturated = 0;  ///< of these
  s32 excess = 0;              ///< by which the worst pair is beyond −32768 … 32767

  friend bool operator==(saturation const&, saturation const&) = default;
};

/// Counts the pairs of a u8 × s8 product that saturate: O(m·n·k), for a report and not for every run.
template <usable_arch Arch = xsimd::default_arch>
saturation count_saturation(matrix<u8 const> a, matrix<s8 const> b) noexcept {
  OCTET_ASSERT(a.columns == b.rows);
  saturation s{a.rows * b.columns * ((b.rows + 1) / 2), 0, 0};
  for (std::ptrdiff_t i = 0; i < a.rows; ++i)
    for (std::ptrdiff_t k = 0; k < b.rows; k += 2) {
      bool const two = k + 1 < b.rows;
      s32 const x = a(i, k), y = two ? a(i, k + 1) : 0;
      s8 const *const p = b.row(k), *const q = two ? b.row(k + 1) : p;
      for (std::ptrdiff_t j = 0; j < b.columns; ++j) {
        s32 const sum = x * p[j] + y * q[j], over = sum > 32767 ? sum - 32767 : sum < -32768 ? -32768 - sum : 0;
        s.saturated += over > 0;
        s.excess = over > s.excess ? over : s.excess;
      }
    }
  return s;
}

}  // namespace kernels
}  // namespace octet
