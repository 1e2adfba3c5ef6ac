// MatMulInteger → Cast → Mul by both scales → Add: what dynamic quantization writes becomes one product with a float
// result, in the copy of the graph that is run.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include <octet/graph/graph.hpp>

namespace octet::detail {

/// Rewrites one graph. The product's numbers stay: float(sum) · (a_scale · b_scale) + bias.
class dynamic_group_maker {
 public:
  explicit dynamic_group_maker(graph& g) : g_{g} {}

  void run() {
    auto const nodes = g_.order;
    bool changed = false;
    for (auto const id : nodes)
      if (!g_[id].erased && g_[id].is("MatMulInteger")) changed |= visit(id);
    if (changed) g_.sort();
  }

 private:
  /// The node that alone reads a value, when it is this operator.
  node_id reader(value_id v, std::string_view op) const {
    if (v == value_id::none || g_.use_count(v) != 1 || g_[v].uses.size() != 1) return node_id::none;
    auto const n = g_[v].uses[0].node;
    return g_[n].is(op) && g_[n].outputs.size() == 1 ? n : node_id::none;
  }
  value_id other_input(node_id n, value_id v) const {
    auto const& in = g_[n].inputs;
    return in.size() != 2 ? value_id::none : in[0] == v ? in[1] : in[0];
  }

  /// The constant scales of B's n columns, or its one, where `product` is theirs and `a_scale`.
  value_id column_scales(value_id product, value_id a_scale, std::int64_t n) const {
    auto const p = product == value_id::none ? node_id::none : g_[product].producer;
    if (p == node_id::none || !g_[p].is("Mul")) return value_id::none;
    auto const& in = g_[p].inputs;
    if (std::find(in.begin(), in.end(), a_scale) == in.end()) return value_id::none;
    auto const b_scale = other_input(p, a_scale);
    auto const* t = g_.constant(b_scale);
    bool const fits = t != nullptr && t->type() == element::f32 && t->rank() <= 1 && (t->size() == 1 || t->size() == n);
    return fits ? b_scale : value_id::none;
  }

  bool visit(node_id id) {
    auto const& n = g_[id];
    auto const* b = n.has_input(1) ? g_.constant(n.inputs[1]) : nullptr;
    if (b == nullptr || b->rank() != 2 || !n.has_output(0)) return false;
    auto const* zero = n.has_input(3) ? g_.constant(n.inputs[3]) : nullptr;
    if (n.has_input(3) && (zero == nullptr || zero->rank() > 1)) return false;
    auto const* made = g_.producer(n.inputs[0]);  // x, its scale and its zero point
    if (made == nullptr || !made->is("DynamicQuantizeLinear") || made->outputs.size() != 3 || n.inputs.size() < 3 ||
        made->outputs[0] != n.inputs[0] || made->outputs[2] != n.inputs[2] || !made->has_output(1))
      return false;
    auto const a_scale = made->outputs[1];
    auto const cast = reader(n.outputs[0], "Cast");
    if (cast == node_id::none || g_[cast].get("to", std::int64_t{0}) != static_cast<std::int64_t>(element::f32))
      return false;
    auto const scaled = reader(g_[cast].outputs[0], "Mul");
    if (scaled == node_id::none) return false;
    auto const b_scale = column_scales(other_input(scaled, g_[cast].outputs[0]), a_scale, b->dims()[1]);
    if (b_scale == value_id::none) return false;

    node last = g_[scaled];
    std::vector<value_id> in{n.inputs[0], n.inputs[1], a_scale,
                             b_scale,     n.inputs[2], n.has_input(3) ? n.inputs[3] : value_id::none};
    auto const add = reader(last.outputs[0], "Add");
    auto const bias = add == node_id::none ? value_id::none : other_input(add, last.outputs[0]);
    auto const* t = g_.constant(bias);
    bool const with_bias = t != nullptr && t->type() == element::f32 && t->rank() == 1 && t->size() == b->dims()[1];
    if (with_bias) last = g_[add], in.push_back(bias);
    g_.erase(with_bias ? add : scaled);
    g_.add_node({.op = "MatMulIntegerToFloat",
                 .domain = "com.microsoft",
                 .name = last.name,
                 .inputs = std::move(in),
                 .outputs = last.outputs});
    return true;
  }

  graph& g_;
};

}  // namespace octet::detail
