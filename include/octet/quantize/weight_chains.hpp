// Weights that reach their operator through Identity, Cast or Transpose: constants all the same.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include <octet/exec/evaluate.hpp>
#include <octet/ops/catalogue.hpp>
#include <octet/quantize/selection.hpp>
#include <octet/rewrite/passes.hpp>

namespace octet::detail {

/// What an Identity, Cast or Transpose of the constant `t` makes; nothing for other nodes and types.
inline std::optional<tensor> moved_constant(node const& n, tensor const& t, std::int64_t opset) {
  bool const half = t.type() == element::f16 || t.type() == element::bf16;
  if (t.type() != element::f32 && !half) return std::nullopt;
  if (n.is("Identity")) return t;
  if (n.is("Cast")) {
    auto const to = static_cast<element>(n.get<std::int64_t>("to", 0));
    if (to == t.type()) return t;
    if (!half || to != element::f32) return std::nullopt;
  } else if (!n.is("Transpose")) {
    return std::nullopt;
  }
  try {
    auto made = node_evaluator{}(n, {&t, 1}, opset);
    return made ? std::optional{std::move((*made)[0])} : std::nullopt;
  } catch (error const&) {  // a permutation that does not fit is not this stage's to report
    return std::nullopt;
  }
}

inline bool feeds_weight(graph const& g, value_id v, quantize_options const& o);

/// The same in the bodies of `n`, which capture `v`.
inline bool feeds_weight_inside(node const& n, value_id v, quantize_options const& o) {
  bool found = false;
  for_each_body(n, [&](graph const& inner) {
    for (std::size_t i = 0; i < inner.value_count() && !found; ++i)
      if (auto const w = static_cast<value_id>(i); inner[w].captured == v) found = feeds_weight(inner, w, o);
  });
  return found;
}

/// Whether some reader of `v`, also behind further nodes of this kind, wants a weight or a bias.
inline bool feeds_weight(graph const& g, value_id v, quantize_options const& o) {
  for (auto const u : g[v].uses) {
    auto const& n = g[u.node];
    if (u.input < 0) {
      if (o.enable_subgraph && feeds_weight_inside(n, v, o)) return true;
      continue;
    }
    if (n.is("Identity") || n.is("Cast") || n.is("Transpose")) {
      if (n.has_output(0) && feeds_weight(g, n.outputs[0], o)) return true;
      continue;
    }
    auto const* t = find_traits(o.catalogue, n);
    if (t == nullptr || matches_any(o.except, label(g, n))) continue;
    auto const r = t->input(static_cast<std::size_t>(u.input)).role;
    if (r == role::weight || r == role::bias) return true;
  }
  return false;
}

/// Replaces such chains by initializers of the same names. Returns how many nodes went.
inline std::size_t fold_weight_chains(graph& g, quantize_options const& o, std::int64_t opset = 13) {
  std::vector<node_id> gone;
  for (auto const id : g.order) {
    auto const& n = g[id];
    if (!(n.is("Identity") || n.is("Cast") || n.is("Transpose")) || !n.has_input(0) || !n.has_output(0)) continue;
    auto const in = n.inputs[0], out = n.outputs[0];
    auto const* t = g.constant(in);
    if (t == nullptr || g.is_output(out) || !feeds_weight(g, out, o)) continue;
    auto made = moved_constant(n, t->align(), opset);
    if (!made) continue;
    g.set_output(id, 0, value_id::none);
    rewrite::make_initializer(g, out, stored_tensor{.data = std::move(*made)});
    gone.push_back(id);
  }
  std::vector<value_id> sources;
  for (auto const id : gone) sources.push_back(g[id].inputs[0]);
  g.erase(gone);
  for (auto const v : sources)
    if (!g[v].erased && g.use_count(v) == 0 && g[v].producer == node_id::none) g.erase(v);
  return gone.size();
}

}  // namespace octet::detail
