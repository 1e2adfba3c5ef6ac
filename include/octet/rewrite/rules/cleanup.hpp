// Operators that do nothing, and pairs of rearrangements that are one.
#pragma once

#include <octet/rewrite/numbers.hpp>
#include <octet/rewrite/rule.hpp>
#include <octet/rewrite/rules/variables.hpp>

namespace octet::rewrite {

/// Both types known, of one element type and of dimensions that are surely equal.
inline bool same_type(value_type const* a, value_type const* b) {
  if (a == nullptr || b == nullptr || !a->dims || !b->dims || a->element != b->element ||
      a->dims->size() != b->dims->size())
    return false;
  for (std::size_t i = 0; i < a->dims->size(); ++i) {
    auto const &s = (*a->dims)[i], &t = (*b->dims)[i];
    bool const equal =
        s.known() ? t.known() && s.size == t.size : !s.symbol.empty() && s.symbol != "?" && s.symbol == t.symbol;
    if (!equal) return false;
  }
  return true;
}

/// The input, when the node returns something of the very same type.
inline value_id if_same_type(match const& m, patch& p) {
  return same_type(m.type(var::x), m.type(m.root)) ? m[var::x]
                                                   : p.decline("the result is not known to have the type of the input");
}

/// The input of an elementwise operator with a constant that changes nothing, when broadcasting changes nothing either.
inline value_id if_neutral(match const& m, patch& p, double neutral) {
  auto const& t = m.fixed(var::c);
  auto const v = to_reals(t);
  if (!v || std::any_of(v->begin(), v->end(), [&](double e) { return e != neutral; }))
    return p.decline("the constant changes the input");
  bool const fits = same_type(m.type(var::x), m.type(m.root)) ||
                    (t.size() == 1 && (t.rank() == 0 || (m.rank(var::x) && t.rank() <= *m.rank(var::x))));
  return fits ? m[var::x] : p.decline("the constant may broadcast the input");
}

/// All elements of an optional constant input are `wanted`; an absent one counts as agreeing.
inline bool all_equal(match const& m, octet::node const& n, std::size_t input, std::int64_t wanted) {
  if (!n.has_input(input)) return true;
  auto const* t = m.graph.constant(n.inputs[input]);
  auto const v = t == nullptr ? std::nullopt : to_integers(*t);
  return v && std::all_of(v->begin(), v->end(), [&](std::int64_t i) { return i == wanted; });
}

inline octet::node const& root_of(match const& m) { return *m.graph.producer(m.root); }

inline std::vector<std::int64_t> permutation(octet::node const& n, std::size_t rank) {
  if (auto const* p = n.get<std::vector<std::int64_t>>("perm")) return *p;
  std::vector<std::int64_t> reversed;
  for (std::size_t i = rank; i-- != 0;) reversed.push_back(static_cast<std::int64_t>(i));
  return reversed;
}

inline bool is_identity(std::vector<std::int64_t> const& perm) {
  for (std::size_t i = 0; i < perm.size(); ++i)
    if (perm[i] != static_cast<std::int64_t>(i)) return false;
  return true;
}

inline constexpr rule drop_identity{"identity", ops::Identity(var::x),
                                    [](match const& m, patch&) { return m[var::x]; }};

inline constexpr rule drop_dropout{
    "dropout", ops::Dropout(var::x, maybe(var::ratio), maybe(var::training)), [](match const& m, patch& p) {
      return all_equal(m, root_of(m), 2, 0) ? m[var::x] : p.decline("the node may be in training");
    }};

/// The same for one that drops: an export in training form, which is to be run for its results.
inline constexpr rule drop_training{"dropout-in-training",
                                    ops::Dropout(var::x, maybe(var::ratio), maybe(var::training)),
                                    [](match const& m, patch&) { return m[var::x]; }};

inline constexpr rule drop_cast{"cast", ops::Cast(var::x), [](match const& m, patch& p) {
                                  auto const* t = m.type(var::x);
                                  auto const to = root_of(m).get<std::int64_t>("to", 0);
                                  return t != nullptr && to != 0 && static_cast<std::int64_t>(t->element) == to
                                             ? m[var::x]
                                             : p.decline("the type changes or is not known");
                                }};

inline constexpr rule drop_transpose{"transpose", ops::Transpose(var::x), [](match const& m, patch& p) {
                                       auto const r = m.rank(var::x).value_or(0);
                                       auto const* perm = root_of(m).get<std::vector<std::int64_t>>("perm");
                                       bool const nothing = perm != nullptr ? is_identity(*perm) : r == 1;
                                       return nothing ? m[var::x] : p.decline("the axes change places");
                                     }};

inline constexpr rule drop_reshape{"reshape", ops::Reshape(var::x, var::shape),
                                   [](match const& m, patch& p) { return if_same_type(m, p); }};
inline constexpr rule drop_expand{"expand", ops::Expand(var::x, var::shape),
                                  [](match const& m, patch& p) { return if_same_type(m, p); }};
inline constexpr rule drop_flatten{"flatten", ops::Flatten(var::x),
                                   [](match const& m, patch& p) { return if_same_type(m, p); }};
inline constexpr rule drop_squeeze{"squeeze", ops::Squeeze(var::x).and_more_inputs(),
                                   [](match const& m, patch& p) { return if_same_type(m, p); }};
inline constexpr rule drop_tile{"tile", ops::Tile(var::x, var::shape), [](match const& m, patch& p) {
                                  return all_equal(m, root_of(m), 1, 1) ? m[var::x]
                                                                        : p.decline("the input is repeated");
                                }};
inline constexpr rule drop_pad{"pad", ops::Pad(var::x).and_more_inputs(), [](match const& m, patch& p) {
                                 auto const& n = root_of(m);
                                 auto const* a = n.get<std::vector<std::int64_t>>("pads");
                                 bool const nothing =
                                     a != nullptr ? std::all_of(a->begin(), a->end(), [](auto i) { return i == 0; })
                                                  : n.has_input(1) && all_equal(m, n, 1, 0);
                                 return nothing ? m[var::x] : p.decline("something is padded");
                               }};
inline constexpr rule drop_slice{"slice", ops::Slice(var::x).and_more_inputs(), [](match const& m, patch& p) {
                                   return all_equal(m, root_of(m), 4, 1) ? if_same_type(m, p)
                                                                         : p.decline("the steps are not 1");
                                 }};

inline constexpr rule drop_concat{"concat-of-one", ops::Concat(var::x),
                                  [](match const& m, patch&) { return m[var::x]; }};
inline constexpr rule drop_sum{"sum-of-one",
                               either(ops::Sum(var::x), ops::Max(var::x), ops::Min(var::x), ops::Mean(var::x)),
                               [](match const& m, patch&) { return m[var::x]; }};
inline constexpr rule drop_split{"split-into-one", ops::Split(var::x).and_more_inputs(), [](match const& m, patch& p) {
                                   return root_of(m).outputs.size() == 1 ? if_same_type(m, p)
                                                                         : p.decline("there are several parts");
                                 }};

inline constexpr rule drop_mul{"mul-by-one", ops::Mul(var::x, var::c),
                               [](match const& m, patch& p) { return if_neutral(m, p, 1); }};
inline constexpr rule drop_div{"div-by-one", ops::Div(var::x, var::c),
                               [](match const& m, patch& p) { return if_neutral(m, p, 1); }};
inline constexpr rule drop_add{"add-zero", ops::Add(var::x, var::c),
                               [](match const& m, patch& p) { return if_neutral(m, p, 0); }};
inline constexpr rule drop_sub{"sub-zero", ops::Sub(var::x, var::c),
                               [](match const& m, patch& p) { return if_neutral(m, p, 0); }};
inline constexpr rule drop_pow{"pow-one", ops::Pow(var::x, var::c),
                               [](match const& m, patch& p) { return if_neutral(m, p, 1); }};

inline constexpr rule merge_transposes{
    "transpose-transpose", ops::Transpose(ops::Transpose(var::x).as(var::one)), [](match const& m, patch& p) {
      auto const rank = m.rank(var::x).value_or(0);
      auto const first = permutation(m.at(var::one), rank), second = permutation(root_of(m), rank);
      if (first.empty() || first.size() != second.size()) return p.decline("the axes are not known");
      std::vector<std::int64_t> both;
      for (auto const i : second) {
        if (i < 0 || i >= static_cast<std::int64_t>(first.size())) return p.decline("a permutation is not one");
        both.push_back(first[static_cast<std::size_t>(i)]);
      }
      if (is_identity(both)) return m[var::x];
      return p(ops::Transpose, {m[var::x]}, {{"perm", std::move(both)}});
    }};

/// Only the last of several reshapes counts, unless it copies sizes of its input.
inline constexpr rule merge_reshapes{
    "reshape-reshape",
    ops::Reshape(either(ops::Reshape(var::x, var::shape), ops::Flatten(var::x), ops::Squeeze(var::x).and_more_inputs(),
                        ops::Unsqueeze(var::x).and_more_inputs()),
                 var::target),
    [](match const& m, patch& p) {
      auto const to = to_integers(m.fixed(var::target));
      if (!to || std::find(to->begin(), to->end(), 0) != to->end())
        return p.decline("the shape copies sizes of its input");
      return p(ops::Reshape, {m[var::x], m[var::target]}, root_of(m).attributes);
    }};

/// Axes that are put in and taken out again, or the other way round.
inline constexpr rule drop_detour{"axes-and-back",
                                  either(ops::Squeeze(ops::Unsqueeze(var::x).and_more_inputs()).and_more_inputs(),
                                         ops::Unsqueeze(ops::Squeeze(var::x).and_more_inputs()).and_more_inputs()),
                                  [](match const& m, patch& p) { return if_same_type(m, p); }};

inline constexpr rule where_not{
    "where-not", ops::Where(ops::Not(var::condition), var::x, var::y),
    [](match const& m, patch& p) { return p(ops::Where, {m[var::condition], m[var::y], m[var::x]}); }};
inline constexpr rule div_mul{"div-mul", ops::Mul(ops::Div(1.0, var::x), var::y), [](match const& m, patch& p) {
                                auto const* t = m.type(var::x);
                                if (t == nullptr || !is_float(t->element))
                                  return p.decline("the type is not known to be float");
                                return p(ops::Div, {m[var::y], m[var::x]});
                              }};

/// Operators that do nothing and rearrangements that are one.
inline constexpr auto cleanup_rules =
    rules(drop_identity, drop_dropout, drop_cast, merge_transposes, drop_transpose, drop_reshape, merge_reshapes,
          drop_detour, drop_expand, drop_flatten, drop_squeeze, drop_tile, drop_pad, drop_slice, drop_concat, drop_sum,
          drop_split, where_not, div_mul);

/// (x ∘ c) ∘ w as x ∘ (c ∘ w), computed in double; where one of the two is a number or both have one shape.
template <class F>
value_id combine(match const& m, patch& p, ops::op const& o, F f) {
  auto const *a = &m.fixed(var::c), *b = &m.fixed(var::w);
  if (!is_float(a->type()) || a->type() != b->type()) return p.decline("the constants are not of one float type");
  if (a->size() == 1 && a->rank() <= b->rank()) std::swap(a, b);
  bool const number = b->size() == 1 && b->rank() <= a->rank();
  if (!number && !(a->dims() == b->dims())) return p.decline("the constants have different shapes");
  auto v = reals(*a);
  auto const by = reals(*b);
  for (std::size_t i = 0; i < v.size(); ++i) {
    v[i] = f(v[i], by[number ? 0 : i]);
    if (!std::isfinite(v[i])) return p.decline("the constants together are not finite");
  }
  return p(o, {m[var::x], p.constant(rounded(a->type(), a->dims(), v))});
}
inline constexpr rule merge_muls{"mul-mul", var::x* var::c* var::w, [](match const& m, patch& p) {
                                   return combine(m, p, ops::Mul, [](double a, double b) { return a * b; });
                                 }};
inline constexpr rule merge_adds{"add-add", var::x + var::c + var::w, [](match const& m, patch& p) {
                                   return combine(m, p, ops::Add, [](double a, double b) { return a + b; });
                                 }};

/// Constants that change nothing, and two that are one. After the fusions, which look for all of them.
inline constexpr auto neutral_rules = rules(drop_mul, drop_div, drop_add, drop_sub, drop_pow, merge_muls, merge_adds);

/// Only where it is said that the model is for inference.
inline constexpr auto inference_rules = rules(drop_training);

}  // namespace octet::rewrite
