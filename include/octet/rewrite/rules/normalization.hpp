// LayerNormalization and Gelu as exporters spell them out, each as the one operator that they are.
#pragma once

#include <octet/rewrite/numbers.hpp>
#include <octet/rewrite/rule.hpp>
#include <octet/rewrite/rules/variables.hpp>

namespace octet::rewrite {

/// The trailing axes over which both means of a layer normalization are taken, as the first of them counted from the
/// end (−1: the last axis only); 0 and the reason when there are none.
inline std::int64_t normalized_axis(match const& m, std::initializer_list<variable const*> means, std::string& why) {
  std::optional<std::int64_t> first;
  for (auto const* mean : means) {
    auto const& n = m.at(*mean);
    std::optional<std::vector<std::int64_t>> axes;
    if (auto const* a = n.get<std::vector<std::int64_t>>("axes")) axes = *a;
    else if (n.has_input(1) && m.graph.constant(n.inputs[1]) != nullptr)
      axes = to_integers(*m.graph.constant(n.inputs[1]));
    auto const rank = static_cast<std::int64_t>(m.rank(n.inputs[0]).value_or(0));
    if (!axes || axes->empty() || n.get<std::int64_t>("keepdims", 1) == 0)
      return why = "the mean is not over known axes that stay", 0;
    for (auto& a : *axes) {
      if (a >= 0 && rank == 0) return why = "the rank is not known", 0;
      if (a >= 0) a -= rank;
    }
    std::sort(axes->begin(), axes->end());
    for (std::size_t i = 0; i < axes->size(); ++i)
      if ((*axes)[i] != static_cast<std::int64_t>(i) - static_cast<std::int64_t>(axes->size()))
        return why = "the mean is not over the last axes", 0;
    if (first && *first != axes->front()) return why = "mean and variance are over different axes", 0;
    first = axes->front();
  }
  return *first;
}

/// A constant over the normalized axes as a tensor of exactly these axes; nothing when it has another shape.
inline std::optional<tensor> over_axes(match const& m, variable const& v, std::int64_t axis) {
  auto const& t = m.fixed(v);
  auto const count = static_cast<std::size_t>(-axis);
  if (!is_float(t.type()) || t.rank() < count) return std::nullopt;
  for (std::size_t i = 0; i + count < t.rank(); ++i)
    if (t.dims()[i] != 1) return std::nullopt;
  shape s;
  for (std::size_t i = t.rank() - count; i < t.rank(); ++i) s.push_back(t.dims()[i]);
  auto const* type = m.type(var::x);
  if (type == nullptr || !type->dims || type->dims->size() < count) return std::nullopt;
  for (std::size_t i = 0; i < count; ++i) {
    auto const& d = (*type->dims)[type->dims->size() - count + i];
    if (!d.known() || d.size != s[i]) return std::nullopt;
  }
  return t.reshaped(s);
}

/// Whether the result has as many axes as x: constants of the pattern with axes of their own can add some.
inline bool keeps_rank(match const& m) {
  std::size_t most = 0;
  for (auto const& inside : m.inside)
    for (auto const v : m.graph[inside.node].inputs)
      if (auto const* t = m.graph.constant(v); t != nullptr && is_float(t->type())) most = std::max(most, t->rank());
  auto const x = m.rank(var::x), y = m.rank(m.root);
  return most == 0 || (x && y ? *x == *y : most == 1);
}

/// x, gamma, and beta if there is one, as `o` over the matched axes.
inline value_id normalize(match const& m, patch& p, ops::op const& o, std::initializer_list<variable const*> means) {
  std::string why;
  auto const axis = normalized_axis(m, means, why);
  if (axis == 0) return p.decline(why);
  if (!keeps_rank(m)) return p.decline("a constant adds axes");
  auto const epsilon = to_real(m.fixed(var::epsilon)).value_or(-1);
  if (!(epsilon > 0 && epsilon <= 1e-2)) return p.decline("the epsilon is not between 0 and 0.01");
  std::vector<value_id> in{m[var::x]};
  if (!m.has(var::gamma)) {
    auto const* t = m.type(var::x);
    if (axis != -1 || t == nullptr || !t->dims || t->dims->empty() || !t->dims->back().known() || !is_float(t->element))
      return p.decline("the size of the last axis is not known");
    auto const n = t->dims->back().size;
    if (n > 1 << 20) return p.decline("the last axis is too long for a scale of ones");
    in.push_back(p.constant(rounded(t->element, shape{n}, std::vector<double>(static_cast<std::size_t>(n), 1.0))));
  }
  for (auto const* v : {&var::gamma, &var::beta}) {
    if (!m.has(*v)) continue;
    auto t = over_axes(m, *v, axis);
    if (!t) return p.decline("scale or shift is not over the normalized axes");
    in.push_back(t->dims() == m.fixed(*v).dims() ? m[*v] : p.constant(std::move(*t), m[*v]));
  }
  return p(o, std::move(in), {{"axis", axis}, {"epsilon", static_cast<float>(epsilon)}});
}

inline value_id layer_normalization(match const& m, patch& p) {
  if (m.opset != 0 && m.opset < 17) return p.decline("LayerNormalization needs opset 17");
  return normalize(m, p, ops::LayerNormalization, {&var::mean1, &var::mean2});
}

inline constexpr auto centred_input =
    ops::Sub(var::x, ops::ReduceMean(var::x, maybe(var::axes1)).as(var::mean1)).as(var::centred);
inline constexpr auto deviation = ops::Sqrt(
    ops::ReduceMean(either(ops::Pow(var::centred, 2.0), ops::Mul(var::centred, var::centred)), maybe(var::axes2))
        .as(var::mean2) +
    var::epsilon);
inline constexpr auto normalized =
    either(ops::Div(centred_input, deviation), ops::Mul(centred_input, ops::Reciprocal(deviation)),
           ops::Mul(centred_input, ops::Div(1.0, deviation)));

/// Torch, Paddle and Keras spell it so.
inline constexpr rule fuse_layer_norm{"layer-norm", normalized* var::gamma + var::beta,
                                      [](match const& m, patch& p) { return layer_normalization(m, p); }};
inline constexpr rule fuse_layer_norm_without_shift{"layer-norm-without-shift", normalized* var::gamma,
                                                    [](match const& m, patch& p) { return layer_normalization(m, p); }};

inline constexpr rule fuse_layer_norm_plain{"layer-norm-plain", normalized,
                                            [](match const& m, patch& p) { return layer_normalization(m, p); }};

/// TensorFlow: x·s + (β − μ·s) with s = γ/√(variance + ε).
inline constexpr auto folded_scale =
    (ops::Reciprocal(ops::Sqrt(
         ops::ReduceMean(either(ops::Pow(centred_input, 2.0), ops::Mul(centred_input, var::centred)), maybe(var::axes2))
             .as(var::mean2) +
         var::epsilon)) *
     var::gamma)
        .as(var::scale);
inline constexpr rule fuse_layer_norm_folded{
    "layer-norm-folded", ops::Add(ops::Mul(folded_scale, var::x), ops::Sub(var::beta, ops::Mul(var::scale, var::p))),
    [](match const& m, patch& p) {
      return m[var::p] == m[var::mean1] ? layer_normalization(m, p) : p.decline("another mean is subtracted");
    }};

/// LayerNormalization of opset 17.
inline constexpr auto layer_norm_rules =
    rules(fuse_layer_norm, fuse_layer_norm_folded, fuse_layer_norm_without_shift, fuse_layer_norm_plain);

/// x/√(mean(x²) + ε)·γ.
inline constexpr auto root_mean_square = ops::Sqrt(
    ops::ReduceMean(either(ops::Pow(var::x, 2.0), ops::Mul(var::x, var::x)), maybe(var::axes2)).as(var::mean2) +
    var::epsilon);
inline constexpr rule fuse_rms_norm{
    "rms-norm",
    ops::Mul(either(ops::Div(var::x, root_mean_square), ops::Mul(var::x, ops::Reciprocal(root_mean_square)),
                    ops::Mul(var::x, ops::Div(1.0, root_mean_square)))
                 .as(var::node),
             var::gamma),
    [](match const& m, patch& p) {
      return normalize(m, p, m.opset >= 23 ? ops::RMSNormalization : ops::SimplifiedLayerNormalization, {&var::mean2});
    }};

/// Gelu(x) = x/2·(1 + erf(x/√2)), in any bracketing and order.
inline constexpr double root_of_two = 1.4142135623730951;
inline constexpr rule fuse_gelu{"gelu",
                                var::x*(ops::Erf(either(var::x / root_of_two, var::x * (1 / root_of_two))) + 1.0) * 0.5,
                                [](match const& m, patch& p) {
                                  if (!keeps_rank(m)) return p.decline("a constant adds axes");
                                  return p(m.opset >= 20 ? ops::Gelu : ops::ContribGelu, {m[var::x]});
                                }};

/// Its tanh form: x/2·(1 + tanh(0.79788·(x + 0.044715·x³))), with the cube or the linear term in front.
inline constexpr double tanh_scale = 0.7978845608028654, cubic = 0.044715;
inline constexpr auto tanh_argument = either(
    ops::Mul((var::x + either(cubic * ops::Pow(var::x, 3.0), cubic*(var::x* var::x* var::x))).as(var::sum), tanh_scale),
    tanh_scale*(var::x*(cubic*(var::x* var::x) + 1.0)));
inline constexpr rule fuse_gelu_tanh{"gelu-tanh", var::x*(ops::Tanh(tanh_argument) + 1.0) * 0.5,
                                     [](match const& m, patch& p) {
                                       if (!keeps_rank(m)) return p.decline("a constant adds axes");
                                       if (m.opset >= 20)
                                         return p(ops::Gelu, {m[var::x]}, {{"approximate", std::string{"tanh"}}});
                                       return p(ops::FastGelu, {m[var::x]});
                                     }};

/// x·sigmoid(1.702·x).
inline constexpr rule fuse_quick_gelu{"quick-gelu", var::x* ops::Sigmoid(var::x * 1.702), [](match const& m, patch& p) {
                                        if (!keeps_rank(m)) return p.decline("a constant adds axes");
                                        return p(ops::QuickGelu, {m[var::x]}, {{"alpha", 1.702f}});
                                      }};

/// Gelu in its two forms: standard from opset 20 on, else ONNX Runtime's.
inline constexpr auto gelu_rules = rules(fuse_gelu, fuse_gelu_tanh);
/// What only ONNX Runtime's operators can say.
inline constexpr auto contrib_norm_rules = rules(fuse_quick_gelu, fuse_rms_norm);

}  // namespace octet::rewrite
