// The kernels on plain spans as a table of functions: what one unit for each instruction set offers to a program that
// chooses among them when it starts. Header-only, `kernel_set_of<>` is the table of the includer's own instruction set.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <octet/core/matrix.hpp>
#include <octet/kernels/dequantize.hpp>
#include <octet/kernels/gemm.hpp>
#include <octet/kernels/gemm_f32.hpp>
#include <octet/kernels/instruction_set.hpp>
#include <octet/kernels/min_max.hpp>
#include <octet/kernels/quantize.hpp>

namespace octet {

namespace kernels {

/// A k × n right operand, packed by a kernel_set and read by the same one alone.
struct packed_operand {
  std::ptrdiff_t k = 0, n = 0;
  buffer<std::byte> data{};
  buffer<s32> sums{};
  s32 shift = 0;
};

/// The instruction set of a table, and its kernels: the templates of the same names for one Arch. `element` is u8 or
/// s8, whose bytes the matrices hold; everything runs on the calling thread.
struct kernel_set {
  instruction_set isa = instruction_set::generic;
  void (*quantize)(std::span<float const>, grid, std::span<u8>) = nullptr;
  void (*dequantize)(std::span<u8 const>, grid, std::span<float>) = nullptr;
  range (*min_max)(std::span<float const>) = nullptr;
  packed_operand (*pack)(element, matrix<u8 const>, bool transposed) = nullptr;
  void (*gemm)(element a_type, matrix<u8 const>, packed_operand const&, matrix<s32>, integer_terms const&) = nullptr;
  packed_operand (*pack_f32)(matrix<float const>, bool transposed) = nullptr;
  void (*gemm_f32)(matrix<float const>, packed_operand const&, matrix<float>, float_terms const&) = nullptr;
};

}  // namespace kernels

namespace detail {

/// The functions of a table; members of a template, so that their symbols name the Arch.
template <class Arch>
struct kernels_for {
  using dot = kernels::dot4<Arch>;

  static void quantize(std::span<float const> x, grid g, std::span<std::uint8_t> q) {
    if (!is_signed(g.type)) return kernels::quantize<Arch>(x, g, q);
    kernels::quantize<Arch>(x, g, std::span{reinterpret_cast<std::int8_t*>(q.data()), q.size()});
  }
  static void dequantize(std::span<std::uint8_t const> q, grid g, std::span<float> y) {
    if (!is_signed(g.type)) return kernels::dequantize<Arch>(q, g, y);
    kernels::dequantize<Arch>(std::span{reinterpret_cast<std::int8_t const*>(q.data()), q.size()}, g, y);
  }
  static range min_max(std::span<float const> x) { return kernels::min_max<Arch>(x); }

  static kernels::packed_operand pack(element type, matrix<std::uint8_t const> b, bool transposed) {
    kernels::packed<u8u8, Arch> p;
    p.resize(transposed ? b.columns : b.rows, transposed ? b.rows : b.columns);
    p.sums.resize(p.panels() * kernels::width<dot>);
    p.shift = type == element::u8 ? 128 : 0;
    auto const shift = static_cast<std::uint8_t>(p.shift);
    for (std::ptrdiff_t i = 0; i < p.panels(); ++i) {
      auto* const panel = reinterpret_cast<std::uint8_t*>(p.panel(i));
      if (transposed) pack_columns<dot>(b, i, shift, panel);
      else pack_rows<dot>(b, i, shift, panel);
      panel_sums<dot>(p.panel(i), p.steps(), p.sums.data() + i * kernels::width<dot>);
    }
    return {p.k, p.n, static_cast<kernels::buffer<std::byte>&&>(p.data),
            static_cast<kernels::buffer<std::int32_t>&&>(p.sums), p.shift};
  }

  /// What the micro-kernels read of a packed operand.
  template <class Dot>
  struct view {
    std::ptrdiff_t k, n;
    std::byte const* data;

    OCTET_INLINE explicit view(kernels::packed_operand const& b) : k{b.k}, n{b.n}, data{b.data.data()} {}
    OCTET_INLINE std::ptrdiff_t panel_bytes() const {
      return kernels::round_up<std::ptrdiff_t>(k, Dot::step) / Dot::step * kernels::width<Dot> * 4;
    }
    OCTET_INLINE std::ptrdiff_t panels() const {
      return kernels::round_up<std::ptrdiff_t>(n, kernels::width<Dot>) / kernels::width<Dot>;
    }
    OCTET_INLINE std::byte const* panel(std::ptrdiff_t p) const { return data + p * panel_bytes(); }
  };

  static void gemm(element type, matrix<std::uint8_t const> a, kernels::packed_operand const& b, matrix<std::int32_t> c,
                   kernels::integer_terms const& terms) {
    view<dot> const right{b};
    serial one;
    kernels::store<std::int32_t> const to{c};
    if (type == element::u8) return multiply<dot>(a, right, b.sums.data(), b.shift, terms, to, one);
    matrix<std::int8_t const> const s{reinterpret_cast<std::int8_t const*>(a.data), a.rows, a.columns, a.stride};
    multiply<dot>(s, right, b.sums.data(), b.shift, terms, to, one);
  }

  static kernels::packed_operand pack_f32(matrix<float const> b, bool transposed) {
    kernels::packed_f32<Arch> p;
    kernels::repack_f32<Arch>(p, b, transposed);
    return {p.k, p.n, static_cast<kernels::buffer<std::byte>&&>(p.data), {}, 0};
  }
  static void gemm_f32(matrix<float const> a, kernels::packed_operand const& b, matrix<float> c,
                       kernels::float_terms const& terms) {
    serial one;
    multiply_f32<Arch>(a, view<kernels::fma1<Arch>>{b}, c, terms, one);
  }
};

}  // namespace detail

namespace kernels {

/// The table of an instruction set that this unit was compiled for.
template <usable_arch Arch = xsimd::default_arch>
constexpr kernel_set kernel_set_of() {
  using f = octet::detail::kernels_for<Arch>;
  return {compiled_for(), &f::quantize, &f::dequantize, &f::min_max, &f::pack, &f::gemm, &f::pack_f32, &f::gemm_f32};
}

}  // namespace kernels
}  // namespace octet
