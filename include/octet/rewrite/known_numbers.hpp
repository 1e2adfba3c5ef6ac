// What a value holds that depends on constants and sizes alone, with every symbol at the tracer's prime: so a mask is
// known whatever an exporter computes it from.
#pragma once

#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include <octet/rewrite/index_trace.hpp>
#include <octet/rewrite/numbers.hpp>

namespace octet::rewrite {

/// A tensor of numbers; true is 1.
struct known_tensor {
  shape dims{};
  std::vector<double> at{};
};

class known_numbers {
 public:
  /// Values of one graph whose types are inferred.
  known_numbers(octet::graph const& g, tracer& t) : g_{g}, trace_{t} {}

  std::optional<known_tensor> of(value_id v, int depth = 0) {
    if (v == value_id::none || depth > 64) return std::nullopt;
    if (auto const it = known_.find(v); it != known_.end()) return it->second;
    auto r = compute(v, depth);
    return known_[v] = std::move(r);
  }

 private:
  using maybe_known = std::optional<known_tensor>;
  static constexpr std::int64_t largest = 1 << 20;

  maybe_known compute(value_id v, int depth) {
    if (auto const* t = g_.constant(v)) {
      if (t->size() > largest) return std::nullopt;
      if (auto const r = to_reals(*t, t->size())) return known_tensor{t->dims(), *r};
      if (auto const i = to_integers(*t, t->size())) return known_tensor{t->dims(), {i->begin(), i->end()}};
      return std::nullopt;
    }
    auto const* n = g_.producer(v);
    if (n == nullptr || !plain_domain(n->domain).empty() || n->inputs.empty()) return std::nullopt;
    if (n->is("Shape")) return size_of(*n);
    std::vector<known_tensor> in;
    for (auto const i : n->inputs) {
      auto r = i == value_id::none ? maybe_known{known_tensor{}} : of(i, depth + 1);
      if (!r) return std::nullopt;
      in.push_back(std::move(*r));
    }
    auto r = apply(*n, in, v);
    return r && r->dims.size() == static_cast<std::int64_t>(r->at.size()) && r->dims.size() <= largest ? r
                                                                                                       : std::nullopt;
  }

  maybe_known size_of(octet::node const& n) {
    auto const s = trace_.sizes(n.inputs[0]);
    if (!s || n.find("start") != nullptr || n.find("end") != nullptr) return std::nullopt;
    known_tensor r{{static_cast<std::int64_t>(s->rank())}, {}};
    for (auto const d : *s) r.at.push_back(static_cast<double>(d));
    return r;
  }

  maybe_known apply(octet::node const& n, std::vector<known_tensor> const& in, value_id v) {
    auto const& op = n.op;
    if (op == "Cast") return cast(n, in[0]);
    if (op == "Identity") return in[0];
    if (op == "Squeeze" || op == "Unsqueeze" || op == "Reshape" || op == "Flatten") {
      auto const s = trace_.sizes(v);
      return s ? maybe_known{known_tensor{*s, in[0].at}} : std::nullopt;
    }
    if (op == "Neg" || op == "Not" || op == "Sqrt")
      return each(in[0], [&](double a) {
        return op == "Neg" ? -a : op == "Not" ? (a == 0 ? 1.0 : 0.0) : std::sqrt(a);
      });
    if (op == "Gather") return gather(n, in[0], in[1]);
    if (op == "Slice") return slice(n, in);
    if (op == "Concat") return concat(n, in);
    if (op == "Expand") return broadcast({in[0]}, shape_of(in[1]), [](auto const& a) { return a[0]; });
    if (op == "ConstantOfShape") return filled(n, shape_of(in[0]));
    if (op == "Range" && in.size() == 3) return range(in);
    if (op == "Trilu") return triangle(n, in);
    if (op == "Where") return broadcast(in, {}, [](auto const& a) { return a[0] != 0 ? a[1] : a[2]; });
    if (in.size() != 2) return std::nullopt;
    auto const f = arithmetic(op, integral(n));
    return f ? broadcast(in, {}, [&](auto const& a) { return f(a[0], a[1]); }) : std::nullopt;
  }

  bool integral(octet::node const& n) const {
    auto const& t = g_[n.outputs[0]].type;
    return t && (t->element == element::s64 || t->element == element::s32);
  }
  static std::function<double(double, double)> arithmetic(std::string const& op, bool integral) {
    if (op == "Add") return [](double a, double b) { return a + b; };
    if (op == "Sub") return [](double a, double b) { return a - b; };
    if (op == "Mul") return [](double a, double b) { return a * b; };
    if (op == "Div") return [=](double a, double b) { return integral ? std::trunc(a / b) : a / b; };
    if (op == "Pow") return [](double a, double b) { return std::pow(a, b); };
    if (op == "Less") return [](double a, double b) { return a < b ? 1.0 : 0.0; };
    if (op == "LessOrEqual") return [](double a, double b) { return a <= b ? 1.0 : 0.0; };
    if (op == "Greater") return [](double a, double b) { return a > b ? 1.0 : 0.0; };
    if (op == "GreaterOrEqual") return [](double a, double b) { return a >= b ? 1.0 : 0.0; };
    if (op == "Equal") return [](double a, double b) { return a == b ? 1.0 : 0.0; };
    if (op == "And") return [](double a, double b) { return a != 0 && b != 0 ? 1.0 : 0.0; };
    if (op == "Or") return [](double a, double b) { return a != 0 || b != 0 ? 1.0 : 0.0; };
    if (op == "Max") return [](double a, double b) { return std::max(a, b); };
    if (op == "Min") return [](double a, double b) { return std::min(a, b); };
    return {};
  }

  template <class F>
  static known_tensor each(known_tensor x, F f) {
    for (auto& a : x.at) a = f(a);
    return x;
  }
  static maybe_known cast(octet::node const& n, known_tensor const& x) {
    auto const to = static_cast<element>(n.get<std::int64_t>("to", 0));
    if (is_float(to)) return x;
    return each(x, [&](double a) { return to == element::boolean ? (a != 0 ? 1.0 : 0.0) : std::trunc(a); });
  }
  static std::optional<shape> shape_of(known_tensor const& x) {
    shape s;
    for (auto const d : x.at) {
      if (!(d >= 0 && d <= static_cast<double>(largest))) return std::nullopt;
      s.push_back(static_cast<std::int64_t>(d));
    }
    return s;
  }

  /// f over the elements of all operands, repeated to a common shape and to `least`.
  template <class F>
  static maybe_known broadcast(std::vector<known_tensor> const& in, std::optional<shape> const& least, F f) {
    std::size_t rank = least ? least->rank() : 0;
    for (auto const& x : in) rank = std::max(rank, x.dims.rank());
    known_tensor r;
    auto const at = [&](shape const& s, std::size_t i) { return i + s.rank() < rank ? 1 : s[i + s.rank() - rank]; };
    for (std::size_t i = 0; i < rank; ++i) {
      auto d = least ? at(*least, i) : std::int64_t{1};
      for (auto const& x : in) {
        auto const e = at(x.dims, i);
        if (d != e && d != 1 && e != 1) return std::nullopt;
        d = d == 1 ? e : d;
      }
      r.dims.push_back(d);
    }
    if (r.dims.size() > largest) return std::nullopt;
    std::vector<double> operands(in.size());
    for (std::int64_t i = 0; i < r.dims.size(); ++i) {
      for (std::size_t k = 0; k < in.size(); ++k) {
        std::int64_t rest = i, from = 0, step = 1;
        for (std::size_t a = rank; a-- != 0; rest /= r.dims[a]) {
          auto const d = at(in[k].dims, a);
          from += d == 1 ? 0 : rest % r.dims[a] * step;
          step *= d;
        }
        operands[k] = in[k].at[static_cast<std::size_t>(from)];
      }
      r.at.push_back(f(operands));
    }
    return r;
  }

  static std::optional<std::size_t> axis_of(double axis, known_tensor const& x) {
    auto const rank = static_cast<double>(x.dims.rank());
    if (axis < 0) axis += rank;
    return axis >= 0 && axis < rank ? std::optional{static_cast<std::size_t>(axis)} : std::nullopt;
  }
  /// Positions `from` of one axis, in that order.
  static known_tensor picked(known_tensor const& x, std::size_t axis, std::vector<std::int64_t> const& from) {
    known_tensor r{x.dims, {}};
    r.dims[axis] = static_cast<std::int64_t>(from.size());
    auto const inner = x.dims.product(axis + 1, x.dims.rank());
    for (std::int64_t o = 0; o < x.dims.product(0, axis); ++o)
      for (auto const i : from)
        for (std::int64_t k = 0; k < inner; ++k)
          r.at.push_back(x.at[static_cast<std::size_t>((o * x.dims[axis] + i) * inner + k)]);
    return r;
  }
  static maybe_known gather(octet::node const& n, known_tensor const& x, known_tensor const& which) {
    auto const axis = axis_of(static_cast<double>(n.get<std::int64_t>("axis", 0)), x);
    if (!axis || which.dims.rank() > 1) return std::nullopt;
    std::vector<std::int64_t> from;
    for (auto const w : which.at) {
      auto const i = static_cast<std::int64_t>(w) + (w < 0 ? x.dims[*axis] : 0);
      if (i < 0 || i >= x.dims[*axis]) return std::nullopt;
      from.push_back(i);
    }
    auto r = picked(x, *axis, from);
    if (which.dims.rank() == 1) return r;
    shape without;
    for (std::size_t i = 0; i < r.dims.rank(); ++i)
      if (i != *axis) without.push_back(r.dims[i]);
    return known_tensor{without, std::move(r.at)};
  }
  static maybe_known slice(octet::node const& n, std::vector<known_tensor> const& in) {
    if (in.size() < 3 || n.find("starts") != nullptr) return std::nullopt;
    auto x = in[0];
    for (std::size_t i = 0; i < in[1].at.size(); ++i) {
      auto const axis = axis_of(in.size() > 3 && !in[3].at.empty() ? in[3].at[i] : static_cast<double>(i), x);
      if (!axis || (in.size() > 4 && !in[4].at.empty() && in[4].at[i] != 1) || i >= in[2].at.size())
        return std::nullopt;
      auto const size = static_cast<double>(x.dims[*axis]);
      auto const place = [&](double p) { return std::clamp(p < 0 ? p + size : p, 0.0, size); };
      std::vector<std::int64_t> from;
      for (auto p = place(in[1].at[i]); p < place(in[2].at[i]); ++p) from.push_back(static_cast<std::int64_t>(p));
      x = picked(x, *axis, from);
    }
    return x;
  }
  /// Along the first axis, as lists of sizes are joined.
  static maybe_known concat(octet::node const& n, std::vector<known_tensor> const& in) {
    if (n.get<std::int64_t>("axis", 0) != 0 || in[0].dims.rank() == 0) return std::nullopt;
    known_tensor r{in[0].dims, {}};
    r.dims[0] = 0;
    for (auto const& x : in) {
      if (x.dims.rank() != r.dims.rank()) return std::nullopt;
      r.dims[0] += x.dims[0];
      r.at.insert(r.at.end(), x.at.begin(), x.at.end());
    }
    return r;
  }
  static maybe_known filled(octet::node const& n, std::optional<shape> const& s) {
    auto const* t = n.get<stored_tensor>("value");
    auto const x = t == nullptr ? std::optional{0.0} : to_real(t->data);
    if (!s || !x || s->size() > largest) return std::nullopt;
    return known_tensor{*s, std::vector<double>(static_cast<std::size_t>(s->size()), *x)};
  }
  static maybe_known range(std::vector<known_tensor> const& in) {
    for (auto const& x : in)
      if (x.at.size() != 1) return std::nullopt;
    auto const first = in[0].at[0], end = in[1].at[0], step = in[2].at[0];
    auto const count = step == 0 ? -1 : std::ceil((end - first) / step);
    if (!(count >= 0 && count <= static_cast<double>(largest))) return std::nullopt;
    known_tensor r{{static_cast<std::int64_t>(count)}, {}};
    for (std::int64_t i = 0; i < r.dims[0]; ++i) r.at.push_back(first + static_cast<double>(i) * step);
    return r;
  }
  static maybe_known triangle(octet::node const& n, std::vector<known_tensor> const& in) {
    auto x = in[0];
    if (x.dims.rank() < 2) return std::nullopt;
    auto const k = in.size() > 1 && !in[1].at.empty() ? in[1].at[0] : 0.0;
    bool const upper = n.get<std::int64_t>("upper", 1) != 0;
    auto const columns = x.dims[x.dims.rank() - 1], rows = x.dims[x.dims.rank() - 2];
    for (std::size_t i = 0; i < x.at.size(); ++i) {
      auto const column = static_cast<double>(static_cast<std::int64_t>(i) % columns),
                 row = static_cast<double>(static_cast<std::int64_t>(i) / columns % rows);
      if (upper ? column - row < k : column - row > k) x.at[i] = 0;
    }
    return x;
  }

  octet::graph const& g_;
  tracer& trace_;
  std::map<value_id, maybe_known> known_{};
};

}  // namespace octet::rewrite
