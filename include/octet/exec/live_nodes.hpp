// Which nodes of a graph that is being regrouped still matter: those that a group replaces stay in it, for whoever asks
// for the values in between, and must not count as readers.
#pragma once

#include <algorithm>
#include <vector>

#include <octet/exec/schedule.hpp>

namespace octet::detail {

/// Nodes that the outputs of a graph depend on. Nodes that are added later count as such.
class live_nodes {
 public:
  explicit live_nodes(graph const& g) : g_{&g}, needed_{needed_nodes(g, g.outputs, [](value_id) { return false; })} {}

  bool operator()(node_id n) const { return index(n) >= needed_.size() || needed_[index(n)] != 0; }
  /// A node that another one replaces.
  void drop(node_id n) {
    if (index(n) < needed_.size()) needed_[index(n)] = 0;
  }
  /// Whether anything that matters reads `v`.
  bool read(value_id v) const {
    auto const& uses = (*g_)[v].uses;
    return g_->is_output(v) || std::any_of(uses.begin(), uses.end(), [&](use const& u) { return (*this)(u.node); });
  }
  /// The node that alone reads `v`, once; `none` for a graph output or a value that a subgraph reads.
  node_id reader(value_id v) const {
    if (v == value_id::none || g_->is_output(v)) return node_id::none;
    auto only = node_id::none;
    for (auto const& u : (*g_)[v].uses) {
      if (!(*this)(u.node)) continue;
      if (u.input < 0 || only != node_id::none) return node_id::none;
      only = u.node;
    }
    return only;
  }

 private:
  graph const* g_;
  std::vector<char> needed_;
};

}  // namespace octet::detail
