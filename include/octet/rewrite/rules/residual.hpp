// Sums that a normalization or an activation reads, in ONNX Runtime's operators: residuals, biases, embeddings.
#pragma once

#include <octet/rewrite/rule.hpp>
#include <octet/rewrite/rules/variables.hpp>

namespace octet::rewrite {

/// Whether two sizes are known to be equal.
inline bool same_size(dimension const& a, dimension const& b) {
  return a.size == b.size && a.symbol == b.symbol && (a.known() || !a.symbol.empty());
}
inline bool same_sizes(std::vector<dimension> const& a, std::vector<dimension> const& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_size);
}

/// Two tensors of one shape of three axes, none of them constant; else the reason.
inline std::string not_residual(match const& m) {
  auto const *a = m.type(var::x), *b = m.type(var::skip);
  if (a == nullptr || b == nullptr || !a->dims || !b->dims || a->dims->size() != 3 || !same_sizes(*a->dims, *b->dims))
    return "the sum is not known to be of two tensors of one shape of three axes";
  if (m.constant_of(var::x) != nullptr || m.constant_of(var::skip) != nullptr)
    return "a constant is added, not a residual";
  auto const axis = m.attr(var::node, "axis", std::int64_t{-1});
  return axis != -1 && axis != 2 ? "more than the last axis is normalized" : "";
}

/// The normalization of a residual sum as one node; the sum stays readable.
inline result normalize_residual(match const& m, patch& p, ops::op const& o) {
  if (auto why = not_residual(m); !why.empty()) return p.decline(std::move(why));
  std::vector<value_id> in{m[var::x], m[var::skip], m[var::gamma]};
  if (m.has(var::beta)) in.push_back(m[var::beta]);
  bool const read = m.graph.use_count(m[var::sum]) != 1;
  auto const out = p.many(o, std::move(in), read ? 4 : 1, {{"epsilon", m.attr(var::node, "epsilon", 1e-5f)}});
  result r{out[0]};
  if (read) r.also.emplace_back(m[var::sum], out[3]);
  return r;
}

inline constexpr auto residual_sum = ops::Add(var::x, var::skip).as(var::sum).shared();
inline constexpr rule fuse_skip_layer_norm{
    "skip-layer-norm", ops::LayerNormalization(residual_sum, var::gamma, maybe(var::beta)).as(var::node),
    [](match const& m, patch& p) { return normalize_residual(m, p, ops::SkipLayerNormalization); }};
inline constexpr rule fuse_skip_rms_norm{
    "skip-rms-norm", ops::SimplifiedLayerNormalization(residual_sum, var::gamma).as(var::node),
    [](match const& m, patch& p) { return normalize_residual(m, p, ops::SkipSimplifiedLayerNormalization); }};

/// Whether `bias` is one number for each entry of the last axis of `to`; else the reason.
inline std::string not_bias(match const& m, variable const& bias, variable const& to) {
  if (m.fixed(bias).rank() != 1) return "what is added has more than one axis";
  auto const* t = m.type(to);
  bool const fits = t != nullptr && t->dims && !t->dims->empty() && t->dims->back().known() &&
                    t->dims->back().size == m.fixed(bias).size();
  return fits ? "" : "the bias is not known to be of the last axis";
}

/// The bias of a product before its residual sum.
inline constexpr rule fuse_skip_layer_norm_bias{
    "skip-layer-norm-bias",
    either(ops::SkipLayerNormalization(var::x + var::b, var::skip, var::gamma, var::beta).as(var::node),
           ops::SkipLayerNormalization(var::skip, var::x + var::b, var::gamma, var::beta).as(var::node)),
    [](match const& m, patch& p) -> result {
      if (auto why = not_bias(m, var::b, var::x); !why.empty()) return p.decline(std::move(why));
      auto const& n = m.at(var::node);
      return p.many(ops::SkipLayerNormalization, {m[var::x], m[var::skip], m[var::gamma], m[var::beta], m[var::b]},
                    n.outputs.size(), {{"epsilon", n.get<float>("epsilon", 1e-12f)}});
    }};

/// A Gelu of a sum with a bias.
inline value_id biased(match const& m, patch& p, ops::op const& o) {
  if (auto why = not_bias(m, var::b, var::x); !why.empty()) return p.decline(std::move(why));
  return p(o, {m[var::x], m[var::b]});
}
inline constexpr rule fuse_bias_gelu{"bias-gelu", ops::ContribGelu(var::x + var::b),
                                     [](match const& m, patch& p) { return biased(m, p, ops::BiasGelu); }};
inline constexpr rule fuse_bias_fast_gelu{"bias-fast-gelu", ops::FastGelu(var::x + var::b),
                                          [](match const& m, patch& p) { return biased(m, p, ops::FastGelu); }};

inline constexpr auto residual_rules = rules(fuse_skip_layer_norm, fuse_skip_rms_norm);
/// After the residual sums, whose operand the bias is part of.
inline constexpr auto bias_rules = rules(fuse_skip_layer_norm_bias, fuse_bias_gelu, fuse_bias_fast_gelu);

}  // namespace octet::rewrite
