// What exporters spell out in many nodes (layer normalization, Gelu, Swish, attention) becomes one, in the copy of the
// graph that is run, by the rules that preprocessing has for files.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

#include <octet/exec/live_nodes.hpp>
#include <octet/rewrite/edit.hpp>
#include <octet/rewrite/rules/attention.hpp>
#include <octet/rewrite/rules/normalization.hpp>
#include <octet/rewrite/rules/spelled_out.hpp>

namespace octet::detail {

/// x · sigmoid(x).
inline constexpr rewrite::rule run_swish{
    "swish", rewrite::var::x* ops::Sigmoid(rewrite::var::x),
    [](rewrite::match const& m, rewrite::patch& p) { return p(ops::Swish, {m[rewrite::var::x]}); }};
/// x · tanh(softplus(x)).
inline constexpr rewrite::rule run_mish{
    "mish", rewrite::var::x* ops::Tanh(ops::Softplus(rewrite::var::x)),
    [](rewrite::match const& m, rewrite::patch& p) { return p(ops::Mish, {m[rewrite::var::x]}); }};
/// x · max(0, min(1, x/6 + 1/2)).
inline constexpr rewrite::rule run_hard_swish{
    "hard-swish", rewrite::var::x* ops::HardSigmoid(rewrite::var::x).as(rewrite::var::node),
    [](rewrite::match const& m, rewrite::patch& p) {
      auto const alpha = m.attr(rewrite::var::node, "alpha", 0.2f), beta = m.attr(rewrite::var::node, "beta", 0.5f);
      if (std::fabs(alpha - 1.0f / 6) > 1e-6f || beta != 0.5f) return p.decline("another slope");
      return p(ops::HardSwish, {m[rewrite::var::x]});
    }};
/// x · clip(x + 3, 0, 6) / 6.
inline constexpr auto six_high =
    ops::Clip(rewrite::var::x + 3.0, rewrite::maybe(rewrite::var::low), rewrite::maybe(rewrite::var::high))
        .as(rewrite::var::clip);
inline constexpr rewrite::rule run_hard_swish_by_clip{
    "hard-swish-by-clip",
    rewrite::either(ops::Div(rewrite::var::x* six_high, 6.0), rewrite::var::x*(six_high / 6.0),
                    rewrite::var::x* six_high * (1.0 / 6)),
    [](rewrite::match const& m, rewrite::patch& p) {
      auto const b = rewrite::bounds_of(m, m.at(rewrite::var::clip));
      if (!b || b->low != 0 || b->high != 6) return p.decline("other bounds");
      if (!rewrite::keeps_rank(m)) return p.decline("a constant adds axes");
      return p(ops::HardSwish, {m[rewrite::var::x]});
    }};
inline constexpr auto activation_groups = rewrite::rules(run_swish, run_mish, run_hard_swish, run_hard_swish_by_clip);

inline constexpr rewrite::rule run_attention{
    "attention", rewrite::merged_heads, [](rewrite::match const& m, rewrite::patch& p) {
      return rewrite::fuse_attention(m, p, true, rewrite::attention_target::to_run);
    }};
inline constexpr rewrite::rule run_split_attention{
    "attention-split", rewrite::weighted_sum, [](rewrite::match const& m, rewrite::patch& p) {
      return rewrite::fuse_attention(m, p, false, rewrite::attention_target::to_run);
    }};
inline constexpr auto attention_groups = rewrite::rules(run_attention, run_split_attention);

/// Rewrites one graph, whose types are as well known as inference knows them. Values keep their numbers, and nodes in
/// between stay, for whoever asks for what they make.
class pattern_group_maker {
 public:
  pattern_group_maker(graph& g, std::int64_t opset) : g_{g}, live_{g}, opset_{opset} {}

  void run() {
    apply(rewrite::layer_norm_rules, std::max<std::int64_t>(opset_, 17));
    apply(rewrite::gelu_rules, opset_);
    apply(rewrite::contrib_norm_rules, opset_);
    apply(activation_groups, opset_);
    if (opset_ >= 11) apply(attention_groups, opset_);
    if (changed_) g_.sort();
  }

 private:
  void apply(std::span<rewrite::rule_view const> rules, std::int64_t opset) {
    auto const nodes = g_.order;
    for (auto it = nodes.rbegin(); it != nodes.rend(); ++it)
      for (auto const& r : rules)
        if (!g_[*it].erased && live_(*it) && g_[*it].outputs.size() == 1 && replace(*it, r, opset)) break;
  }

  bool replace(node_id id, rewrite::rule_view const& r, std::int64_t opset) {
    auto const root = g_[id].outputs[0];
    auto const m = rewrite::matcher{g_, opset}.run(r.shape, root);
    if (!m) return false;
    rewrite::patch p{g_};
    auto const made = r.build(*m, p);
    if (!made || made.values.size() != 1 || !p.makes(made.values[0]) || !made.also.empty()) return false;
    for (auto& n : p.nodes()) run_own(n);
    auto const name = g_[id].name;
    rewrite::materialize(g_, p, g_[root].name, name, r.name);
    auto const last = g_[made.values[0]].producer;
    g_.erase(id);
    g_.set_output(last, 0, root);
    for (auto const& x : m->inside) {  // from the root up
      auto const& out = g_[x.node].outputs;
      if (std::none_of(out.begin(), out.end(), [&](value_id v) { return v != value_id::none && live_.read(v); }))
        live_.drop(x.node);
    }
    return changed_ = true;
  }

  /// The fused operators run as octet's own: in every opset, for every float type, whatever functions the model has.
  static void run_own(rewrite::patch::made_node& n) {
    if (n.op == ops::FastGelu) n.attributes.push_back({"approximate", std::string{"tanh"}});
    if (n.op == ops::ContribGelu || n.op == ops::FastGelu) n.op = ops::Gelu;
    if (n.op == ops::QuickGelu) n.op = ops::Swish;
    if (n.op == ops::SimplifiedLayerNormalization) n.op = ops::RMSNormalization;
    for (auto const& own : {ops::Gelu, ops::Swish, ops::Mish, ops::HardSwish, ops::LayerNormalization,
                            ops::RMSNormalization, ops::MultiHeadAttention})
      if (n.op == own) n.op.domain = "octet";
  }

  graph& g_;
  live_nodes live_;
  std::int64_t opset_;
  bool changed_ = false;
};

}  // namespace octet::detail
