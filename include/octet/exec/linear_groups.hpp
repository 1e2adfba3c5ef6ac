// MatMul or Gemm → Add of a bias → limits or an activation becomes one step, in the copy of the graph that is run.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <octet/exec/easy_constant.hpp>
#include <octet/exec/live_nodes.hpp>
#include <octet/exec/ops/row_activation.hpp>

namespace octet::detail {

/// Rewrites one graph. Nodes in between stay, for whoever asks for what they make.
class linear_group_maker {
 public:
  linear_group_maker(graph& g, std::int64_t opset) : g_{g}, live_{g}, opset_{opset} {}

  void run() {
    auto const nodes = g_.order;
    bool changed = false;
    for (auto const id : nodes)
      if (!g_[id].erased && live_(id)) changed |= visit(id);
    if (changed) g_.sort();
  }

 private:
  /// The product as a layer, without a bias if it has none; nothing when its weights are not a constant matrix.
  std::optional<node> layer(node const& n) const {
    bool const gemm = n.is("Gemm");
    if ((!gemm && !n.is("MatMul")) || !n.has_input(1) || n.outputs.size() != 1) return {};
    auto const* w = g_.constant(n.inputs[1]);
    if (w == nullptr || w->type() != element::f32 || w->rank() != 2) return {};
    node made{.op = "Linear", .domain = "octet", .inputs = {n.inputs[0], n.inputs[1]}};
    made.set("product", n.op);
    if (!gemm) return made;
    bool const plain = n.get("alpha", 1.f) == 1 && n.get("beta", 1.f) == 1 && n.get("transA", std::int64_t{0}) == 0;
    if (!plain || (n.has_input(2) && !is_bias(n.inputs[2], columns(n), 2))) return {};
    made.set("transB", n.get("transB", std::int64_t{0})), made.set("matrix", std::int64_t{1});
    if (n.has_input(2)) made.inputs.push_back(n.inputs[2]);
    return made;
  }
  /// Of a product with weights as input 1.
  std::int64_t columns(node const& n) const {
    return g_.constant(n.inputs[1])->dims()[n.get("transB", std::int64_t{0}) != 0 ? 0 : 1];
  }
  /// One number for each of the columns.
  bool is_bias(value_id v, std::int64_t count, std::size_t rank) const {
    auto const* t = g_.constant(v);
    return t != nullptr && t->type() == element::f32 && t->rank() >= 1 && t->rank() <= rank && t->size() == count &&
           t->dims()[t->rank() - 1] == count;
  }

  bool visit(node_id id) {
    auto made = layer(g_[id]);
    if (!made) return false;
    std::vector<node_id> taken{id};
    auto next = live_.reader(g_[id].outputs[0]);
    if (next != node_id::none && made->inputs.size() == 2 && take_bias(*made, g_[next], g_[id].outputs[0]))
      taken.push_back(std::exchange(next, live_.reader(g_[next].outputs[0])));
    if (next != node_id::none && take_end(*made, g_[next])) taken.push_back(next);
    if (taken.size() == 1) return false;
    auto const last = taken.back();
    made->name = g_[id].name.empty() ? g_[g_[id].outputs[0]].name : g_[id].name;  // what can be wrong is the product
    made->outputs = g_[last].outputs;
    for (auto const n : taken) live_.drop(n);
    g_.erase(last);
    g_.add_node(std::move(*made));
    return true;
  }

  bool take_bias(node& into, node const& add, value_id product) const {
    if (!add.is("Add") || add.inputs.size() != 2 || add.outputs.size() != 1) return false;
    auto const bias = add.inputs[add.inputs[0] == product ? 1 : 0];
    if (!is_bias(bias, columns(into), 1)) return false;
    into.inputs.push_back(bias);
    return true;
  }

  bool take_end(node& into, node const& n) const {
    if (auto const l = constant_limits_of(g_, n)) {
      into.set("low", l->low), into.set("high", l->high);
      return true;
    }
    if (!is_row_activation(n, opset_)) return false;
    take_activation(into, n);
    return true;
  }

  graph& g_;
  live_nodes live_;
  std::int64_t opset_;
};

}  // namespace octet::detail
