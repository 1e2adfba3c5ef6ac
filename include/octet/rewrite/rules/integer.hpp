// Products of dynamically quantized models in ONNX Runtime's operators: MatMulInteger → Cast → Mul → Add as one
// MatMulIntegerToFloat, and with the DynamicQuantizeLinear before it as one DynamicQuantizeMatMul.
#pragma once

#include <octet/rewrite/rule.hpp>
#include <octet/rewrite/rules/variables.hpp>

namespace octet::rewrite {

inline bool quantized_here(match const& m, value_id v) {
  auto const* n = m.graph.producer(v);
  return n != nullptr && n->is("DynamicQuantizeLinear");
}

/// Whether a scale or zero point is one number: a constant of one element, or what DynamicQuantizeLinear makes.
inline bool one_number(match const& m, value_id v) {
  auto const* t = m.graph.constant(v);
  return t != nullptr ? t->size() == 1 : quantized_here(m, v);
}

/// Whether a scale, zero point or bias is a constant for all columns, or one for each.
inline bool of_columns(match const& m, value_id v, std::int64_t columns) {
  auto const* t = m.graph.constant(v);
  return t != nullptr && t->rank() <= 1 && (t->size() == 1 || t->size() == columns);
}

/// Why the kernels do not take these integers; empty when they do. They know u8 × u8, u8 × s8 and s8 × s8.
inline std::string not_a_product(match const& m) {
  auto const& w = m.fixed(var::w);
  if (w.rank() != 2) return "the weights are not a matrix";
  auto const* x = m.type(var::x);
  bool const u8 = (x != nullptr && x->element == element::u8) || quantized_here(m, m[var::x]);
  bool const s8 = x != nullptr && x->element == element::s8;
  if (!u8 && !(s8 && w.type() == element::s8)) return "no kernel takes these types";
  if (m.has(var::q) && !one_number(m, m[var::q])) return "the input has more than one zero point";
  if (m.has(var::zero) && !of_columns(m, m[var::zero], w.dims()[1])) return "the zero points are not those of columns";
  return {};
}

inline constexpr auto integer_product =
    ops::MatMulInteger(var::x, var::w, maybe(var::q), maybe(var::zero)).as(var::node);

/// float(product) · (x's scale · the columns' scales); two such products may share the product of their scales.
inline constexpr rule product_to_float{
    "matmul-integer-to-float",
    ops::Mul(ops::Cast(integer_product).as(var::layer), ops::Mul(var::p, var::c).as(var::scale).shared()),
    [](match const& m, patch& p) {
      if (auto why = not_a_product(m); !why.empty()) return p.decline(std::move(why));
      if (m.attr(var::layer, "to", std::int64_t{0}) != static_cast<std::int64_t>(element::f32))
        return p.decline("the sums become another type than float32");
      auto const columns = m.fixed(var::w).dims()[1];
      auto x_scale = m[var::p], w_scale = m[var::c];
      if (!one_number(m, x_scale)) std::swap(x_scale, w_scale);
      if (!one_number(m, x_scale) || !of_columns(m, w_scale, columns) ||
          m.graph.constant(w_scale)->type() != element::f32)
        return p.decline("the scales are not one of the input and those of columns");
      auto const zero = [&](variable const& v) { return m.has(v) ? m[v] : value_id::none; };
      return p(ops::MatMulIntegerToFloat, {m[var::x], m[var::w], x_scale, w_scale, zero(var::q), zero(var::zero)});
    }};

inline constexpr rule product_bias{
    "matmul-integer-to-float-bias",
    ops::Add(ops::MatMulIntegerToFloat(var::x, var::w, var::p, var::c, maybe(var::q), maybe(var::zero)).as(var::node),
             var::bias),
    [](match const& m, patch& p) {
      auto const &bias = m.fixed(var::bias), &w = m.fixed(var::w);
      if (bias.type() != element::f32 || bias.rank() != 1 || bias.size() != w.dims()[1])
        return p.decline("what is added is not one number a column");
      auto in = m.at(var::node).inputs;
      in.resize(6, value_id::none);
      in.push_back(m[var::bias]);
      return p(ops::MatMulIntegerToFloat, std::move(in));
    }};

/// Only where nobody else reads the quantized input, which would be quantized twice.
inline constexpr rule product_with_input{
    "dynamic-quantize-matmul",
    ops::MatMulIntegerToFloat(var::x, var::w, var::p, var::c, var::q, maybe(var::zero), maybe(var::bias)).as(var::node),
    [](match const& m, patch& p) {
      auto const* made = m.graph.producer(m[var::x]);
      auto const is = [&](std::size_t k, variable const& v) {
        return made->outputs.size() == 3 && made->outputs[k] == m[v] && m.graph.use_count(m[v]) == 1 &&
               !m.graph.is_output(m[v]);
      };
      if (!quantized_here(m, m[var::x])) return p.decline("the input is not quantized here");
      if (!is(0, var::x) || !is(1, var::p) || !is(2, var::q)) return p.decline("the quantized input is read elsewhere");
      std::vector<value_id> in{made->inputs[0], m[var::w], m[var::c]};
      in.push_back(m.has(var::zero) ? m[var::zero] : value_id::none);
      if (m.has(var::bias)) in.push_back(m[var::bias]);
      return p(ops::DynamicQuantizeMatMul, std::move(in));
    }};

inline constexpr auto product_to_float_rules = rules(product_to_float, product_bias);
/// After the other set.
inline constexpr auto dynamic_product_rules = rules(product_with_input);

}  // namespace octet::rewrite
