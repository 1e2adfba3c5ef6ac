// A function of one 8-bit element as a table of 256 bytes: made once from the function and the grids on either side.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>

#include <octet/exec/ops/integer_terms.hpp>
#include <octet/exec/ops/quantize_linear.hpp>
#include <octet/kernels/lookup.hpp>

namespace octet {
namespace detail {

using byte_table = std::array<std::uint8_t, 256>;

inline element_grids one_grid(grid g) { return {.scales = {g.scale}, .zeros = {g.zero_point}}; }

inline tensor dequantized(call& c, tensor const& x, grid g) {
  tensor y = c.memory.make(element::f32, x.dims());
  dequantize_into(c, x, one_grid(g), y);
  return y;
}

/// y = table[x], as elements of `type`.
inline tensor looked_up(call& c, tensor const& x, std::span<std::uint8_t const, 256> table, element type) {
  tensor y = c.memory.make(type, x.dims());
  auto const* const from = reinterpret_cast<std::uint8_t const*>(x.bytes().data());
  auto* const to = reinterpret_cast<std::uint8_t*>(y.mutable_bytes().data());
  for_elements(c.pool, x.size(), [&](std::int64_t begin, std::int64_t end) {
    auto const n = static_cast<std::size_t>(end - begin);
    kernels::lookup(std::span{from + begin, n}, table, std::span{to + begin, n});
  });
  return y;
}

/// All 256 bytes in order, as elements of `type`.
inline tensor all_codes(element type) {
  tensor t{type, {256}};
  for (std::size_t i = 0; i < 256; ++i) t.mutable_bytes()[i] = static_cast<std::byte>(i);
  return t;
}

/// The codes of 256 floats on a grid.
inline byte_table codes_of(call& c, tensor const& x, grid to) {
  tensor y = c.memory.make(to.type, x.dims());
  quantize_into(c, x, one_grid(to), y, true);
  byte_table table;
  if (y.size() != 256) throw error{error_kind::internal, "a function of one element changed their number"};
  std::memcpy(table.data(), y.bytes().data(), 256);
  return table;
}

/// The table of x → f(x) from grid `from` to grid `to`, where f maps a tensor of floats.
template <class F>
byte_table lookup_table(call& c, grid from, grid to, F const& f) {
  return codes_of(c, f(dequantized(c, all_codes(from.type), from)), to);
}

/// What a table makes of all 256 codes, as floats; null: the codes themselves.
inline tensor table_values(call& c, tensor const* table, grid g) {
  tensor t = all_codes(g.type);
  if (table != nullptr) std::memcpy(t.mutable_bytes().data(), table->bytes().data(), 256);
  return dequantized(c, t, g);
}

/// x, table: 256 elements of the output's type, by the bits of x. `rank`: the output has at least so many dimensions.
inline operation prepare_lookup(preparation const& p) {
  expect_inputs(p, 2, 2);
  return [who = op_label{p}, rank = p.get("rank", std::int64_t{0})](call& c) {
    auto const x = c.inputs[0], table = c.inputs[1];
    expect_8_bit(who, x, "x"), expect_8_bit(who, table, "the table");
    if (table.size() != 256 || rank > 64) who.invalid("a table of shape " + table.dims().text());
    auto y = looked_up(c, x, std::span<std::uint8_t const, 256>{bytes_of(table, 1, 256).data, 256}, table.type());
    shape dims;
    for (auto i = static_cast<std::int64_t>(x.rank()); i < rank; ++i) dims.push_back(1);
    for (auto const d : x.dims()) dims.push_back(d);
    c.outputs[0] = y.reshaped(dims);
  };
}

}  // namespace detail

inline constexpr operator_entry lookup_operators[] = {
    {"Lookup", "octet", 1, &detail::prepare_lookup},
};

}  // namespace octet
