// Patterns are values: an expression over operator objects builds, at compile time, one flat array of cells in prefix
// order. No type is created per pattern, so every rule shares one matcher.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include <octet/graph/vocabulary.hpp>

namespace octet::rewrite {

/// One place of a pattern.
struct cell {
  enum class kind : std::uint8_t { any, constant, number, node, either, maybe };

  kind what = kind::any;
  std::uint8_t arity = 0;   ///< direct children
  std::uint16_t size = 1;   ///< cells in this subtree, itself included
  std::uint8_t output = 0;  ///< which output of the node is meant
  bool shared = false;      ///< may be used outside the match
  bool exact = true;        ///< no more inputs than children
  double number = 0;
  ops::op op{};
  std::string_view name{};  ///< binding; a name met twice must bind the same value
};

/// A view of one subtree; what the matcher walks.
struct program : std::span<cell const> {
  using std::span<cell const>::span;
  constexpr program(std::span<cell const> s) : std::span<cell const>{s} {}
  constexpr cell const& root() const { return front(); }
  constexpr program child(unsigned k) const {
    std::size_t at = 1;
    while (k-- != 0) at += (*this)[at].size;
    return program{subspan(at, (*this)[at].size)};
  }
};

struct variable;

template <std::size_t N>
struct pattern {
  std::array<cell, N> cells{};

  /// Binds the value that this matches.
  constexpr pattern as(variable const& v) const;
  /// May also be used outside the match, and then stays.
  constexpr pattern shared() const {
    return edited([](cell& c) { c.shared = true; });
  }
  /// May have more inputs than are written here.
  constexpr pattern and_more_inputs() const {
    return edited([](cell& c) { c.exact = false; });
  }
  /// Output `k` of the node instead of the first.
  constexpr pattern output(std::uint8_t k) const {
    return edited([k](cell& c) { c.output = k; });
  }

 protected:
  constexpr pattern edited(auto edit) const {
    auto copy = *this;
    edit(copy.cells[0]);
    return copy;
  }
};

/// Leaves. `any` binds whatever it meets, `constant` only a tensor that never changes.
struct variable : pattern<1> {
  constexpr std::string_view name() const { return cells[0].name; }

 protected:
  constexpr variable(cell::kind what, std::string_view name) : pattern<1>{{cell{.what = what, .name = name}}} {}
};
struct any : variable {
  constexpr explicit any(std::string_view name) : variable{cell::kind::any, name} {}
};
struct constant : variable {
  constexpr explicit constant(std::string_view name) : variable{cell::kind::constant, name} {}
};

template <std::size_t N>
constexpr pattern<N> pattern<N>::as(variable const& v) const {
  return edited([&](cell& c) { c.name = v.name(); });
}

template <std::size_t N>
constexpr pattern<N> const& lift(pattern<N> const& p) {
  return p;
}
constexpr pattern<1> lift(double x) { return {{cell{.what = cell::kind::number, .number = x}}}; }

template <class T>
concept operand = requires(T const& t) { lift(t); };
template <class... T>
concept some_pattern = (operand<T> && ...) && !(std::is_arithmetic_v<T> && ...);

template <std::size_t... N>
constexpr auto join(cell root, pattern<N> const&... children) {
  pattern<1 + (N + ... + 0)> whole{};
  root.arity = sizeof...(N);
  root.size = static_cast<std::uint16_t>(whole.cells.size());
  auto at = whole.cells.begin();
  *at++ = root;
  (..., [&] {
    for (auto const& c : children.cells) *at++ = c;
  }());
  return whole;
}

/// The first alternative that fits.
constexpr auto either(operand auto const&... options) {
  return join(cell{.what = cell::kind::either}, lift(options)...);
}
/// An input that may be absent.
constexpr auto maybe(operand auto const& input) { return join(cell{.what = cell::kind::maybe}, lift(input)); }

template <class A, class B>
  requires some_pattern<A, B>
constexpr auto operator+(A const& a, B const& b) {
  return ops::Add(a, b);
}
template <class A, class B>
  requires some_pattern<A, B>
constexpr auto operator*(A const& a, B const& b) {
  return ops::Mul(a, b);
}
template <class A, class B>
  requires some_pattern<A, B>
constexpr auto operator-(A const& a, B const& b) {
  return ops::Sub(a, b);
}
template <class A, class B>
  requires some_pattern<A, B>
constexpr auto operator/(A const& a, B const& b) {
  return ops::Div(a, b);
}

}  // namespace octet::rewrite

namespace octet::ops {

constexpr auto op::operator()(auto const&... in) const {
  static_assert((rewrite::operand<std::remove_cvref_t<decltype(in)>> && ...),
                "octet: an operator's pattern takes patterns, variables and numbers");
  return rewrite::join(rewrite::cell{.what = rewrite::cell::kind::node, .op = *this}, rewrite::lift(in)...);
}

}  // namespace octet::ops
