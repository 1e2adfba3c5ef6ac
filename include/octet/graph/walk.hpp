// Going through a model: graphs inside of graphs, nodes, tensors that a file stores.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <octet/graph/graph.hpp>

namespace octet {

/// Calls f(graph&) for `g` and every graph in attributes of its nodes, outer ones first.
template <class Graph, class F>
void for_each_graph(Graph& g, F&& f) {
  f(g);
  for (auto const n : g.order) for_each_subgraph(g[n], [&](auto& inner) { for_each_graph(inner, f); });
}

/// Calls f(graph&, node_id) for every node in `g` and its subgraphs, a node before those in its attributes.
template <class Graph, class F>
void for_each_node(Graph& g, F&& f) {
  auto const order = g.order;  // f may erase the node it is given
  for (auto const n : order) {
    f(g, n);
    if (!g[n].erased) for_each_subgraph(g[n], [&](auto& inner) { for_each_node(inner, f); });
  }
}

/// The same in a model's graph and its functions' bodies.
template <class Model, class F>
void for_each_node_of(Model& m, F&& f) {
  for_each_node(m.main, f);
  for (auto& x : m.functions) for_each_node(x.body, f);
}

namespace detail {

/// Calls f(stored_tensor&, name) for the tensors in one attribute, not for those in its graphs.
template <class Attribute, class F>
void for_each_attribute_tensor(Attribute& a, F&& f) {
  if (auto* t = std::get_if<stored_tensor>(&a.value)) f(*t, t->name.empty() ? a.name : t->name);
  if (auto* all = std::get_if<std::vector<stored_tensor>>(&a.value))
    for (auto& t : *all) f(t, t.name.empty() ? a.name : t.name);
}

template <class Graph, class F, class G>
void for_each_tensor(Graph& g, F&& initializer, G&& other) {
  for_each_graph(g, [&](auto& inner) {
    for (auto const v : inner.initializers)
      if (auto& x = inner[v]; x.initializer) initializer(*x.initializer, x.name);
    for (auto const n : inner.order)
      for (auto& a : inner[n].attributes) for_each_attribute_tensor(a, other);
  });
}

}  // namespace detail

/// Calls initializer(stored_tensor&, name) for each initializer of a model and attribute(stored_tensor&, name) for each
/// tensor in an attribute, functions and subgraphs included, always in the same order.
template <class Model, class F, class G>
void for_each_stored_tensor(Model& m, F&& initializer, G&& attribute) {
  detail::for_each_tensor(m.main, initializer, attribute);
  for (auto& f : m.functions) {
    detail::for_each_tensor(f.body, initializer, attribute);
    for (auto& a : f.attribute_defaults) {
      detail::for_each_attribute_tensor(a, attribute);
      if (auto* g = std::get_if<graph_box>(&a.value)) detail::for_each_tensor(**g, initializer, attribute);
      if (auto* all = std::get_if<std::vector<graph_box>>(&a.value))
        for (auto& g : *all) detail::for_each_tensor(*g, initializer, attribute);
    }
  }
}

/// Nodes of a graph and its subgraphs.
inline std::size_t count_nodes(graph const& g) {
  std::size_t n = 0;
  for_each_node(g, [&](graph const&, node_id) { ++n; });
  return n;
}

/// How messages call a node: "Conv node 'c1'", or by its first output where it has no name.
inline std::string describe(graph const& g, node_id id) {
  auto const& n = g[id];
  if (!n.name.empty() || n.outputs.empty() || n.outputs[0] == value_id::none) return n.op + " node '" + n.name + "'";
  return n.op + " node of '" + g[n.outputs[0]].name + "'";
}

}  // namespace octet
