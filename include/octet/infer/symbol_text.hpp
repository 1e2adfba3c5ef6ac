// The text form of symbolic dimensions, as it stands in files ("2*seq + 1", "floor((t - 1)/20)", "Min(512, seq)"), read
// back, and the value of an expression for given symbols.
#pragma once

#include <cctype>
#include <map>

#include <octet/infer/symbol.hpp>

namespace octet {

namespace detail {
inline bool plain_name(std::string_view s) {
  auto const letter = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == ':';
  };
  return !s.empty() && std::isdigit(static_cast<unsigned char>(s[0])) == 0 && std::all_of(s.begin(), s.end(), letter);
}

inline std::string factor_text(atom const& a) {
  return a.what != atom::kind::symbol || plain_name(a.text) ? a.text : '(' + a.text + ')';
}
}  // namespace detail

inline std::string expression::text() const {
  if (terms_.empty()) return "0";
  if (is_symbol()) return terms_[0].factors[0]->text;
  std::string s;
  auto const add = [&](term const& t) {
    auto const c = t.coefficient;
    std::string const size = c < 0 ? std::to_string(c).substr(1) : std::to_string(c);
    std::string product = size == "1" && !t.factors.empty() ? "" : size;
    for (auto const& f : t.factors) product += (product.empty() ? "" : "*") + detail::factor_text(*f);
    s += s.empty() ? (c < 0 ? "-" : "") : (c < 0 ? " - " : " + ");
    s += product;
  };
  for (bool const negative : {false, true})  // a positive term first, the constant last
    for (auto const& t : terms_)
      if (!t.factors.empty() && (t.coefficient < 0) == negative) add(t);
  if (terms_[0].factors.empty()) add(terms_[0]);
  return s;
}

namespace detail {
/// Recursive descent over the text form; `ok` turns false at the first thing that is not one.
struct expression_reader {
  std::string_view s;
  std::size_t at = 0;
  int depth = 0;
  bool ok = true;

  char peek() {
    while (at < s.size() && s[at] == ' ') ++at;
    return at < s.size() ? s[at] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at;
    return true;
  }
  void expect(char c) { ok = take(c) && ok; }

  expression sum() {
    if (++depth > 50) ok = false;
    if (!ok) return {};
    expression e = take('-') ? -product() : product();
    while (ok) {
      if (take('+')) e = e + product();
      else if (take('-')) e = e - product();
      else break;
    }
    --depth;
    return e;
  }
  expression product() {
    expression e = factor();
    while (ok) {
      if (take('*')) e = e * factor();
      else if (take('/')) {
        auto const d = factor();
        if (d.is(0)) ok = false;
        if (ok) e = floor_div(e, d);
      } else break;
    }
    return e;
  }
  std::string_view word() {
    auto const from = at;
    while (at < s.size() && plain_name(std::string{"a"} + s[at])) ++at;
    return s.substr(from, at - from);
  }
  expression factor() {
    auto const c = peek();
    if (take('(')) {
      auto const e = sum();
      expect(')');
      return e;
    }
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) return number();
    auto const name = word();
    if (!plain_name(name)) ok = false;
    if (!ok) return {};
    return peek() == '(' ? call(name) : expression::symbol(std::string{name});
  }
  expression number() {
    std::int64_t n = 0;
    for (; at < s.size() && std::isdigit(static_cast<unsigned char>(s[at])) != 0; ++at)
      if (__builtin_mul_overflow(n, std::int64_t{10}, &n) || __builtin_add_overflow(n, std::int64_t{s[at] - '0'}, &n))
        ok = false;
    return n;
  }
  expression call(std::string_view name) {
    std::vector<expression> in;
    expect('(');
    do in.push_back(sum());
    while (ok && take(','));
    expect(')');
    if (!ok) return {};
    if ((name == "floor" || name == "Floor") && in.size() == 1) return in[0];
    if ((name == "Mod" || name == "mod") && in.size() == 2 && !in[1].is(0)) return modulo(in[0], in[1]);
    bool const largest = name == "Max" || name == "max";
    if (!largest && name != "Min" && name != "min") ok = false;
    auto e = in[0];
    for (std::size_t i = 1; ok && i < in.size(); ++i) e = largest ? max(e, in[i]) : min(e, in[i]);
    return e;
  }
};
}  // namespace detail

/// The expression that a text denotes, or nothing. A division stands for its floor.
inline std::optional<expression> parse_expression(std::string_view text) {
  detail::expression_reader r{text};
  try {
    auto e = r.sum();
    if (r.ok && r.peek() == '\0') return e;
  } catch (error const&) {
  }
  return std::nullopt;
}

/// The value for given symbols; nothing when a symbol is not given or the value does not fit.
inline std::optional<std::int64_t> evaluate(expression const& e, std::map<std::string, std::int64_t> const& symbols) {
  using kind = detail::atom::kind;
  std::int64_t sum = 0;
  for (auto const& t : e.terms()) {
    std::int64_t product = t.coefficient;
    for (auto const& f : t.factors) {
      std::optional<std::int64_t> v;
      if (f->what == kind::symbol) {
        if (auto const it = symbols.find(f->text); it != symbols.end()) v = it->second;
      } else {
        auto const a = evaluate(f->parts[0], symbols);
        if (!a) return std::nullopt;
        v = a;
        for (std::size_t i = 1; i < f->parts.size(); ++i) {
          auto const b = evaluate(f->parts[i], symbols);
          bool const divides = f->what == kind::quotient || f->what == kind::remainder;
          if (!b || (divides && *b == 0)) return std::nullopt;
          if (f->what == kind::quotient) v = detail::floor_quotient(*a, *b);
          else if (f->what == kind::remainder) v = *b == -1 ? 0 : *a - *b * detail::floor_quotient(*a, *b);
          else v = f->what == kind::maximum ? std::max(*v, *b) : std::min(*v, *b);
        }
      }
      if (!v || __builtin_mul_overflow(product, *v, &product)) return std::nullopt;
    }
    if (__builtin_add_overflow(sum, product, &sum)) return std::nullopt;
  }
  return sum;
}

/// The names of all symbols in `e`, in no particular order, without repetition.
inline void collect_symbols(expression const& e, std::vector<std::string>& into) {
  for (auto const& t : e.terms())
    for (auto const& f : t.factors) {
      if (f->what == detail::atom::kind::symbol && std::find(into.begin(), into.end(), f->text) == into.end())
        into.push_back(f->text);
      for (auto const& p : f->parts) collect_symbols(p, into);
    }
}

}  // namespace octet
