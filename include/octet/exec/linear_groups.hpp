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
  explicit linear_group_maker(graph& g) : g_{g}, live_{g} {}

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
    if (!gemm) return made;
    auto const turned = n.get("transB", std::int64_t{0});
    bool const plain = n.get("alpha", 1.f) == 1 && n.get("beta", 1.f) == 1 && n.get("transA", std::int64_t{0}) == 0;
    if (!plain || (n.has_input(2) && !is_bias(n.inputs[2], w->dims()[turned != 0 ? 0 : 1], 2))) return {};
    made.set("transB", turned), made.set("matrix", std::int64_t{1});
    if (n.has_input(2)) made.inputs.push_back(n.inputs[2]);
    return made;
  }
  /// One number for each of the columns.
  bool is_bias(value_id v, std::int64_t columns, std::size_t rank) const {
    auto const* t = g_.constant(v);
    return t != nullptr && t->type() == element::f32 && t->rank() >= 1 && t->rank() <= rank && t->size() == columns &&
           t->dims()[t->rank() - 1] == columns;
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
    made->name = g_[last].name, made->outputs = g_[last].outputs;
    for (auto const n : taken) live_.drop(n);
    g_.erase(last);
    g_.add_node(std::move(*made));
    return true;
  }

  bool take_bias(node& into, node const& add, value_id product) const {
    if (!add.is("Add") || add.inputs.size() != 2 || add.outputs.size() != 1) return false;
    auto const bias = add.inputs[add.inputs[0] == product ? 1 : 0];
    auto const& w = g_.constant(into.inputs[1])->dims();
    if (!is_bias(bias, w[into.get("transB", std::int64_t{0}) != 0 ? 0 : 1], 1)) return false;
    into.inputs.push_back(bias);
    return true;
  }

  bool take_end(node& into, node const& n) const {
    if (auto const l = constant_limits_of(g_, n)) {
      into.set("low", l->low), into.set("high", l->high);
      return true;
    }
    if (!is_row_activation(n)) return false;
    take_activation(into, n);
    return true;
  }

  graph& g_;
  live_nodes live_;
};

}  // namespace octet::detail
