// MatMulInteger → Cast → Mul by both scales → Add: what dynamic quantization writes becomes one product with a float
// result, in the copy of the graph that is run.
#pragma once

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
    if (g_.use_count(v) != 1 || g_[v].uses.size() != 1) return node_id::none;
    auto const n = g_[v].uses[0].node;
    return g_[n].is(op) && g_[n].outputs.size() == 1 ? n : node_id::none;
  }
  value_id other_input(node_id n, value_id v) const {
    auto const& in = g_[n].inputs;
    return in.size() != 2 ? value_id::none : in[0] == v ? in[1] : in[0];
  }

  /// The factors of a product of a scale that is made at run time and the constant scales of B's n columns.
  std::pair<value_id, value_id> scales(value_id product, std::int64_t n) const {
    std::pair const none{value_id::none, value_id::none};
    auto const* p = product == value_id::none ? nullptr : g_.producer(product);
    if (p == nullptr || !p->is("Mul") || p->inputs.size() != 2) return none;
    for (std::size_t i : {std::size_t{0}, std::size_t{1}}) {
      auto const a = p->inputs[i], b = p->inputs[1 - i];
      auto const* made = g_.producer(a);
      auto const* t = g_.constant(b);
      if (made != nullptr && made->is("DynamicQuantizeLinear") && made->outputs[1] == a && t != nullptr &&
          t->type() == element::f32 && t->rank() <= 1 && (t->size() == 1 || t->size() == n))
        return {a, b};
    }
    return none;
  }

  bool visit(node_id id) {
    auto const& n = g_[id];
    auto const* b = n.inputs.size() < 2 ? nullptr : g_.constant(n.inputs[1]);
    if (b == nullptr || b->rank() != 2) return false;
    auto const* zero = n.has_input(3) ? g_.constant(n.inputs[3]) : nullptr;
    if (n.has_input(3) && (zero == nullptr || zero->rank() > 1)) return false;
    auto const cast = reader(n.outputs[0], "Cast");
    if (cast == node_id::none || g_[cast].get("to", std::int64_t{0}) != static_cast<std::int64_t>(element::f32))
      return false;
    auto const scaled = reader(g_[cast].outputs[0], "Mul");
    if (scaled == node_id::none) return false;
    auto const [a_scale, b_scale] = scales(other_input(scaled, g_[cast].outputs[0]), b->dims()[1]);
    auto const* made = a_scale == value_id::none ? nullptr : g_.producer(a_scale);
    if (made == nullptr || made->outputs[0] != n.inputs[0] || !n.has_input(2) || made->outputs[2] != n.inputs[2])
      return false;

    node last = g_[scaled];
    std::vector<value_id> in{n.inputs[0], n.inputs[1], a_scale,
                             b_scale,     n.inputs[2], n.has_input(3) ? n.inputs[3] : value_id::none};
    auto const add = reader(last.outputs[0], "Add");
    auto const bias = add == node_id::none ? value_id::none : other_input(add, last.outputs[0]);
    auto const* t = bias == value_id::none ? nullptr : g_.constant(bias);
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
