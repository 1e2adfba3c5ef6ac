// How facts travel through a model: from the inputs and constants through every node, into subgraphs and functions.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <octet/graph/walk.hpp>
#include <octet/infer/activation.hpp>
#include <octet/infer/attention.hpp>
#include <octet/infer/control.hpp>
#include <octet/infer/elementwise.hpp>
#include <octet/infer/infer.hpp>
#include <octet/infer/normalization.hpp>
#include <octet/infer/quantized.hpp>
#include <octet/infer/recurrent.hpp>
#include <octet/infer/reduction.hpp>
#include <octet/infer/sequence.hpp>

namespace octet {

/// The families' tables.
inline constexpr std::array<std::span<inference_entry const>, 14> inference_tables{
    detail::elementwise_inference, detail::activation_inference, detail::linear_inference,
    detail::conv_inference,        detail::pool_inference,       detail::layout_inference,
    detail::indexing_inference,    detail::reduction_inference,  detail::normalization_inference,
    detail::attention_inference,   detail::recurrent_inference,  detail::control_inference,
    detail::quantized_inference,   detail::sequence_inference};

/// The inference function of an operator, or null.
inline infer_function inference_of(std::string_view op, std::string_view domain) {
  static auto const all = [] {
    std::unordered_map<std::string, infer_function> m;
    for (auto const table : inference_tables)
      for (auto const& e : table) m.emplace(std::string{e.domain} + ':' + std::string{e.op}, e.function);
    return m;
  }();
  auto const it = all.find(std::string{plain_domain(domain)} + ':' + std::string{op});
  return it == all.end() ? nullptr : it->second;
}

namespace detail {

/// A dimension of a file as an expression; a graph input's names are taken as they are, others may be formulas.
inline expression stated_dimension(inference_state& s, dimension const& d, std::string const& fallback, bool input) {
  if (d.known()) return d.size;
  if (d.symbol.empty() || d.symbol == "?") {  // some exporters write "?" for every size that they do not know
    auto e = s.fresh(fallback, input ? 1 : 0);
    if (input) s.known.insert(e.text());
    return e;
  }
  if (input) {
    s.names.insert(d.symbol);
    s.known.insert(d.symbol);
    return expression::symbol(d.symbol);
  }
  auto const e = parse_expression(d.symbol);
  return e ? *e : expression::symbol(d.symbol, 0);
}

inline tensor_facts stated_facts(inference_state& s, value const& v, bool input) {
  tensor_facts f;
  if (!v.type || !v.type->is_tensor()) return f;
  f.type = v.type->element;
  if (!v.type->dims) return f;
  f.dims.emplace();
  for (auto const& d : *v.type->dims)
    f.dims->push_back(stated_dimension(s, d, v.name + "_d" + std::to_string(f.dims->size()), input));
  return f;
}

/// Fills what inference left open from what the file says of the value.
inline void merge_stated(inference_state& s, value const& v, tensor_facts& f) {
  if (!v.type || !v.type->is_tensor()) return;
  if (f.type == element::undefined) f.type = v.type->element;
  if (!v.type->dims) return;
  auto const& stated = *v.type->dims;
  if (!f.dims) {
    f.dims = stated_facts(s, v, false).dims;
  } else if (f.dims->size() == stated.size()) {
    for (std::size_t i = 0; i < stated.size(); ++i) {
      auto& d = (*f.dims)[i];
      bool const says = stated[i].known() || (!stated[i].symbol.empty() && stated[i].symbol != "?");
      if (says && !d.is_number() && !s.grounded(d)) d = stated_dimension(s, stated[i], {}, false);
    }
  } else {
    s.assumptions.push_back("the rank that the file states of " + v.name + " is wrong");
  }
}

/// `n` with the attributes that refer to those of the calling node replaced by their values.
inline node with_caller_attributes(inference_scope const& scope, node n) {
  for (auto& a : n.attributes) {
    if (a.reference.empty()) continue;
    auto const* given = scope.caller == nullptr ? nullptr : scope.caller->find(a.reference);
    if (given == nullptr && scope.callee != nullptr)
      for (auto const& d : scope.callee->attribute_defaults)
        if (d.name == a.reference) given = &d;
    if (given != nullptr) a.value = given->value;
  }
  n.attributes.erase(std::remove_if(n.attributes.begin(), n.attributes.end(),
                                    [](attribute const& a) { return std::holds_alternative<std::monostate>(a.value); }),
                     n.attributes.end());
  return n;
}

std::vector<tensor_facts> infer_call(inference_scope& scope, node const& n, function const& f);

inline function const* function_of(model const& m, node const& n) {
  for (auto const& f : m.functions)
    if (f.name == n.op && f.domain == n.domain && f.overload == n.overload) return &f;
  return nullptr;
}

inline void guess_rank(inference& c) {
  if (!c.options().guess_output_rank || !c.ranked(0)) return;
  for (std::size_t o = 0; o < c.outputs(); ++o) {
    dimensions d;
    for (std::size_t i = 0; i < c.dims(0)->size(); ++i) d.push_back(c.fresh(o, i));
    c.set(o, c.type(0), d);
  }
}

inline std::vector<tensor_facts> infer_node(inference_scope& scope, node const& n) {
  inference c{scope, n, scope.version(n.domain)};
  try {
    if (auto const f = inference_of(n.op, n.domain)) f(c);
    else if (auto const* callee = function_of(scope.state.model, n)) c.results() = infer_call(scope, n, *callee);
    else guess_rank(c);
  } catch (error const& e) {
    scope.state.assumptions.push_back((n.name.empty() ? n.op : n.name) + ": " + e.what());
  }
  c.results().resize(n.outputs.size());
  for (auto& f : c.results())
    if (f.values && f.values->size() > static_cast<std::size_t>(value_limit)) f.values.reset();
  return std::move(c.results());
}

inline void infer_nodes(inference_scope& scope) {
  auto const& g = scope.graph;
  for (auto const id : g.order) {
    auto const& n = g[id];
    bool const refers =
        std::any_of(n.attributes.begin(), n.attributes.end(), [](attribute const& a) { return !a.reference.empty(); });
    auto found = refers ? infer_node(scope, with_caller_attributes(scope, n)) : infer_node(scope, n);
    for (std::size_t o = 0; o < n.outputs.size(); ++o) {
      if (n.outputs[o] == value_id::none) continue;
      merge_stated(scope.state, g[n.outputs[o]], found[o]);
      scope.facts[index(n.outputs[o])] = std::move(found[o]);
    }
  }
}

/// The facts of values that no node makes: inputs, initializers, captured values.
inline void infer_leaves(inference_scope& scope, std::vector<tensor_facts> const* inputs) {
  auto const& g = scope.graph;
  std::vector<bool> is_input(g.value_count());
  for (auto const v : g.inputs) is_input[index(v)] = true;
  for (std::size_t i = 0; i < g.value_count(); ++i) {
    auto const& v = g[static_cast<value_id>(i)];
    auto& f = scope.facts[i];
    if (v.erased) continue;
    if (v.captured != value_id::none) {
      if (scope.outer != nullptr && index(v.captured) < scope.outer->facts.size())
        f = scope.outer->facts[index(v.captured)];
    } else if (v.initializer && !v.initializer->foreign) f = facts_of(v.initializer->data);
    else if (v.producer == node_id::none && !is_input[i])
      merge_stated(scope.state, v, f);  // also tensors that octet does not read
  }
  for (std::size_t i = 0; i < g.inputs.size(); ++i) {
    auto const& v = g[g.inputs[i]];
    auto& f = scope.facts[index(g.inputs[i])];
    if (v.initializer) f.values.reset();  // only a default
    if (inputs == nullptr) {
      if (!v.initializer) f = stated_facts(scope.state, v, true);
    } else if (i < inputs->size()) {
      f = (*inputs)[i];
      merge_stated(scope.state, v, f);
    }
  }
}

inline std::vector<tensor_facts> outputs_of(inference_scope const& scope) {
  std::vector<tensor_facts> out;
  for (auto const v : scope.graph.outputs) out.push_back(v == value_id::none ? tensor_facts{} : scope.facts[index(v)]);
  return out;
}

struct deeper {
  int& depth;
  explicit deeper(int& d) : depth{++d} {
    if (depth > 64) {
      --depth;
      throw error{error_kind::invalid, "subgraphs or functions are nested too deeply"};
    }
  }
  ~deeper() { --depth; }
};

inline std::vector<tensor_facts> infer_subgraph(inference_scope& outer, graph const& g,
                                                std::vector<tensor_facts> inputs) {
  deeper const guard{outer.state.depth};
  auto& facts = outer.state.facts[&g];
  facts.assign(g.value_count(), {});
  inference_scope scope{outer.state, g, facts, outer.opsets, &outer, outer.caller, outer.callee};
  infer_leaves(scope, &inputs);
  infer_nodes(scope);
  return outputs_of(scope);
}

inline std::vector<tensor_facts> infer_call(inference_scope& outer, node const& n, function const& f) {
  deeper const guard{outer.state.depth};
  std::vector<tensor_facts> facts(f.body.value_count()), inputs;
  for (auto const v : n.inputs) inputs.push_back(v == value_id::none ? tensor_facts{} : outer.facts[index(v)]);
  inputs.resize(f.body.inputs.size());
  inference_scope scope{outer.state, f.body, facts, f.opsets, nullptr, &n, &f};
  infer_leaves(scope, &inputs);
  infer_nodes(scope);
  return outputs_of(scope);
}

inline dimension to_dimension(expression const& e) {
  return e.is_number() ? (e.constant() >= 0 ? dimension{e.constant()} : dimension{}) : dimension{e.text()};
}

/// Writes facts into a value. What the file states of a graph output stays; gaps are filled.
inline void write_type(value& v, tensor_facts const& f, bool output) {
  if (v.type && !v.type->is_tensor()) return;
  if (f.type == element::undefined && !f.dims) return;
  if (!v.type) v.type.emplace();
  if (v.type->element == element::undefined || !output) {
    if (f.type != element::undefined) v.type->element = f.type;
  }
  if (!f.dims) return;
  if (!v.type->dims || v.type->dims->size() != f.dims->size()) v.type->dims = std::vector<dimension>(f.dims->size());
  for (std::size_t i = 0; i < f.dims->size(); ++i) {
    auto& d = (*v.type->dims)[i];
    if (output && (d.known() || !d.symbol.empty())) continue;
    auto fresh = to_dimension((*f.dims)[i]);
    fresh.denotation = d.denotation;
    d = std::move(fresh);
  }
}

inline void write_all(graph& g, std::map<graph const*, std::vector<tensor_facts>> const& all) {
  if (auto const it = all.find(&g); it != all.end())
    for (std::size_t i = 0; i < g.value_count() && i < it->second.size(); ++i) {
      auto const id = static_cast<value_id>(i);
      auto& v = g[id];
      if (v.erased || v.initializer || g.is_input(id)) continue;
      write_type(v, it->second[i], g.is_output(id));
    }
  for (auto const n : g.order) for_each_subgraph(g[n], [&](graph& inner) { write_all(inner, all); });
}

}  // namespace detail

#if OCTET_BODIES
OCTET_API model_facts facts_of(model const& m, infer_options const& options) {
  detail::inference_state state{.model = m, .options = options};
  auto& facts = state.facts[&m.main];
  facts.assign(m.main.value_count(), {});
  detail::inference_scope scope{state, m.main, facts, m.opsets};
  detail::infer_leaves(scope, nullptr);
  detail::infer_nodes(scope);
  return {std::move(state.facts), std::move(state.assumptions)};
}

OCTET_API model_facts infer(model& m, infer_options const& options) {
  for_each_graph(m.main, [](graph& g) { g.sort(); });
  auto facts = facts_of(m, options);
  detail::write_all(m.main, facts.graphs);
  return facts;
}
#endif

}  // namespace octet
