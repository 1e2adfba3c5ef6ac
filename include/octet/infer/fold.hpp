// Constant folding: nodes whose inputs never change are evaluated once. Who evaluates is the caller's choice.
#pragma once

#include <octet/graph/walk.hpp>
#include <octet/infer/infer.hpp>

namespace octet {

/// Evaluates a node for constant inputs (an absent one is an empty tensor); nothing when it cannot. Any callable
/// (node const&, std::span<tensor const>, std::int64_t opset) → std::optional<std::vector<tensor>>; it must outlive the
/// call.
class evaluator {
 public:
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, evaluator>)
  evaluator(F& f)
      : self_{&f},
        call_{[](void* self, node const& n, std::span<tensor const> in,
                 std::int64_t opset) -> std::optional<std::vector<tensor>> {
          return (*static_cast<F*>(self))(n, in, opset);
        }} {}
  std::optional<std::vector<tensor>> operator()(node const& n, std::span<tensor const> in, std::int64_t opset) const {
    return call_(self_, n, in, opset);
  }

 private:
  void* self_;
  std::optional<std::vector<tensor>> (*call_)(void*, node const&, std::span<tensor const>, std::int64_t);
};

struct fold_options {
  std::int64_t free_bytes = 1 << 20;  ///< results up to this size are always kept
  std::int64_t growth = 8;            ///< larger ones only up to this many times their inputs
  bool dequantize = false;            ///< fold DequantizeLinear of weights too, which undoes quantization
};

/// What was folded, and what could not be.
struct fold_report {
  std::size_t folded = 0, shapes = 0;
  std::vector<std::string> refused{};
};

namespace detail {

inline bool never_folds(node const& n, fold_options const& o) {
  if (n.op.substr(0, 6) == "Random" || n.op == "Multinomial" || n.op == "Bernoulli" || n.op == "Constant") return true;
  if (!o.dequantize && (n.op == "DequantizeLinear" || n.op == "QuantizeLinear")) return true;
  bool nested = false;
  for_each_subgraph(n, [&](graph const&) { nested = true; });
  return nested;
}

inline std::optional<std::vector<tensor>> constant_inputs(graph const& g, node const& n) {
  std::vector<tensor> in;
  bool any = false;
  for (auto const v : n.inputs) {
    auto const* t = v == value_id::none ? nullptr : g.constant(v);
    if (v != value_id::none && t == nullptr) return std::nullopt;
    in.push_back(t == nullptr ? tensor{} : t->align());
    any = any || t != nullptr;
  }
  if (!any) return std::nullopt;
  return in;
}

/// The outputs of `id` become initializers and the node goes.
inline void put_constants(graph& g, node_id id, std::vector<tensor> results) {
  auto const outputs = g[id].outputs;
  auto const inputs = g[id].inputs;
  g.erase(id);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    auto const v = outputs[i];
    if (v == value_id::none) continue;
    g.described.erase(std::remove(g.described.begin(), g.described.end(), v), g.described.end());
    g[v].type = tensor_type(results[i].type(), results[i].dims());
    g[v].initializer = stored_tensor{.data = std::move(results[i])};
    g.initializers.push_back(v);
    if (g.use_count(v) == 0) g.erase(v);
  }
  for (auto const v : inputs)
    if (v != value_id::none && !g[v].erased && g[v].initializer && !g.is_input(v) && g.use_count(v) == 0) g.erase(v);
}

/// A small integer (or boolean) tensor of known elements as a tensor.
inline std::optional<tensor> known_tensor(tensor_facts const& f) {
  auto const n = f.numbers();
  if (!n || !f.dims) return std::nullopt;
  auto const s = fixed_shape(*f.dims);
  if (!s || s->size() != static_cast<std::int64_t>(n->size())) return std::nullopt;
  tensor t{f.type == element::s32 || f.type == element::s64 || f.type == element::boolean ? f.type : element::s64, *s};
  if (t.type() != f.type) return std::nullopt;
  for (std::size_t i = 0; i < n->size(); ++i) {
    if (f.type == element::s64) t.mutable_as<std::int64_t>()[i] = (*n)[i];
    else if (f.type == element::s32) t.mutable_as<std::int32_t>()[i] = static_cast<std::int32_t>((*n)[i]);
    else t.mutable_as<std::uint8_t>()[i] = (*n)[i] != 0;
  }
  return t;
}

inline void fold_graph(graph& g, model const& m, evaluator const& evaluate, fold_options const& o, fold_report& r) {
  auto const nodes = g.order;
  for (auto const id : nodes) {
    if (g[id].erased) continue;
    for_each_subgraph(g[id], [&](graph& inner) { fold_graph(inner, m, evaluate, o, r); });
    auto const& n = g[id];
    if (never_folds(n, o) || std::any_of(n.outputs.begin(), n.outputs.end(),
                                         [&](value_id v) { return v != value_id::none && g.is_output(v); }))
      continue;
    auto const in = constant_inputs(g, n);
    if (!in) continue;
    try {
      auto made = evaluate(n, *in, m.opset_version(n.domain));
      if (!made || made->size() < n.outputs.size()) {
        r.refused.push_back(describe(g, id) + " cannot be evaluated");
        continue;
      }
      std::int64_t before = 0, after = 0;
      for (auto const& t : *in) before += static_cast<std::int64_t>(t.bytes().size());
      for (auto const& t : *made) after += static_cast<std::int64_t>(t.bytes().size());
      if (after > o.free_bytes && after / o.growth > before) {
        r.refused.push_back(describe(g, id) + " would inflate the model");
        continue;
      }
      put_constants(g, id, std::move(*made));
      ++r.folded;
    } catch (error const& e) {
      r.refused.push_back(describe(g, id) + ": " + e.what());
    }
  }
}

}  // namespace detail

/// Replaces nodes of `m` with constant inputs by initializers, in topological order, subgraphs included.
inline fold_report fold(model& m, evaluator const& evaluate, fold_options const& o = {}) {
  fold_report r;
  detail::fold_graph(m.main, m, evaluate, o, r);
  return r;
}

/// Replaces what shape arithmetic computes by constants where inference knows the numbers, and the shape of a Reshape
/// by a constant with 0 and −1 where at most one size is not a number or a copy. Needs no evaluator.
inline std::size_t fold_shapes(model& m) {
  std::size_t count = 0;
  auto const facts = facts_of(m);
  auto& g = m.main;
  auto const nodes = g.order;
  for (auto const id : nodes) {
    if (g[id].erased) continue;
    auto const& n = g[id];
    if (n.outputs.size() == 1 && n.outputs[0] != value_id::none && !g.is_output(n.outputs[0]) && n.op != "Constant") {
      if (auto t = detail::known_tensor(facts(g, n.outputs[0]))) {
        detail::put_constants(g, id, {std::move(*t)});
        ++count;
        continue;
      }
    }
    if (!n.is("Reshape") || !n.has_input(1) || g.constant(n.inputs[1]) != nullptr) continue;
    auto const& asked = facts(g, n.inputs[1]).values;
    auto const &from = facts(g, n.inputs[0]).dims, &to = facts(g, n.outputs[0]).dims;
    if (!asked || !to || to->size() != asked->size() || n.get<std::int64_t>("allowzero", 0) != 0) continue;
    std::vector<std::int64_t> shape_numbers;
    int open = 0;
    for (std::size_t i = 0; i < to->size(); ++i) {
      if ((*to)[i].is_number() && !(*to)[i].is(0)) shape_numbers.push_back((*to)[i].constant());
      else if (from && i < from->size() && (*from)[i] == (*to)[i]) shape_numbers.push_back(0);
      else shape_numbers.push_back(-1), ++open;
    }
    if (open > 1) continue;
    auto const v = g.add_initializer(g.fresh_name(g[n.outputs[0]].name + "_shape"),
                                     tensor::of(shape{static_cast<std::int64_t>(shape_numbers.size())}, shape_numbers));
    g.set_input(id, 1, v);
    ++count;
  }
  return count;
}

}  // namespace octet
