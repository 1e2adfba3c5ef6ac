// What the executor decides before it runs: which nodes are needed, in which order, and where each tensor is used last.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <octet/graph/graph.hpp>

namespace octet::detail {

/// How a step gets an input.
enum class access : std::uint8_t {
  absent,    ///< an optional input left out
  constant,  ///< never changes
  share,     ///< used again later
  take,      ///< last use: the step owns the tensor and may write over it
};

struct argument {
  value_id v = value_id::none;
  access how = access::absent;
};

/// One node of a schedule.
struct step {
  node_id id = node_id::none;
  std::vector<argument> inputs{};
  std::vector<value_id> outputs{};  ///< `none`: nobody reads it
  std::vector<value_id> dead{};     ///< captured by its subgraphs and not used later
};

/// The steps that make `wanted`, in order; constants are not among them.
struct schedule {
  std::vector<value_id> wanted{};
  std::vector<value_id> needed{};  ///< inputs and captured values that the steps read
  std::vector<node_id> folded{};   ///< nodes whose results never change, in order
  std::vector<step> steps{};
};

/// Values of the enclosing graph that the subgraphs of `n` read.
inline std::vector<value_id> captures(node const& n) {
  std::vector<value_id> all;
  for_each_subgraph(n, [&](graph const& inner) {
    for (std::size_t i = 0; i < inner.value_count(); ++i)
      if (auto const v = inner[static_cast<value_id>(i)].captured; v != value_id::none) all.push_back(v);
  });
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

/// The name under which errors and profiles know a node: its own, else that of its first output.
inline std::string place(graph const& g, node const& n) {
  if (!n.name.empty()) return n.name;
  for (auto const v : n.outputs)
    if (v != value_id::none) return g[v].name;
  return n.op;
}

/// Nodes that some of `wanted` depend on, by node number; `stop(v)` cuts the search at a value.
template <class Stop>
std::vector<char> needed_nodes(graph const& g, std::span<value_id const> wanted, Stop&& stop) {
  std::vector<char> needed(g.node_count(), 0);
  std::vector<value_id> open(wanted.begin(), wanted.end());
  while (!open.empty()) {
    auto const v = open.back();
    open.pop_back();
    if (v == value_id::none || stop(v)) continue;
    auto const p = g[v].producer;
    if (p == node_id::none || needed[index(p)] != 0) continue;
    needed[index(p)] = 1;
    auto const& n = g[p];
    open.insert(open.end(), n.inputs.begin(), n.inputs.end());
    auto const inner = captures(n);
    open.insert(open.end(), inner.begin(), inner.end());
  }
  return needed;
}

/// Decides how each step gets its inputs, walking backwards so that the first use met is the last one.
/// `constant` has a flag for each value.
inline void find_last_uses(graph const& g, schedule& s, std::vector<char> const& constant) {
  std::vector<char> live(g.value_count(), 0);
  for (auto const v : s.wanted) live[index(v)] = 1;
  for (auto it = s.steps.rbegin(); it != s.steps.rend(); ++it) {
    auto const& n = g[it->id];
    for (auto& v : it->outputs)
      if (v != value_id::none && live[index(v)] == 0) v = value_id::none;
    auto const inner = captures(n);
    for (auto const v : inner)
      if (constant[index(v)] == 0 && live[index(v)] == 0) it->dead.push_back(v), live[index(v)] = 1;
    for (std::size_t i = n.inputs.size(); i-- != 0;) {
      auto const v = n.inputs[i];
      if (v == value_id::none) continue;
      auto& a = it->inputs[i];
      a = {v, constant[index(v)] != 0 ? access::constant : live[index(v)] != 0 ? access::share : access::take};
      live[index(v)] = 1;
    }
  }
  for (std::size_t i = 0; i < live.size(); ++i) {
    auto const v = static_cast<value_id>(i);
    if (live[i] != 0 && constant[i] == 0 && g[v].producer == node_id::none) s.needed.push_back(v);
  }
}

/// The schedule that makes `wanted`. Throws `invalid` when a node reads what no node before it makes.
inline schedule make_schedule(graph const& g, std::span<value_id const> wanted, std::vector<char> const& constant) {
  schedule s{.wanted = {wanted.begin(), wanted.end()}};
  auto const needed = needed_nodes(g, wanted, [](value_id) { return false; });
  std::vector<char> made(g.value_count(), 0);
  for (auto const id : g.order) {
    if (needed[index(id)] == 0) continue;
    auto const& n = g[id];
    for (auto const v : n.inputs)
      if (v != value_id::none && g[v].producer != node_id::none && made[index(v)] == 0)
        throw error{error_kind::invalid,
                    "'" + g[v].name + "' is read before it is made: the graph has a cycle or is not sorted",
                    place(g, n)};
    for (auto const v : n.outputs)
      if (v != value_id::none) made[index(v)] = 1;
    bool const fixed = std::all_of(n.outputs.begin(), n.outputs.end(),
                                   [&](value_id v) { return v == value_id::none || constant[index(v)] != 0; });
    if (fixed && !n.outputs.empty()) s.folded.push_back(id);
    else s.steps.push_back({.id = id, .inputs = std::vector<argument>(n.inputs.size()), .outputs = n.outputs});
  }
  find_last_uses(g, s, constant);
  return s;
}

}  // namespace octet::detail
