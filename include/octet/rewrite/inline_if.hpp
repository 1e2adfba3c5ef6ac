// An If whose condition never changes is the branch that it takes.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <octet/graph/walk.hpp>
#include <octet/infer/constants.hpp>

namespace octet::rewrite {

/// Copies the nodes of a branch into the graph around it.
class branch_copier {
 public:
  branch_copier(graph& g, graph const& branch) : g_{g}, b_{branch}, place_(branch.value_count(), value_id::none) {}

  /// Whether all that the branch holds can stand outside of it.
  bool possible() const {
    for (std::size_t i = 0; i < b_.value_count(); ++i)
      if (b_[static_cast<value_id>(i)].sparse) return false;
    return b_.inputs.empty();
  }

  /// Adds everything; returns where the branch's outputs are now.
  std::vector<value_id> copy() {
    for (std::size_t i = 0; i < b_.value_count(); ++i) add(static_cast<value_id>(i));
    for (auto const n : b_.order) add(b_[n]);
    std::vector<value_id> outputs;
    for (auto const v : b_.outputs) outputs.push_back(place_[index(v)]);
    return outputs;
  }

 private:
  void add(value_id id) {
    auto const& v = b_[id];
    if (v.erased) return;
    auto& to = place_[index(id)];
    if (v.captured != value_id::none) {
      to = v.captured;
      return;
    }
    to = g_.add_value(g_.fresh_name(v.name), v.type);
    g_[to].doc = v.doc, g_[to].metadata = v.metadata;
    if (!v.initializer) return;
    g_[to].initializer = v.initializer;
    g_[to].initializer->name.clear();
    g_.initializers.push_back(to);
  }
  void add(octet::node n) {
    for (auto* list : {&n.inputs, &n.outputs})
      for (auto& v : *list)
        if (v != value_id::none) v = place_[index(v)];
    std::vector<value_id> captured;
    for_each_subgraph(n, [&](graph& inner) {
      for (std::size_t i = 0; i < inner.value_count(); ++i)
        if (auto& v = inner[static_cast<value_id>(i)]; v.captured != value_id::none)
          captured.push_back(v.captured = place_[index(v.captured)]);
    });
    if (!n.name.empty()) n.name = g_.fresh_node_name(n.name);
    auto const id = g_.add_node(std::move(n));
    for (auto const v : captured) g_.add_capture_use(v, id);
  }

  graph& g_;
  graph const& b_;
  std::vector<value_id> place_;
};

/// The branch that an If takes, when its condition is a constant.
inline graph const* certain_branch(graph const& g, node_id id) {
  auto const& n = g[id];
  if (!n.is("If") || !n.has_input(0)) return nullptr;
  auto const* t = g.constant(n.inputs[0]);
  auto const v = t == nullptr ? std::nullopt : to_integers(*t);
  if (!v || v->size() != 1) return nullptr;
  auto const* box = n.get<graph_box>(v->front() != 0 ? "then_branch" : "else_branch");
  return box == nullptr ? nullptr : &**box;
}

/// Puts the branch of every If with a constant condition in its place; Identity nodes give its outputs their names.
inline std::size_t inline_certain_ifs(graph& g) {
  std::size_t done = 0;
  auto const nodes = g.order;
  for (auto const id : nodes) {
    for_each_subgraph(g[id], [&](graph& inner) { done += inline_certain_ifs(inner); });
    auto const* found = certain_branch(g, id);
    if (found == nullptr || found->outputs.size() != g[id].outputs.size()) continue;
    graph const branch = *found;
    branch_copier copier{g, branch};
    if (!copier.possible()) continue;
    auto const outputs = g[id].outputs;
    g.erase(id);
    auto const made = copier.copy();
    for (std::size_t i = 0; i < outputs.size(); ++i)
      if (outputs[i] != value_id::none)
        g.add_node(octet::node{.op = "Identity", .inputs = {made[i]}, .outputs = {outputs[i]}});
    ++done;
  }
  if (done != 0) g.sort();
  return done;
}

}  // namespace octet::rewrite
