// Activation functions in their simplest spelling: one Clip or Relu where there were several.
#pragma once

#include <limits>

#include <octet/rewrite/numbers.hpp>
#include <octet/rewrite/rule.hpp>
#include <octet/rewrite/rules/variables.hpp>

namespace octet::rewrite {

/// Bounds of a Clip node, or of a Relu; nothing when they are not constant.
struct clip_bounds {
  double low = -HUGE_VAL, high = HUGE_VAL;
};
inline std::optional<clip_bounds> bounds_of(match const& m, octet::node const& n) {
  clip_bounds b;
  if (n.op == "Relu") return clip_bounds{0, HUGE_VAL};
  auto const read = [&](std::size_t i, char const* attribute, double& into) {
    if (auto const* a = n.get<float>(attribute)) into = static_cast<double>(*a);
    if (!n.has_input(i)) return true;
    auto const* t = m.graph.constant(n.inputs[i]);
    auto const v = t == nullptr || !is_float(t->type()) ? std::nullopt : to_real(*t);
    if (v) into = *v;
    return v.has_value();
  };
  if (!read(1, "min", b.low) || !read(2, "max", b.high)) return std::nullopt;
  auto const most = static_cast<double>(std::numeric_limits<float>::max());
  if (b.low <= -most) b.low = -HUGE_VAL;
  if (b.high >= most) b.high = HUGE_VAL;
  return b;
}

/// The Clip, Relu or nothing at all that has these bounds.
inline value_id clipped(match const& m, patch& p, clip_bounds b) {
  if (b.low == -HUGE_VAL && b.high == HUGE_VAL) return m[var::x];
  if (b.low == 0 && b.high == HUGE_VAL) return p(ops::Relu, {m[var::x]});
  auto const* t = m.type(var::x);
  auto const e = t == nullptr ? element::undefined : t->element;
  if (!is_float(e)) return p.decline("the element type is not known to be float");
  if (m.opset != 0 && m.opset < 11) {
    std::vector<attribute> a;
    if (b.low != -HUGE_VAL) a.push_back({"min", static_cast<float>(b.low)});
    if (b.high != HUGE_VAL) a.push_back({"max", static_cast<float>(b.high)});
    return p(ops::Clip, {m[var::x]}, std::move(a));
  }
  auto const limit = [&](double x, double none) {
    return x == none ? value_id::none : p.constant(rounded(e, shape{}, {x}));
  };
  std::vector<value_id> inputs{m[var::x], limit(b.low, -HUGE_VAL)};
  if (auto const h = limit(b.high, HUGE_VAL); h != value_id::none) inputs.push_back(h);
  return p(ops::Clip, std::move(inputs));
}

/// First the inner bounds, then the outer ones.
inline value_id clip_twice(match const& m, patch& p) {
  auto const inner = bounds_of(m, m.at(var::clip)), outer = bounds_of(m, m.at(var::clip2));
  if (!inner || !outer) return p.decline("the bounds are not constant");
  auto const through = [&](double v) { return std::min(std::max(v, outer->low), outer->high); };
  return clipped(m, p, {through(inner->low), through(inner->high)});
}

inline constexpr auto inner_clip =
    either(ops::Relu(var::x).as(var::clip), ops::Clip(var::x, maybe(var::low), maybe(var::high)).as(var::clip));

inline constexpr rule merge_clips{"clip-clip",
                                  either(ops::Clip(inner_clip, maybe(var::low2), maybe(var::high2)).as(var::clip2),
                                         ops::Relu(inner_clip).as(var::clip2)),
                                  [](match const& m, patch& p) { return clip_twice(m, p); }};

inline constexpr rule simplify_clip{"clip-to-relu", ops::Clip(var::x, maybe(var::low), maybe(var::high)).as(var::clip),
                                    [](match const& m, patch& p) {
                                      auto const b = bounds_of(m, m.at(var::clip));
                                      if (!b || b->high != HUGE_VAL || (b->low != 0 && b->low != -HUGE_VAL))
                                        return p.decline("the bounds are not those of Relu");
                                      return clipped(m, p, *b);
                                    }};

inline constexpr rule max_to_relu{"max-to-relu", ops::Max(var::x, var::zero), [](match const& m, patch& p) {
                                    auto const& t = m.fixed(var::zero);
                                    if (!is_float(t.type()) || t.rank() != 0 || to_real(t) != 0.0)
                                      return p.decline("the other input is not 0");
                                    return p(ops::Relu, {m[var::x]});
                                  }};

inline constexpr auto activation_rules = rules(merge_clips, simplify_clip, max_to_relu);

}  // namespace octet::rewrite
