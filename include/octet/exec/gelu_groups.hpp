// Gelu spelled out, x/2 · (1 + erf(x/√2)) in five nodes, becomes one, in the copy of the graph that is run: what is in
// between is as large as the widest tensors of a transformer.
#pragma once

#include <cmath>
#include <optional>
#include <utility>

#include <octet/graph/graph.hpp>

namespace octet::detail {

/// Rewrites one graph. The nodes in between stay, for whoever asks for their values.
class gelu_group_maker {
 public:
  explicit gelu_group_maker(graph& g) : g_{g} {}

  void run() {
    auto const nodes = g_.order;
    bool changed = false;
    for (auto const id : nodes)
      if (!g_[id].erased && g_[id].is("Erf")) changed |= visit(id);
    if (changed) g_.sort();
  }

 private:
  /// The other operand of a node of two operands, of which one is a constant close to `value`.
  value_id beside(node const* n, char const* op, double value, bool either = true) const {
    if (n == nullptr || !n->is(op) || n->inputs.size() != 2 || n->outputs.size() != 1) return value_id::none;
    for (std::size_t i : {std::size_t{1}, std::size_t{0}}) {
      auto const* t = g_.constant(n->inputs[i]);
      if (t != nullptr && t->type() == element::f32 && t->size() == 1 && t->rank() <= 1 &&
          std::fabs(double(t->align().as<float>()[0]) - value) < 1e-4)
        return n->inputs[1 - i];
      if (!either) break;
    }
    return value_id::none;
  }
  /// The node that alone reads a value.
  node_id reader(value_id v) const {
    return g_.use_count(v) == 1 && g_[v].uses.size() == 1 ? g_[v].uses[0].node : node_id::none;
  }
  node_id multiplied(value_id v) const {
    auto const n = reader(v);
    return n != node_id::none && g_[n].is("Mul") && g_[n].inputs.size() == 2 ? n : node_id::none;
  }

  bool visit(node_id erf) {
    auto const* scaled = g_[erf].inputs.empty() ? nullptr : g_.producer(g_[erf].inputs[0]);
    auto x = beside(scaled, "Div", 1.4142135, false);
    if (x == value_id::none) x = beside(scaled, "Mul", 0.70710678);
    auto const plus = reader(g_[erf].outputs[0]);
    if (x == value_id::none || plus == node_id::none || beside(&g_[plus], "Add", 1) != g_[erf].outputs[0]) return false;
    auto last = multiplied(g_[plus].outputs[0]);
    if (last == node_id::none) return false;
    auto const& in = g_[last].inputs;
    auto const other = in[in[0] == g_[plus].outputs[0] ? 1 : 0];
    if (other == x) {  // x · (1 + erf), then a half
      auto const product = g_[last].outputs[0];
      last = multiplied(product);
      if (last == node_id::none || beside(&g_[last], "Mul", 0.5) != product) return false;
    } else if (beside(g_.producer(other), "Mul", 0.5) != x) {
      return false;
    }
    node n{.op = "Gelu", .domain = "com.microsoft", .name = g_[last].name, .inputs = {x}, .outputs = g_[last].outputs};
    g_.erase(last);
    g_.add_node(std::move(n));
    return true;
  }

  graph& g_;
};

}  // namespace octet::detail
