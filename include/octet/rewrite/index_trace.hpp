// What reshapes, transposes and slices do to the elements of a tensor, found out by doing it: every symbol gets a small
// prime as its size, and the numbers of the elements go through the operators. This proves a layout whatever its
// spelling.
#pragma once

#include <map>
#include <numeric>

#include <octet/infer/symbol_text.hpp>
#include <octet/rewrite/match.hpp>

namespace octet::rewrite {

/// A tensor of element numbers.
struct numbered {
  shape dims{};
  std::vector<std::int32_t> at{};
};

/// One operator on the way up from a value, and the value that it makes.
struct trace_step {
  node_id node = node_id::none;
  value_id made = value_id::none;
};

/// The rearrangements above a value, the nearest first, and the number by which they multiply it.
struct trace {
  std::vector<trace_step> steps{};
  std::vector<value_id> tops{};  ///< the value itself, then what each step reads
  std::vector<double> scales{};  ///< of the value relative to each of `tops`
};

/// Follows values of one graph whose types are inferred.
class tracer {
 public:
  /// `attempt` (0, 1, 2) picks larger primes, for formulas that small sizes make negative.
  explicit tracer(octet::graph const& g, int attempt = 0) : g_{g}, attempt_{attempt} {}

  /// The shape with every symbol at its prime; nothing when a dimension is not known or the tensor would be too large.
  std::optional<shape> sizes(value_id v) {
    if (v == value_id::none || !g_[v].type || !g_[v].type->dims) return std::nullopt;
    shape s;
    for (auto const& d : *g_[v].type->dims) {
      auto const e = d.known()          ? std::optional{expression{d.size}}
                     : d.symbol.empty() ? std::nullopt
                                        : expression_of(d.symbol);
      auto const n = e ? evaluate(*e, sizes_) : std::nullopt;
      if (!n || *n <= 0 || *n > (1 << 22)) return std::nullopt;
      s.push_back(*n);
    }
    std::int64_t total = 1;
    for (auto const n : s)
      if ((total *= n) > (1 << 22)) return std::nullopt;
    return s;
  }

  /// Everything above `v` that only rearranges, selects or multiplies by one number.
  trace climb(value_id v) const {
    trace t{{}, {v}, {1.0}};
    while (t.steps.size() < 24) {
      auto const id = g_[v].producer;
      if (id == node_id::none) break;
      auto const& n = g_[id];
      double factor = 1;
      auto const next = source(n, factor);
      if (next == value_id::none) break;
      t.steps.push_back({id, v});
      t.tops.push_back(next);
      t.scales.push_back(t.scales.back() * factor);
      v = next;
    }
    return t;
  }

  /// The elements of tops[k] as they lie in the traced value.
  std::optional<numbered> follow(trace const& t, std::size_t k) {
    auto const s = sizes(t.tops[k]);
    if (!s) return std::nullopt;
    numbered x{*s, std::vector<std::int32_t>(static_cast<std::size_t>(s->size()))};
    std::iota(x.at.begin(), x.at.end(), 0);
    while (k-- != 0)
      if (!apply(t.steps[k], x)) return std::nullopt;
    return x;
  }

 private:
  std::optional<expression> expression_of(std::string const& text) {
    auto e = parse_expression(text);
    if (!e) e = expression::symbol(text);
    std::vector<std::string> names;
    collect_symbols(*e, names);
    static constexpr std::int64_t all_primes[][8] = {{2, 3, 5, 7, 11, 13, 17, 19},
                                                     {101, 103, 107, 109, 113, 127, 131, 137},
                                                     {1009, 1013, 1019, 1021, 1031, 1033, 1039, 1049}};
    auto const& primes = all_primes[std::clamp(attempt_, 0, 2)];
    std::sort(names.begin(), names.end());
    for (auto const& s : names)
      if (sizes_.count(s) == 0) sizes_[s] = primes[std::min<std::size_t>(sizes_.size(), std::size(primes) - 1)];
    return e;
  }

  std::optional<double> scalar(value_id v) const {
    auto const* t = g_.constant(v);
    return t == nullptr ? std::nullopt : to_real(*t);
  }

  value_id source(octet::node const& n, double& factor) const {
    static constexpr std::string_view plain[] = {"Transpose", "Reshape", "Unsqueeze", "Squeeze", "Flatten",
                                                 "Identity",  "Slice",   "Gather",    "Split"};
    if (!plain_domain(n.domain).empty()) return value_id::none;
    if (std::find(std::begin(plain), std::end(plain), n.op) != std::end(plain))
      return g_.constant(n.inputs[0]) != nullptr ? value_id::none : n.inputs[0];
    if (n.op == "Div" && scalar(n.inputs[1])) {
      factor = 1 / *scalar(n.inputs[1]);
      return n.inputs[0];
    }
    for (std::size_t i = 0; n.op == "Mul" && i < 2; ++i)
      if (auto const c = scalar(n.inputs[i])) {
        factor = *c;
        return n.inputs[1 - i];
      }
    return value_id::none;
  }

  std::optional<std::vector<std::int64_t>> integers(octet::node const& n, std::size_t i, char const* attribute) const {
    if (auto const* a = n.get<std::vector<std::int64_t>>(attribute)) return *a;
    auto const* t = n.has_input(i) ? g_.constant(n.inputs[i]) : nullptr;
    return t == nullptr ? std::nullopt : to_integers(*t);
  }

  static void select(numbered& x, std::size_t axis, std::int64_t from, std::int64_t count) {
    auto const outer = x.dims.product(0, axis), inner = x.dims.product(axis + 1, x.dims.rank()), size = x.dims[axis];
    std::vector<std::int32_t> kept;
    for (std::int64_t o = 0; o < outer; ++o)
      for (std::int64_t i = (o * size + from) * inner; i < (o * size + from + count) * inner; ++i)
        kept.push_back(x.at[static_cast<std::size_t>(i)]);
    x.at = std::move(kept);
    x.dims[axis] = count;
  }

  bool apply(trace_step s, numbered& x) {
    auto const& n = g_[s.node];
    auto const out = sizes(s.made);
    if (!out) return false;
    auto const rank = static_cast<std::int64_t>(x.dims.rank());
    auto const axis_of = [&](std::int64_t a) { return a < 0 ? a + rank : a; };
    if (n.op == "Transpose") return transpose(n, x);
    if (n.op == "Slice") {
      auto const starts = integers(n, 1, "starts"), ends = integers(n, 2, "ends"), axes = integers(n, 3, "axes");
      auto const steps = integers(n, 4, "steps");
      if (!starts || !ends || (!axes && n.has_input(3)) || (n.has_input(4) && !steps)) return false;
      for (std::size_t i = 0; i < starts->size(); ++i) {
        auto const a = axis_of(axes ? (*axes)[i] : static_cast<std::int64_t>(i));
        if (a < 0 || a >= rank || (steps && (*steps)[i] != 1)) return false;
        auto const size = x.dims[static_cast<std::size_t>(a)];
        auto const place = [&](std::int64_t p) {
          return std::clamp<std::int64_t>(p < 0 ? std::max(p, -size) + size : p, 0, size);
        };
        auto const from = place((*starts)[i]), to = place((*ends)[i]);
        if (to <= from) return false;
        select(x, static_cast<std::size_t>(a), from, to - from);
      }
    } else if (n.op == "Gather") {
      auto const which = integers(n, 1, "");
      auto const a = axis_of(n.get<std::int64_t>("axis", 0));
      if (!which || which->size() != 1 || a < 0 || a >= rank) return false;
      auto const size = x.dims[static_cast<std::size_t>(a)], i = (*which)[0] < 0 ? (*which)[0] + size : (*which)[0];
      if (i < 0 || i >= size) return false;
      select(x, static_cast<std::size_t>(a), i, 1);
    } else if (n.op == "Split") {
      auto const a = axis_of(n.get<std::int64_t>("axis", 0));
      if (a < 0 || a >= rank) return false;
      std::int64_t from = 0;
      for (auto const o : n.outputs) {
        auto const part = sizes(o);
        if (!part || part->rank() != x.dims.rank()) return false;
        if (o == s.made) {
          if (from + (*part)[static_cast<std::size_t>(a)] > x.dims[static_cast<std::size_t>(a)]) return false;
          select(x, static_cast<std::size_t>(a), from, (*part)[static_cast<std::size_t>(a)]);
          break;
        }
        from += (*part)[static_cast<std::size_t>(a)];
      }
    }
    if (out->size() != static_cast<std::int64_t>(x.at.size())) return false;
    x.dims = *out;
    return true;
  }

  static bool transpose(octet::node const& n, numbered& x) {
    auto perm = n.get<std::vector<std::int64_t>>("perm", {});
    if (perm.empty())
      for (std::size_t i = x.dims.rank(); i-- != 0;) perm.push_back(static_cast<std::int64_t>(i));
    if (perm.size() != x.dims.rank()) return false;
    auto const step = strides(x.dims);
    numbered y;
    for (auto const p : perm) {
      if (p < 0 || p >= static_cast<std::int64_t>(perm.size())) return false;
      y.dims.push_back(x.dims[static_cast<std::size_t>(p)]);
    }
    for (std::int64_t i = 0; i < y.dims.size(); ++i) {
      std::int64_t rest = i, from = 0;
      for (std::size_t a = perm.size(); a-- != 0; rest /= y.dims[a])
        from += rest % y.dims[a] * step[static_cast<std::size_t>(perm[a])];
      y.at.push_back(x.at[static_cast<std::size_t>(from)]);
    }
    x = std::move(y);
    return true;
  }

  octet::graph const& g_;
  int attempt_ = 0;
  std::map<std::string, std::int64_t> sizes_{};
};

}  // namespace octet::rewrite
