// The order in which micro-kernels read the right operand. Panel p holds columns [p·width, (p+1)·width); inside, for
// each group of `step` k, `width` lanes of 4 bytes (integers: four k of one column; float: one). Tails in k and n are
// zero.
#pragma once

#include <cstddef>

#include <octet/kernels/arch.hpp>
#include <octet/kernels/buffer.hpp>
#include <octet/kernels/isa/all.hpp>
#include <octet/policy/concepts.hpp>

namespace octet::kernels {

/// Columns of a panel.
template <class Dot>
inline constexpr int width = Dot::vectors * static_cast<int>(Dot::acc::size);

/// Panels computed together: more for few rows, so that enough accumulators are independent.
template <class Dot>
OCTET_INLINE constexpr int panels_for(int rows) {
  return rows * 8 <= 2 * Dot::rows ? 4 : rows * 4 <= 2 * Dot::rows ? 2 : 1;
}

/// A k × n operand in panels.
template <class Dot>
struct panels_of {
  std::ptrdiff_t k = 0, n = 0;
  buffer<std::byte> data{};

  /// Makes room for k × n elements, whose bytes are unspecified until they are packed.
  OCTET_INLINE void resize(std::ptrdiff_t k_, std::ptrdiff_t n_) {
    OCTET_ASSERT(k_ >= 0 && n_ >= 0);
    k = k_;
    n = n_;
    data.resize(panels() * panel_bytes());
  }
  OCTET_INLINE std::ptrdiff_t steps() const { return round_up<std::ptrdiff_t>(k, Dot::step) / Dot::step; }
  OCTET_INLINE std::ptrdiff_t panel_bytes() const { return steps() * width<Dot> * 4; }
  OCTET_INLINE std::ptrdiff_t panels() const { return round_up<std::ptrdiff_t>(n, width<Dot>) / width<Dot>; }
  OCTET_INLINE std::byte const* panel(std::ptrdiff_t p) const { return data.data() + p * panel_bytes(); }
  OCTET_INLINE std::byte* panel(std::ptrdiff_t p) { return data.data() + p * panel_bytes(); }
  OCTET_INLINE std::ptrdiff_t columns_of(std::ptrdiff_t p) const {
    return least<std::ptrdiff_t>(n - p * width<Dot>, width<Dot>);
  }
};

/// C++ types of a policy's operands.
template <policy P>
using left_element = std::conditional_t<P.activation == element::s8, s8, u8>;
template <policy P>
using right_element = std::conditional_t<P.weight == element::s8, s8, u8>;

/// Whether 7-bit weights are multiplied faster than others: where pairs of products may saturate at 16 bits.
template <policy P, class Arch>
inline constexpr bool gains_by_reduction =
    P.reduce_range && (dot4<Arch, saturating>::operations < dot4<Arch, exact>::operations);

/// Integer weights as the kernels for `Arch` read them. Made by `pack`; never to be stored in a file.
template <policy P, class Arch = xsimd::default_arch>
  requires usable_policy<P>
struct packed : panels_of<dot4<Arch>> {
  buffer<s32> sums{};    ///< Σ_k of each column as packed, for whole panels
  s32 shift = 0;         ///< packed value = value − shift: u8 becomes s8
  bool reduced = false;  ///< known to be |packed value| ≤ 64: no pair of products saturates
};

/// Float weights as the kernels for `Arch` read them.
template <class Arch = xsimd::default_arch>
struct packed_f32 : panels_of<fma1<Arch>> {};

}  // namespace octet::kernels
