// Types and shapes of operators that work element by element.
#pragma once

#include <octet/infer/values.hpp>

namespace octet::detail {

inline void infer_same(inference& c) { infer_like_first(c); }

/// Element by element, with the known elements followed.
template <unary_value F>
void infer_unary(inference& c) {
  infer_like_first(c);
  if (!c.in(0).values) return;
  quantities v;
  for (auto const& q : *c.in(0).values) v.push_back(q ? F(*q) : std::nullopt);
  c.values(0, std::move(v));
}

/// Two or more inputs broadcast together.
template <binary_value F>
void infer_arithmetic(inference& c) {
  auto d = c.dims(0);
  element e = c.type(0);
  for (std::size_t i = 1; i < c.inputs(); ++i) {
    d = c.broadcast(d, c.dims(i));
    if (e == element::undefined) e = c.type(i);
  }
  c.set(0, e, d);
  auto const s = value_shape(d);
  if (!s || F == nullptr || c.inputs() == 0) return;
  tensor_facts sum = c.in(0);
  for (std::size_t i = 1; i < c.inputs(); ++i) {
    sum.values = combine_values(sum, c.in(i), *s, F, is_integer(e));
    sum.dims = d;
  }
  c.values(0, std::move(sum.values));
}

template <binary_value F>
void infer_comparison(inference& c) {
  infer_arithmetic<F>(c);
  c.type(0, element::boolean);
}

inline void infer_truth(inference& c) { c.set(0, element::boolean, c.dims(0)); }
inline void infer_not(inference& c) {
  infer_unary<not_value>(c);
  c.type(0, element::boolean);
}

inline void infer_where(inference& c) {
  auto const d = c.broadcast(c.broadcast(c.dims(0), c.dims(1)), c.dims(2));
  c.set(0, c.type(1) != element::undefined ? c.type(1) : c.type(2), d);
  auto const s = value_shape(d);
  if (!s) return;
  auto const condition = broadcast_values(c.in(0), *s), yes = broadcast_values(c.in(1), *s),
             no = broadcast_values(c.in(2), *s);
  if (!condition) return;
  quantities v(condition->size());
  for (std::size_t i = 0; i < v.size(); ++i) {
    auto const& q = (*condition)[i];
    if (q && q->whole() && q->top.is_number()) {
      auto const& from = q->top.is(0) ? no : yes;
      if (from) v[i] = (*from)[i];
    } else if (yes && no && (*yes)[i] && (*no)[i]) {
      if (auto const same = equal_values(*(*yes)[i], *(*no)[i], false); same && same->top.is(1)) v[i] = (*yes)[i];
    }
  }
  c.values(0, std::move(v));
}

inline void infer_cast(inference& c) {
  auto const to = static_cast<element>(c.node.get<std::int64_t>("to", 0));
  c.set(0, to, c.dims(0));
  if (!c.in(0).values) return;
  quantities v;
  for (auto const& q : *c.in(0).values) {
    if (!q) v.push_back(std::nullopt);
    else if (to == element::boolean) {
      auto const zero = equal_values(*q, quantity{0}, false);
      v.push_back(zero ? not_value(*zero) : std::nullopt);
    } else v.push_back(is_integer(to) ? truncated_value(*q) : *q);
  }
  c.values(0, std::move(v));
}

inline void infer_cast_like(inference& c) { c.set(0, c.type(1), c.dims(0)); }

inline void infer_dropout(inference& c) {
  infer_like_first(c);
  c.set(1, c.opset >= 10 ? element::boolean : c.type(0), c.dims(0));
}

inline constexpr inference_entry elementwise_inference[] = {
    {"Add", "", &infer_arithmetic<add_values>},
    {"Sub", "", &infer_arithmetic<subtract_values>},
    {"Mul", "", &infer_arithmetic<multiply_values>},
    {"Div", "", &infer_arithmetic<divide_values>},
    {"Mod", "", &infer_arithmetic<modulo_values>},
    {"Pow", "", &infer_arithmetic<power_values>},
    {"Min", "", &infer_arithmetic<min_values>},
    {"Max", "", &infer_arithmetic<max_values>},
    {"Sum", "", &infer_arithmetic<add_values>},
    {"Mean", "", &infer_arithmetic<nullptr>},
    {"BitShift", "", &infer_arithmetic<nullptr>},
    {"BitwiseAnd", "", &infer_arithmetic<nullptr>},
    {"BitwiseOr", "", &infer_arithmetic<nullptr>},
    {"BitwiseXor", "", &infer_arithmetic<nullptr>},
    {"BitwiseNot", "", &infer_same},
    {"Equal", "", &infer_comparison<equal_values>},
    {"Less", "", &infer_comparison<less_values>},
    {"LessOrEqual", "", &infer_comparison<at_most_values>},
    {"Greater", "", &infer_comparison<greater_values>},
    {"GreaterOrEqual", "", &infer_comparison<at_least_values>},
    {"And", "", &infer_comparison<and_values>},
    {"Or", "", &infer_comparison<or_values>},
    {"Xor", "", &infer_comparison<nullptr>},
    {"Not", "", &infer_not},
    {"IsNaN", "", &infer_truth},
    {"IsInf", "", &infer_truth},
    {"Where", "", &infer_where},
    {"Cast", "", &infer_cast},
    {"CastLike", "", &infer_cast_like},
    {"Identity", "", &infer_unary<same_value>},
    {"Dropout", "", &infer_dropout},
    {"Neg", "", &infer_unary<negate_value>},
    {"Abs", "", &infer_unary<abs_value>},
    {"Floor", "", &infer_unary<floor_value>},
    {"Ceil", "", &infer_unary<ceil_value>},
    {"Round", "", &infer_unary<round_value>},
    {"Sqrt", "", &infer_unary<sqrt_value>},
    {"Log", "", &infer_unary<log_value>},
    {"Exp", "", &infer_same},
    {"Reciprocal", "", &infer_same},
    {"Sign", "", &infer_same},
    {"Erf", "", &infer_same},
    {"Sin", "", &infer_same},
    {"Cos", "", &infer_same},
    {"Tan", "", &infer_same},
    {"Asin", "", &infer_same},
    {"Acos", "", &infer_same},
    {"Atan", "", &infer_same},
    {"Sinh", "", &infer_same},
    {"Cosh", "", &infer_same},
    {"Asinh", "", &infer_same},
    {"Acosh", "", &infer_same},
    {"Atanh", "", &infer_same},
};

}  // namespace octet::detail
