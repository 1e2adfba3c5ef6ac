// What is asked of inference, and what it knows of a tensor: element type, dimensions, and the elements of small
// tensors that shapes depend on.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <octet/graph/graph.hpp>
#include <octet/infer/constants.hpp>
#include <octet/infer/symbol.hpp>
#include <octet/infer/symbol_text.hpp>

namespace octet {

struct infer_options {
  bool merge = true;                  ///< symbols that must be equal become one symbol (the better known one)
  std::int64_t int_max = 2147483647;  ///< numbers from here on mean "to the end" in Slice
  bool guess_output_rank = false;     ///< an unknown operator's outputs get the rank of its first input
};

/// A number that may depend on symbols, top/bottom; or a real number that is not a small fraction.
struct quantity {
  expression top{};
  std::int64_t bottom = 1;
  std::optional<double> real{};

  quantity() = default;
  quantity(expression e) : top{std::move(e)} {}
  quantity(std::int64_t n) : top{n} {}
  bool whole() const { return !real && bottom == 1; }
  /// The number, when no symbol is in it.
  std::optional<double> number() const {
    if (real) return real;
    if (!top.is_number()) return std::nullopt;
    return static_cast<double>(top.constant()) / static_cast<double>(bottom);
  }
};

using dimensions = std::vector<expression>;
using quantities = std::vector<std::optional<quantity>>;

/// Everything known of one value. `values` are the elements in row-major order, when they are few.
struct tensor_facts {
  octet::element type = element::undefined;
  std::optional<dimensions> dims{};
  std::optional<quantities> values{};
  std::shared_ptr<tensor_facts const> items{};  ///< of a sequence: what all of its tensors have in common

  /// The elements as numbers, when all of them are whole and free of symbols.
  std::optional<std::vector<std::int64_t>> numbers() const {
    if (!values) return std::nullopt;
    std::vector<std::int64_t> all;
    for (auto const& q : *values) {
      if (!q || !q->whole() || !q->top.is_number()) return std::nullopt;
      all.push_back(q->top.constant());
    }
    return all;
  }
};

/// Tensors with more elements than this have no `values`.
inline constexpr std::int64_t value_limit = 1024;

namespace detail {
/// A real number as a fraction when its denominator is a small power of two, which keeps arithmetic exact.
inline quantity quantity_of(double x) {
  for (std::int64_t d = 1; d <= (1 << 20); d *= 2) {
    double const n = x * static_cast<double>(d);
    if (std::abs(n) < 9e15 && n == std::floor(n)) {
      quantity q{static_cast<std::int64_t>(n)};
      q.bottom = d;
      return q;
    }
  }
  quantity q;
  q.real = x;
  return q;
}
}  // namespace detail

/// What a constant tensor tells.
inline tensor_facts facts_of(tensor const& t) {
  tensor_facts f{.type = t.type(), .dims = dimensions(t.dims().begin(), t.dims().end())};
  if (t.size() > value_limit) return f;
  if (auto const n = to_integers(t)) f.values = quantities(n->begin(), n->end());
  else if (auto const r = to_reals(t)) {
    f.values.emplace();
    for (auto const x : *r) f.values->push_back(detail::quantity_of(x));
  }
  return f;
}

/// The number of elements.
inline expression element_count(dimensions const& dims, std::size_t from = 0) {
  expression n{1};
  for (std::size_t i = from; i < dims.size(); ++i) n = n * dims[i];
  return n;
}

/// The concrete shape, when no symbol is in it.
inline std::optional<shape> fixed_shape(dimensions const& dims) {
  shape s;
  for (auto const& d : dims) {
    if (!d.is_number()) return std::nullopt;
    s.push_back(d.constant());
  }
  return s;
}

}  // namespace octet
