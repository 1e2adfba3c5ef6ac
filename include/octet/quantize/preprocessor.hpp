// The stages of preprocessing, until nothing changes.
#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <octet/exec/evaluate.hpp>
#include <octet/quantize/preprocess.hpp>
#include <octet/quantize/self_check.hpp>
#include <octet/rewrite/inline_if.hpp>
#include <octet/rewrite/passes.hpp>
#include <octet/rewrite/rules/activation.hpp>
#include <octet/rewrite/rules/affine.hpp>
#include <octet/rewrite/rules/attention.hpp>
#include <octet/rewrite/rules/batch_norm.hpp>
#include <octet/rewrite/rules/cleanup.hpp>
#include <octet/rewrite/rules/embedding.hpp>
#include <octet/rewrite/rules/linear.hpp>
#include <octet/rewrite/rules/normalization.hpp>
#include <octet/rewrite/rules/residual.hpp>
#include <octet/rewrite/rules/spelled_out.hpp>
#include <octet/rewrite/upgrade.hpp>

namespace octet {

namespace detail {

/// The stages of one preprocessing, until nothing changes.
class preprocessor {
 public:
  preprocessor(model& m, preprocess_options const& o) : m_{m}, o_{o}, except_{o.except.begin(), o.except.end()} {}

  preprocess_report run() {
    for (auto const& name : o_.except)
      if (!is_known(name))
        throw error{error_kind::invalid, "no rule or pass of preprocessing is called '" + name + "'", name,
                    "the result names those that were applied"};
    report_.opset_before = m_.opset_version();
    if (report_.opset_before < o_.opset) upgrade_opset(m_, o_.opset);
    o_.optimize ? optimize() : fuse();
    if (o_.shapes) describe();
    report_.opset_after = m_.opset_version();
    if (o_.mark) mark();
    check(m_);
    return std::move(report_);
  }

 private:
  bool is_known(std::string_view name) const {
    static constexpr std::string_view passes[] = {
        "fold", "fold-shapes", "inline-if", "share-constants", "merge-equal-nodes", "dead-code"};
    std::span<rewrite::rule_view const> const sets[] = {layers,
                                                        o_.rules,
                                                        rewrite::inference_rules,
                                                        rewrite::layer_norm_rules,
                                                        rewrite::gelu_rules,
                                                        rewrite::contrib_norm_rules,
                                                        rewrite::lp_norm_rules,
                                                        rewrite::space_to_depth_rules,
                                                        rewrite::projection_rules,
                                                        rewrite::attention_rules,
                                                        rewrite::standard_attention_rules,
                                                        rewrite::embedding_rules,
                                                        rewrite::residual_rules,
                                                        rewrite::bias_rules};
    auto const same = [&](auto const& rule) { return rule.name == name; };
    return std::find(std::begin(passes), std::end(passes), name) != std::end(passes) ||
           std::any_of(std::begin(sets), std::end(sets),
                       [&](auto const& set) { return std::any_of(set.begin(), set.end(), same); });
  }
  bool on(std::string_view name) const { return std::find(except_.begin(), except_.end(), name) == except_.end(); }

  void optimize() {
    for_each_graph(m_.main, [](graph& g) { g.sort(); });
    report_.merged += rewrite::lift_constants(m_.main);
    if (o_.inference) settle(rewrite::inference_rules);
    settle(rewrite::all_of(rewrite::cleanup_rules, rewrite::activation_rules));
    if (!o_.rules.empty()) settle(o_.rules);
    raise();
    if (m_.opset_version() >= 17) settle(rewrite::layer_norm_rules);
    spelled_out();
    if (o_.contrib) settle(rewrite::contrib_norm_rules);
    settle(layers);
    if (o_.contrib || o_.attention) transformers(), settle(layers);
  }
  static constexpr auto layers =
      rewrite::all_of(rewrite::cleanup_rules, rewrite::neutral_rules, rewrite::activation_rules,
                      rewrite::batch_norm_rules, rewrite::affine_rules, rewrite::linear_rules);

  /// Without optimization: the fusions that were asked for by name.
  void fuse() {
    if (!o_.contrib && !o_.attention && !o_.gelu && !o_.layer_norm && !o_.lp_norm && !o_.space_to_depth) return;
    for_each_graph(m_.main, [](graph& g) { g.sort(); });
    if (o_.layer_norm || o_.contrib) raise();
    if ((o_.layer_norm || o_.contrib) && m_.opset_version() >= 17) settle(rewrite::layer_norm_rules);
    spelled_out();
    if (o_.contrib) settle(rewrite::contrib_norm_rules);
    if (o_.contrib || o_.attention) transformers();
  }

  void transformers() {
    auto const stated = forget_output_types();
    settle(rewrite::all_of(rewrite::projection_rules, rewrite::cleanup_rules));
    if (o_.contrib) {
      settle(rewrite::attention_rules);
      settle(rewrite::embedding_rules);
      settle(rewrite::residual_rules);
      settle(rewrite::bias_rules);
    } else {
      raise_for(rewrite::standard_attention_rules, 23);
      if (m_.opset_version() >= 23) settle(rewrite::standard_attention_rules);
    }
    for (std::size_t i = 0; i < stated.size(); ++i) m_.main[m_.main.outputs[i]].type = stated[i];
  }

  void spelled_out() {
    if ((o_.optimize && m_.opset_version() >= 20) || o_.contrib || o_.gelu) settle(rewrite::gelu_rules);
    if (o_.lp_norm) settle(rewrite::lp_norm_rules);
    if (o_.space_to_depth) settle(rewrite::space_to_depth_rules);
  }

  /// The sizes of graph outputs often have names of their own, which tell nothing; the layout of heads needs formulas.
  std::vector<std::optional<value_type>> forget_output_types() {
    std::vector<std::optional<value_type>> stated;
    for (auto const v : m_.main.outputs) stated.push_back(std::exchange(m_.main[v].type, std::nullopt));
    return stated;
  }

  /// Applies rules, and with optimization passes too, until a round changes nothing.
  void settle(std::span<rewrite::rule_view const> rules) {
    for (int round = 0; round < 20; ++round) {
      std::size_t changes = pass("fold") ? fold_constants() : 0;
      infer(m_, o_.infer);
      if (pass("fold-shapes")) changes += count(report_.folded, fold_shapes(m_));
      if (pass("inline-if")) changes += count(report_.merged, rewrite::inline_certain_ifs(m_.main));
      changes += apply(rules);
      if (pass("share-constants")) count(report_.merged, rewrite::share_constants(m_.main));
      if (pass("merge-equal-nodes")) changes += count(report_.merged, rewrite::merge_equal_nodes(m_.main));
      if (pass("dead-code")) changes += count(report_.dead, rewrite::remove_dead(m_.main));
      if (changes == 0) break;
    }
  }
  bool pass(std::string_view name) const { return o_.optimize && on(name); }
  /// Returns how many replacements rules made.
  std::size_t apply(std::span<rewrite::rule_view const> rules) {
    auto log = rewrite::apply(m_, rules, {.stop_after = o_.stop_after - report_.log.applied(), .except = except_});
    for (auto& s : log.steps)
      if (s.applied || refusals_.emplace(s.rule, s.value).second) report_.log.steps.push_back(s);
    return log.applied();
  }

  std::size_t fold_constants() {
    evaluator const e{evaluator_};
    auto r = fold(m_, e, o_.fold);
    report_.refused = std::move(r.refused);
    return count(report_.folded, r.folded);
  }
  static std::size_t count(std::size_t& sum, std::size_t n) {
    sum += n;
    return n;
  }

  /// A layer normalization that is spelt out needs opset 17 to be said in one node.
  void raise() {
    if (o_.raise_opset && on("layer-norm")) raise_for(rewrite::layer_norm_rules, 17);
  }
  /// Raises the opset when rules that need it would fit.
  void raise_for(std::span<rewrite::rule_view const> rules, std::int64_t opset) {
    if (m_.opset_version() >= opset) return;
    auto trial = m_;
    if (rewrite::apply(trial, rules, {.opset = opset, .except = except_}).applied() == 0) return;
    try {
      upgrade_opset(m_, opset);
    } catch (error const& e) {
      report_.refused.push_back(e.what());
    }
  }

  void describe() {
    auto facts = infer(m_, o_.infer);
    report_.assumptions = std::move(facts.assumptions);
    auto& g = m_.main;
    std::set<value_id> listed(g.described.begin(), g.described.end());
    for (auto const n : g.order)
      for (auto const v : g[n].outputs)
        if (v != value_id::none && g[v].type && !g.is_output(v) && listed.insert(v).second) g.described.push_back(v);
  }

  void mark() {
    for (auto const& p : m_.metadata)
      if (p.key == "onnx.quant.pre_process") return;
    m_.metadata.push_back({"onnx.quant.pre_process", "onnxruntime.quant"});
  }

  model& m_;
  preprocess_options const& o_;
  std::vector<std::string_view> except_;
  preprocess_report report_{};
  node_evaluator evaluator_{};
  std::set<std::pair<std::string, std::string>> refusals_{};
};

}  // namespace detail

#if OCTET_BODIES
OCTET_API preprocess_report preprocess(model& m, preprocess_options const& options) {
  if (!options.check) return detail::preprocessor{m, options}.run();
  auto const before = m;
  detail::self_checker const checker{before, options};
  auto report = detail::preprocessor{m, options}.run();
  checker.judge(m, report);
  return report;
}
#endif

}  // namespace octet
