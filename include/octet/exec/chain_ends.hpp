// Takes channels-last order back where it does not pay: around a DequantizeLinear at the end of a chain, after which
// four times as much would have to change places.
#pragma once

#include <string_view>
#include <utility>

#include <octet/graph/structure.hpp>

namespace octet::detail {

/// Works on a graph that `chain_maker` has rewritten.
class chain_ends {
 public:
  explicit chain_ends(graph& g) : g_{g} {}

  void run() {
    auto const nodes = g_.order;
    bool changed = false;
    for (auto const id : nodes)
      if (!g_[id].erased && g_[id].is("ChannelsFirst", ours)) changed |= earlier(id);
    if (changed) g_.sort();
  }

 private:
  static constexpr std::string_view ours = "octet";

  /// The node that makes `v` for a single reader.
  node_id only(value_id v) const { return g_.use_count(v) == 1 ? g_[v].producer : node_id::none; }

  /// Lets bytes change places instead of the floats made of them.
  bool earlier(node_id back) {
    auto const d = only(g_[back].inputs[0]);
    if (d == node_id::none || g_[d].op != "DequantizeLinear" || g_[d].inputs[0] == value_id::none) return false;
    node first = g_[back], then = g_[d];
    auto const bytes = g_.add_value(g_.fresh_name(g_[first.outputs[0]].name + "_8"));
    then.outputs = first.outputs;
    first.inputs[0] = then.inputs[0];
    first.outputs = {bytes}, then.inputs[0] = bytes;
    g_.erase({back, d});
    g_.add_node(std::move(first)), g_.add_node(std::move(then));
    return true;
  }

  graph& g_;
};

}  // namespace octet::detail
