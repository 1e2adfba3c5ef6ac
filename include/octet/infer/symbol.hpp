// Dimensions as numbers or as expressions of symbols: canonical polynomials whose atoms are symbols, floor divisions,
// remainders, maxima and minima. Equal expressions of the usual shape arithmetic have equal representations.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <octet/infer/interval.hpp>

namespace octet {

namespace detail {
struct atom;
using atom_pointer = std::shared_ptr<atom const>;
}  // namespace detail

/// An integer that may depend on symbols. Values are canonical, so `==` decides most equalities of shape arithmetic.
/// Arithmetic throws `invalid` when a coefficient overflows or an expression grows beyond all reason.
class expression {
 public:
  /// coefficient · product of atoms
  struct term {
    std::int64_t coefficient = 0;
    std::vector<detail::atom_pointer> factors{};  ///< sorted by text; empty: the constant term
    std::string key{};                            ///< texts of the factors
  };

  expression() = default;
  expression(std::int64_t n) {
    if (n != 0) terms_.push_back({n, {}, {}});
  }
  explicit expression(detail::atom_pointer a);
  /// A symbol; `low` is the least value that it can have.
  static expression symbol(std::string name, std::int64_t low = 1);

  bool is_number() const { return terms_.empty() || (terms_.size() == 1 && terms_[0].factors.empty()); }
  std::optional<std::int64_t> number() const {
    if (!is_number()) return std::nullopt;
    return constant();
  }
  bool is(std::int64_t n) const { return is_number() && constant() == n; }
  /// The constant term.
  std::int64_t constant() const { return !terms_.empty() && terms_[0].factors.empty() ? terms_[0].coefficient : 0; }
  std::vector<term> const& terms() const { return terms_; }
  /// The atom when the expression is nothing else.
  detail::atom const* sole_atom() const {
    return terms_.size() == 1 && terms_[0].coefficient == 1 && terms_[0].factors.size() == 1
               ? terms_[0].factors[0].get()
               : nullptr;
  }
  bool is_symbol() const;
  interval range() const;
  std::string text() const;

  friend expression operator+(expression const& a, expression const& b) { return combined(a, b, 1); }
  friend expression operator-(expression const& a, expression const& b) { return combined(a, b, -1); }
  friend expression operator-(expression const& a) { return combined({}, a, -1); }
  friend expression operator*(expression const& a, expression const& b);
  friend bool operator==(expression const& a, expression const& b) {
    return std::equal(a.terms_.begin(), a.terms_.end(), b.terms_.begin(), b.terms_.end(),
                      [](term const& s, term const& t) { return s.coefficient == t.coefficient && s.key == t.key; });
  }

 private:
  friend struct expression_access;
  static expression combined(expression const& a, expression const& b, std::int64_t sign);
  void normalize();
  std::vector<term> terms_{};  // sorted by key, so the constant term is first; no zero coefficients
};

namespace detail {
/// What a polynomial is made of.
struct atom {
  enum class kind : std::uint8_t { symbol, quotient, remainder, maximum, minimum };
  kind what = kind::symbol;
  std::string text{};  ///< unique
  interval range{};
  std::vector<expression> parts{};  ///< quotient and remainder: dividend, divisor
};
}  // namespace detail

struct expression_access {
  static expression from(std::vector<expression::term> terms) {
    expression e;
    e.terms_ = std::move(terms);
    e.normalize();
    return e;
  }
};

inline expression::expression(detail::atom_pointer a) { terms_.push_back({1, {a}, a->text}); }

inline expression expression::symbol(std::string name, std::int64_t low) {
  return expression{std::make_shared<detail::atom const>(
      detail::atom{.text = std::move(name), .range = {low, std::numeric_limits<std::int64_t>::max()}})};
}

inline bool expression::is_symbol() const {
  auto const* a = sole_atom();
  return a != nullptr && a->what == detail::atom::kind::symbol;
}

inline interval expression::range() const {
  using namespace detail;
  interval sum{0, 0};
  for (auto const& t : terms_) {
    interval product{1, 1};
    for (auto const& f : t.factors) product = product * f->range;
    sum = sum + product * interval{t.coefficient, t.coefficient};
  }
  return sum;
}

inline void expression::normalize() {
  std::sort(terms_.begin(), terms_.end(), [](term const& a, term const& b) { return a.key < b.key; });
  std::vector<term> merged;
  for (auto& t : terms_)
    if (!merged.empty() && merged.back().key == t.key)
      merged.back().coefficient = detail::checked_sum(merged.back().coefficient, t.coefficient);
    else merged.push_back(std::move(t));
  merged.erase(std::remove_if(merged.begin(), merged.end(), [](term const& t) { return t.coefficient == 0; }),
               merged.end());
  if (merged.size() > 64) throw error{error_kind::unsupported, "a symbolic dimension has more than 64 terms"};
  terms_ = std::move(merged);
}

inline expression expression::combined(expression const& a, expression const& b, std::int64_t sign) {
  auto terms = a.terms_;
  for (auto t : b.terms_) {
    t.coefficient = detail::checked_product(t.coefficient, sign);
    terms.push_back(std::move(t));
  }
  return expression_access::from(std::move(terms));
}

namespace detail {
inline expression::term product(expression::term const& a, expression::term const& b) {
  expression::term t{checked_product(a.coefficient, b.coefficient), a.factors, {}};
  t.factors.insert(t.factors.end(), b.factors.begin(), b.factors.end());
  if (t.factors.size() > 24) throw error{error_kind::unsupported, "a symbolic dimension has more than 24 factors"};
  std::sort(t.factors.begin(), t.factors.end(), [](auto const& x, auto const& y) { return x->text < y->text; });
  for (auto const& f : t.factors) t.key += (t.key.empty() ? "" : "*") + f->text;
  return t;
}

/// a / b when b's factors are all in a and the coefficients divide.
inline std::optional<expression::term> quotient(expression::term const& a, expression::term const& b) {
  if (a.coefficient % b.coefficient != 0) return std::nullopt;
  auto left = a.factors;
  for (auto const& f : b.factors) {
    auto const it = std::find_if(left.begin(), left.end(), [&](auto const& g) { return g->text == f->text; });
    if (it == left.end()) return std::nullopt;
    left.erase(it);
  }
  return product({a.coefficient / b.coefficient, std::move(left), {}}, {1, {}, {}});
}
}  // namespace detail

inline expression operator*(expression const& a, expression const& b) {
  std::vector<expression::term> terms;
  if (a.terms_.size() * b.terms_.size() > 256)
    throw error{error_kind::unsupported, "a symbolic dimension has too many terms"};
  for (auto const& s : a.terms_)
    for (auto const& t : b.terms_) terms.push_back(detail::product(s, t));
  return expression_access::from(std::move(terms));
}

/// a ≤ b for all values of the symbols, as far as can be seen.
inline bool surely_at_most(expression const& a, expression const& b, int depth = 0) {
  auto const d = b - a;
  if (d.range().low >= 0) return true;
  if (depth > 3) return false;
  for (auto const& t : d.terms())  // a maximum is one of its parts and at least each of them
    if (t.factors.size() == 1 && t.factors[0]->what >= detail::atom::kind::maximum) {
      auto const rest = d - expression_access::from({t});
      auto const& parts = t.factors[0]->parts;
      auto const holds = [&](expression const& p) {
        return surely_at_most(0, rest + expression{t.coefficient} * p, depth + 1);
      };
      bool const one_is_enough = (t.factors[0]->what == detail::atom::kind::maximum) == (t.coefficient > 0);
      return one_is_enough ? std::any_of(parts.begin(), parts.end(), holds)
                           : std::all_of(parts.begin(), parts.end(), holds);
    }
  return false;
}

namespace detail {
inline std::string bracketed(expression const& e) {
  auto const s = e.text();
  return e.terms().size() > 1 || (e.is_number() && e.constant() < 0) ? '(' + s + ')' : s;
}

inline expression make_atom(atom::kind what, std::string text, interval range, std::vector<expression> parts) {
  return expression{std::make_shared<atom const>(atom{what, std::move(text), range, std::move(parts)})};
}

/// The opaque ⌊n/d⌋.
inline expression opaque_quotient(expression const& n, expression const& d) {
  auto const rn = n.range(), rd = d.range();
  interval r{};
  if (rd.low > 0) {
    r.low = rn.low == lowest ? lowest
            : rn.low >= 0    ? (rd.high == highest ? 0 : floor_quotient(rn.low, rd.high))
                             : floor_quotient(rn.low, rd.low);
    r.high = rn.high == highest ? highest : rn.high >= 0 ? floor_quotient(rn.high, rd.low) : -1;
  }
  auto const divisor =
      d.terms().size() == 1 && d.terms()[0].factors.size() < 2 && (d.is_number() || d.terms()[0].coefficient == 1);
  return make_atom(atom::kind::quotient,
                   "floor(" + bracketed(n) + '/' + (divisor ? d.text() : '(' + d.text() + ')') + ')', r, {n, d});
}

/// Polynomial division without remainder, or nothing.
inline std::optional<expression> divided(expression const& n, expression const& d) {
  auto const leads = [](expression::term const& a, expression::term const& b) {
    return a.factors.size() != b.factors.size() ? a.factors.size() < b.factors.size() : a.key < b.key;
  };
  auto const& lead = *std::max_element(d.terms().begin(), d.terms().end(), leads);
  expression rest = n, result;
  for (int i = 0; i < 64 && !rest.terms().empty(); ++i) {
    auto const& top = *std::max_element(rest.terms().begin(), rest.terms().end(), leads);
    auto const q = quotient(top, lead);
    if (!q) return std::nullopt;
    auto const part = expression_access::from({*q});
    result = result + part;
    rest = rest - part * d;
  }
  if (!rest.terms().empty()) return std::nullopt;
  return result;
}

/// ⌊n/d⌋ for a positive number d.
inline expression floor_div_number(expression const& n, std::int64_t d) {
  std::vector<expression::term> whole, rest;
  std::int64_t common = d;
  for (auto const& t : n.terms()) {
    auto const q = floor_quotient(t.coefficient, d), r = t.coefficient - q * d;
    if (q != 0) whole.push_back({q, t.factors, t.key});
    if (r != 0) rest.push_back({r, t.factors, t.key});
    if (!t.factors.empty() && r != 0) common = std::gcd(common, r);
  }
  if (common > 1)
    for (auto& t : rest) t.coefficient = floor_quotient(t.coefficient, common);
  auto const outside = expression_access::from(std::move(whole));
  auto const inside = expression_access::from(std::move(rest));
  d /= common;
  auto const r = inside.range();
  if (d == 1) return outside + inside;
  if (r.low != lowest && r.high != highest && floor_quotient(r.low, d) == floor_quotient(r.high, d))
    return outside + expression{floor_quotient(r.low, d)};
  // ⌊(⌊m/a⌋ + c)/b⌋ = ⌊(m + a·c)/(a·b)⌋: chains of strided convolutions become one division
  auto const shift = inside.constant();
  auto const single = inside - expression{shift};
  if (auto const* a = single.sole_atom(); a != nullptr && a->what == atom::kind::quotient && a->parts[1].is_number()) {
    auto const by = a->parts[1].constant();
    return outside + floor_div_number(a->parts[0] + expression{checked_product(by, shift)}, checked_product(by, d));
  }
  return outside + opaque_quotient(inside, d);
}
}  // namespace detail

/// ⌊n/d⌋; throws `invalid` when d is 0.
inline expression floor_div(expression const& n, expression const& d) {
  if (d.is(0)) throw error{error_kind::invalid, "a dimension is divided by zero"};
  if (d.is_number()) {
    auto const by = d.constant();
    if (n.is_number()) return detail::floor_quotient(n.constant(), by);
    return by > 0                 ? detail::floor_div_number(n, by)
           : by == detail::lowest ? detail::opaque_quotient(n, d)
                                  : detail::floor_div_number(-n, -by);
  }
  if (auto const exact = detail::divided(n, d)) return *exact;
  if (d.terms().size() == 1) {  // the terms that the divisor divides leave the floor
    expression whole, rest;
    for (auto const& t : n.terms()) {
      auto const q = detail::quotient(t, d.terms()[0]);
      auto& into = q ? whole : rest;
      into = into + expression_access::from({q ? *q : t});
    }
    return whole + detail::opaque_quotient(rest, d);
  }
  return detail::opaque_quotient(n, d);
}

inline expression ceil_div(expression const& n, expression const& d) {
  return d.range().low > 0 ? floor_div(n + d - 1, d) : -floor_div(-n, d);
}

/// n − d·⌊n/d⌋: the remainder with the sign of the divisor.
inline expression modulo(expression const& n, expression const& d) {
  if (d.is(0)) throw error{error_kind::invalid, "a dimension is divided by zero"};
  if (n.is_number() && d.is_number()) return n - d * floor_div(n, d);
  if (!d.is_number() || d.constant() < 0) {
    if (detail::divided(n, d)) return 0;
    return detail::make_atom(detail::atom::kind::remainder, "Mod(" + n.text() + ", " + d.text() + ')', {}, {n, d});
  }
  auto const by = d.constant();
  std::vector<expression::term> rest;
  for (auto t : n.terms()) {
    t.coefficient -= by * detail::floor_quotient(t.coefficient, by);
    rest.push_back(std::move(t));
  }
  auto const inside = expression_access::from(std::move(rest));
  auto const r = inside.range();
  if (r.low >= 0 && r.high < by) return inside;
  return detail::make_atom(detail::atom::kind::remainder, "Mod(" + inside.text() + ", " + std::to_string(by) + ')',
                           {0, by - 1}, {inside, d});
}

namespace detail {
/// Maximum (or minimum) of two, without parts that another part surely beats.
inline expression extreme(expression const& a, expression const& b, bool largest) {
  auto const kind = largest ? atom::kind::maximum : atom::kind::minimum;
  std::vector<expression> parts, kept;
  for (auto const& e : {a, b}) {
    auto const* x = e.sole_atom();
    if (x != nullptr && x->what == kind) parts.insert(parts.end(), x->parts.begin(), x->parts.end());
    else parts.push_back(e);
  }
  auto const beats = [&](expression const& x, expression const& y) {
    return largest ? surely_at_most(y, x) : surely_at_most(x, y);
  };
  for (auto const& p : parts) {
    if (std::any_of(kept.begin(), kept.end(), [&](expression const& k) { return beats(k, p); })) continue;
    kept.erase(std::remove_if(kept.begin(), kept.end(), [&](expression const& k) { return beats(p, k); }), kept.end());
    kept.push_back(p);
  }
  if (kept.size() == 1) return kept[0];
  if (kept.size() > 8) throw error{error_kind::unsupported, "a symbolic dimension is a maximum of too many parts"};
  std::sort(kept.begin(), kept.end(), [](expression const& x, expression const& y) {
    return x.is_number() != y.is_number() ? x.is_number() : x.text() < y.text();
  });
  std::string s = largest ? "Max(" : "Min(";
  interval r = kept[0].range();
  for (std::size_t i = 0; i < kept.size(); ++i) {
    s += (i == 0 ? "" : ", ") + kept[i].text();
    auto const k = kept[i].range();
    r = largest ? interval{std::max(r.low, k.low), std::max(r.high, k.high)}
                : interval{std::min(r.low, k.low), std::min(r.high, k.high)};
  }
  return make_atom(kind, s + ')', r, std::move(kept));
}
}  // namespace detail

inline expression max(expression const& a, expression const& b) { return detail::extreme(a, b, true); }
inline expression min(expression const& a, expression const& b) { return detail::extreme(a, b, false); }

}  // namespace octet
