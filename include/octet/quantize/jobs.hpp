// The static and the dynamic job as values: prepare, plan, report, emit, finish.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <octet/infer/infer.hpp>
#include <octet/io/sparse.hpp>
#include <octet/quantize/bias_shift.hpp>
#include <octet/quantize/dynamic.hpp>
#include <octet/quantize/emit_dynamic_qdq.hpp>
#include <octet/quantize/emit_integer.hpp>
#include <octet/quantize/emit_qdq.hpp>
#include <octet/quantize/emit_qoperator.hpp>
#include <octet/quantize/planner.hpp>
#include <octet/quantize/prepare.hpp>
#include <octet/quantize/static.hpp>
#include <octet/quantize/subgraphs.hpp>
#include <octet/rewrite/rules/integer.hpp>

#if OCTET_BODIES
namespace octet::detail {

/// Products of the integer form in ONNX Runtime's operators.
inline void join_products(model& m, product_form form) {
  if (form == product_form::separate) return;
  infer(m);
  rewrite::apply(m, rewrite::product_to_float_rules);
  if (form == product_form::whole) rewrite::apply(m, rewrite::dynamic_product_rules);
}

/// Moves the biases of quantized nodes as the options say; whether any was moved.
inline bool shift_biases(graph& g, plan const& p, quantize_options const& o) {
  bool any = false;
  for (auto const& n : p.nodes)
    if (auto const s = o.bias_shifts.find(label(g, g[n.node])); s != o.bias_shifts.end() && n.fate == fate::quantized)
      any = shift_bias(g, n.node, s->second) || any;
  return any;
}

/// Plans, emits and reports for the main graph and, where that is asked for, every body.
inline report run_job(model& m, scheme const& s, quantize_options const& o, mode how, range_lookup const& ranges) {
  auto const before = initializer_bytes(m.main);
  make_dense(m);
  if (o.enable_subgraph) make_names_unique(m);
  check_job(m, s, o, how != mode::static_ranges);
  auto warnings = prepare(m, s, o, how);
  std::optional<lifted_constants> lifted;
  if (o.enable_subgraph) lifted.emplace(m);
  if (lifted) for_each_quantized_graph(m, true, [&](graph& g) { fold_weight_chains(g, o, m.opset_version()); });
  std::vector<std::pair<graph*, plan>> plans;
  for_each_quantized_graph(m, o.enable_subgraph,
                           [&](graph& g) { plans.emplace_back(&g, make_plan(m, g, s, o, how, ranges)); });
  if (!o.bias_shifts.empty() && shift_biases(m.main, plans[0].second, o))
    plans[0].second = make_plan(m, m.main, s, o, how, ranges);
  report result;
  for (auto const& [g, p] : plans) add_plan(result, p, *g);
  emission all{m};
  shared_weights shared{m};
  for (auto const& [g, p] : plans) {
    if (how == mode::integer) emit_integer(m, *g, p, o, all);
    else if (how == mode::dynamic) emit_dynamic_qdq(m, *g, p, o, all);
    else if (o.format == format::qdq) emit_qdq(m, *g, p, o, all);
    else emit_qoperator(m, *g, p, o, all);
  }
  if (lifted) lifted->put_back(), shared.merge();
  if (how == mode::integer) join_products(m, o.products);
  return finish(m, std::move(result), before, std::move(warnings));
}

OCTET_API report quantize(model& m, ranges const& r, scheme const& s, quantize_options const& o) {
  return run_job(m, s, o, mode::static_ranges, [&](std::string_view name) { return r.find(name); });
}

OCTET_API report quantize_dynamic(model& m, scheme s, quantize_options const& o) {
  auto const how = o.format == format::qoperator ? mode::integer : mode::dynamic;
  if (how == mode::integer) s.activation = element::u8;
  return run_job(m, s, o, how, {});
}

}  // namespace octet::detail
#endif
