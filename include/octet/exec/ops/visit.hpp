// From an element type known when a model runs to a C++ type: the lists given here bound what the compiler
// instantiates.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>

#include <octet/core/element.hpp>
#include <octet/core/error.hpp>
#include <octet/exec/ops/operation.hpp>

namespace octet::detail {

template <class... T>
struct types {};

using float_types = types<float, double>;
using signed_types = types<std::int8_t, std::int16_t, std::int32_t, std::int64_t>;
using unsigned_types = types<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>;
using integer_types = types<std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t, std::uint16_t,
                            std::uint32_t, std::uint64_t>;
using number_types = types<float, double, std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t,
                           std::uint16_t, std::uint32_t, std::uint64_t>;

/// What an operator calls itself in errors.
struct op_label {
  std::string op{};
  std::int64_t opset = 0;

  op_label(preparation const& p) : op{p.node.op}, opset{p.opset} {}
  std::string text() const { return op + " (opset " + std::to_string(opset) + ")"; }
  [[noreturn]] void invalid(std::string const& why) const { throw error{error_kind::invalid, text() + ": " + why}; }
  [[noreturn]] void unsupported(std::string const& why, std::string hint = {}) const {
    throw error{error_kind::unsupported, text() + ": " + why, {}, std::move(hint)};
  }
  [[noreturn]] void failed(std::string const& why) const { throw error{error_kind::runtime, text() + ": " + why}; }
};

[[noreturn]] inline void unsupported_type(op_label const& who, element e, std::initializer_list<element> takes) {
  std::string list;
  for (auto const t : takes) list += (list.empty() ? "" : ", ") + onnx_name(t);
  who.unsupported("elements of type " + onnx_name(e) + " are not supported", "it takes " + list);
}

/// Calls f(T{}) for the T of the list that stores `e`; throws `unsupported`, naming the list, when there is none.
template <class... T, class F>
void visit(op_label const& who, element e, types<T...>, F&& f) {
  bool const done = ((e == element_of<T>() && (f(T{}), true)) || ...);
  if (!done) unsupported_type(who, e, {element_of<T>()...});
}

/// Calls f with an unsigned integer as wide as the element: for operators that only move elements.
template <class F>
void visit_width(op_label const& who, element e, F&& f) {
  switch (bits(e)) {
    case 8:
      return f(std::uint8_t{});
    case 16:
      return f(std::uint16_t{});
    case 32:
      return f(std::uint32_t{});
    case 64:
      return f(std::uint64_t{});
    default:
      who.unsupported("elements of type " + onnx_name(e) + " cannot be moved");
  }
}

/// The number of inputs of a node must lie in [least, most]; inputs before `least` must be there.
inline void expect_inputs(preparation const& p, std::size_t least, std::size_t most = std::size_t(-1)) {
  op_label const who{p};
  if (p.node.inputs.size() > most)
    who.invalid("has " + std::to_string(p.node.inputs.size()) + " inputs, at most " + std::to_string(most) +
                " are known");
  for (std::size_t i = 0; i < least; ++i)
    if (!p.has_input(i)) who.invalid("needs input " + std::to_string(i));
  if (p.node.outputs.empty()) who.invalid("has no output");
}

/// Runs `f` over pieces of [0, n) that are large enough to be worth a thread.
template <class F>
void for_elements(thread_pool& pool, std::int64_t n, F const& f) {
  constexpr std::int64_t grain = 1 << 15;
  parallel_for(pool, n, grain, f);
}
/// Runs `f(begin, end)` over rows of `row` elements each, cut by their size alone.
template <class F>
void for_rows(thread_pool& pool, std::int64_t rows, std::int64_t row, F const& f) {
  constexpr std::int64_t grain = 1 << 15;
  parallel_for(pool, rows, row <= 0 ? grain : grain / row + (grain % row != 0), f);
}

}  // namespace octet::detail
