// Inputs for a model whose data nobody has: random numbers of sizes that fit together.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <octet/exec/feed.hpp>
#include <octet/graph/graph.hpp>
#include <octet/infer/infer.hpp>
#include <octet/infer/symbol_text.hpp>
#include <octet/rewrite/numbers.hpp>

namespace octet::detail {

/// Floats in [-2, 2); integers 0 or 1, the first of each row 1, so that they are ids, masks and segments alike.
class random_inputs {
 public:
  /// `try_sizes` (0 … 3) picks what symbols and unknown dimensions are: small first, then what pictures and sounds
  /// need.
  random_inputs(model const& m, std::uint64_t seed, std::size_t try_sizes)
      : g_{m.main}, state_{seed}, size_{try_sizes} {
    auto inferred = m;
    for (auto const& said : infer(inferred).assumptions) {  // "total = past + new"
      auto const at = said.find(" = ");
      if (at == said.npos) continue;
      if (auto const e = parse_expression(std::string_view{said}.substr(at + 3)))
        equal_.emplace(said.substr(0, at), *e);
    }
  }
  static constexpr std::size_t size_choices = 4;

  /// The next feed. Throws `unsupported` for inputs that are no tensors of numbers.
  feed next() {
    feed f;
    for (auto const v : g_.inputs)
      if (!g_[v].initializer) f.emplace(g_[v].name, filled(g_[v]));
    return f;
  }

 private:
  tensor filled(value const& v) {
    auto const& t = v.type;
    if (!t || !t->is_tensor() || !t->dims || bits(t->element) < 8 || t->element == element::text)
      throw error{error_kind::unsupported, "no random numbers for input '" + v.name + "'", v.name,
                  "give samples (--data)"};
    shape s;
    for (std::size_t i = 0; i < t->dims->size(); ++i) s.push_back(size_of((*t->dims)[i], i));
    auto const row = s.rank() == 0 ? 1 : std::max<std::int64_t>(s[s.rank() - 1], 1);
    if (rewrite::is_float(t->element)) return reals(s, t->element);
    tensor x{t->element, s};
    auto const width = static_cast<std::size_t>(bits(t->element)) / 8;
    auto bytes = x.mutable_bytes();
    std::fill(bytes.begin(), bytes.end(), std::byte{0});
    for (std::size_t i = 0; i * width < bytes.size(); ++i)
      bytes[i * width] = static_cast<std::byte>(static_cast<std::int64_t>(i) % row == 0 ? 1 : random() & 1);
    return x;
  }
  tensor reals(shape const& s, element e) {
    std::vector<double> v(static_cast<std::size_t>(s.size()));
    for (auto& x : v) x = static_cast<double>(random() >> 40) * 0x1p-22 - 2;
    return rewrite::rounded(e, s, v);
  }

  std::int64_t size_of(dimension const& d, std::size_t axis) {
    if (d.known()) return d.size;
    if (d.symbol.empty() || d.symbol == "?") return fresh(axis);
    auto const e = parse_expression(d.symbol);
    auto const n = e && !e->is_symbol() ? value_of(*e, axis) : std::nullopt;
    return n ? *n : named(d.symbol, axis);
  }
  std::optional<std::int64_t> value_of(expression const& e, std::size_t axis) {
    std::vector<std::string> names;
    collect_symbols(e, names);
    for (auto const& n : names) named(n, axis);
    auto const n = evaluate(e, sizes_);
    return n && *n > 0 ? n : std::nullopt;
  }
  std::int64_t named(std::string const& symbol, std::size_t axis) {
    if (auto const it = sizes_.find(symbol); it != sizes_.end()) return it->second;
    sizes_[symbol] = 1;  // ends a circle of equations
    auto const it = equal_.find(symbol);
    auto const n = it == equal_.end() ? std::nullopt : value_of(it->second, axis);
    return sizes_[symbol] = n ? *n : fresh(axis);
  }
  std::int64_t fresh(std::size_t axis) {
    static constexpr std::array<std::int64_t, 6> small{7, 3, 5, 11, 13, 17};
    static constexpr std::array<std::int64_t, size_choices> all{0, 32, 64, 224};
    if (axis == 0) return 2;
    return size_ == 0 ? small[std::min(used_++, small.size() - 1)] : all[std::min(size_, size_choices - 1)];
  }
  /// splitmix64.
  std::uint64_t random() {
    auto z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  graph const& g_;
  std::uint64_t state_;
  std::size_t size_, used_ = 0;
  std::map<std::string, std::int64_t> sizes_{};
  std::map<std::string, expression> equal_{};  ///< what inference found about names
};

}  // namespace octet::detail
