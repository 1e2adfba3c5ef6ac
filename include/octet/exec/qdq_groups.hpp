// Groups DequantizeLinear → operator → QuantizeLinear become integer operators, in a copy of the graph that is only
// run: what runtimes do with such models. The float nodes stay, for whoever asks for their values.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <octet/exec/table_groups.hpp>

namespace octet::detail {

/// Rewrites one graph.
class group_maker : table_maker {
 public:
  explicit group_maker(graph& g, std::int64_t opset) : table_maker{g, opset} {}

  void run() {
    auto const nodes = g_.order;
    for (auto const id : nodes)
      if (!g_[id].erased) visit(id);
    g_.sort();
  }

 private:
  void visit(node_id id) {
    auto const& n = g_[id];
    if (!plain_domain(n.domain).empty()) return;
    if (n.op == "Conv") conv(id);
    else if (n.op == "MatMul") matmul(id);
    else if (n.op == "Gemm") gemm(id);
    else if (looked_up(n.op) && lookup(id)) return;
    else if (n.op == "Add" || n.op == "Mul") binary(id);
    else if (n.op == "AveragePool" || n.op == "GlobalAveragePool" || n.op == "Softmax") unary(id);
    else if (n.op == "Concat") concat(id);
    else if (moves(n.op)) movement(id);
  }

  static bool moves(std::string_view op) {
    constexpr std::array<std::string_view, 11> all{"MaxPool",   "Reshape",      "Transpose",   "Squeeze",
                                                   "Unsqueeze", "Flatten",      "Slice",       "Gather",
                                                   "Expand",    "DepthToSpace", "SpaceToDepth"};
    return std::find(all.begin(), all.end(), op) != all.end();
  }

  /// Weights: constant, one grid or one for each slice of `axis`.
  std::optional<port_grid> weights(node_id id, std::size_t i, std::int64_t axis) const {
    auto v = from(id, i);
    auto const* t = v ? fixed(v->q) : nullptr;
    if (t == nullptr || !v->is_8_bit()) return {};
    auto const rank = static_cast<std::int64_t>(t->rank());
    if (!v->one() && (v->axis < 0 ? v->axis + rank : v->axis) != axis) return {};
    return v;
  }

  /// The bias as int32 on the grid x_scale · w_scale: as it is stored, or rounded; none on failure.
  bool bias(node_id id, std::size_t i, port_grid const& x, port_grid const& w, value_id& out) {
    out = value_id::none;
    if (!g_[id].has_input(i)) return true;
    if (auto const stored = from(id, i);
        stored && constant(stored->q) != nullptr && constant(stored->q)->type() == element::s32) {
      out = stored->q;
      return true;
    }
    auto const* b = constant(g_[id].inputs[i]);
    if (b == nullptr || b->type() != element::f32 || b->rank() != 1 || (!w.one() && w.scales->size() != b->size()))
      return false;
    tensor q{element::s32, b->dims()};
    auto const bytes = b->align();
    auto const xs = x.scales->align(), ws = w.scales->align();
    for (std::size_t c = 0; c < std::size_t(b->size()); ++c) {
      auto const s = double(xs.as<float>()[0]) * double(ws.as<float>()[w.one() ? 0 : c]);
      auto const v = std::nearbyint(double(bytes.as<float>()[c]) / s);
      if (!(std::fabs(v) < 2147483647.0)) return false;
      q.mutable_as<std::int32_t>()[c] = static_cast<std::int32_t>(v);
    }
    out = g_.add_initializer(g_.fresh_name(g_[g_[id].inputs[i]].name + "_quantized"), q);
    return true;
  }

  void conv(node_id id) {
    auto const x = activation(id, 0), y = to(id, true);
    auto const w = weights(id, 1, 0);
    value_id b = value_id::none;
    if (!x || !y || !w || !bias(id, 2, *x, *w, b)) return;
    std::vector<value_id> in{x->q, x->scale, x->zero, w->q, w->scale, w->zero, y->scale, y->zero};
    if (b != value_id::none) in.push_back(b);
    replace(y->node, y->q, "QLinearConv", "", std::move(in), g_[id].attributes);
  }

  void matmul(node_id id) {
    auto const a = activation(id, 0), y = to(id);
    auto b = from(id, 1);
    if (!a || !b || !b->is_8_bit()) return;
    auto const* t = fixed(b->q);
    if (!b->one() && (t == nullptr || t->rank() != 2 || (b->axis != 1 && b->axis != -1))) return;
    if (y)
      return replace(y->node, y->q, "QLinearMatMul", "",
                     {a->q, a->scale, a->zero, b->q, b->scale, b->zero, y->scale, y->zero}, {});
    if (t != nullptr && t->rank() == 2)
      replace(id, g_[id].outputs[0], "MatMulIntegerToFloat", ms, {a->q, b->q, a->scale, b->scale, a->zero, b->zero},
              {});
  }

  void gemm(node_id id) {
    auto const& n = g_[id];
    auto const a = activation(id, 0), y = to(id);
    auto const w = weights(id, 1, n.get("transB", std::int64_t{0}) != 0 ? 0 : 1);
    value_id b = value_id::none;
    if (!a || !w || n.get("beta", 1.f) != 1 || n.get("alpha", 1.f) != 1 || !bias(id, 2, *a, *w, b)) return;
    std::vector<value_id> in{a->q, a->scale, a->zero, w->q, w->scale, w->zero, b};
    if (y) in.push_back(y->scale), in.push_back(y->zero);
    std::vector<attribute> attributes;
    for (auto const& x : n.attributes)
      if (x.name == "transA" || x.name == "transB") attributes.push_back(x);
    replace(y ? y->node : id, y ? y->q : n.outputs[0], "QGemm", ms, std::move(in), std::move(attributes));
  }

  void binary(node_id id) {
    auto const a = activation(id, 0), b = activation(id, 1), y = to(id);
    if (!a || !b || !y || combined(id, *a, *b, *y)) return;
    if (a->type() != b->type() || a->type() != y->type()) return;
    replace(y->node, y->q, "QLinear" + g_[id].op, ms,
            {a->q, a->scale, a->zero, b->q, b->scale, b->zero, y->scale, y->zero}, {});
  }

  void unary(node_id id) {
    auto const x = activation(id, 0), y = to(id);
    if (!x || !y || x->type() != y->type()) return;
    auto attributes = g_[id].attributes;
    if (g_[id].op == "Softmax") attributes.push_back({.name = "opset", .value = opset_});
    replace(y->node, y->q, "QLinear" + g_[id].op, ms, {x->q, x->scale, x->zero, y->scale, y->zero},
            std::move(attributes));
  }

  void concat(node_id id) {
    auto const y = to(id);
    if (!y) return;
    std::vector<value_id> in{y->scale, y->zero};
    for (std::size_t i = 0; i < g_[id].inputs.size(); ++i) {
      auto const x = activation(id, i);
      if (!x || x->type() != y->type()) return;
      in.insert(in.end(), {x->q, x->scale, x->zero});
    }
    replace(y->node, y->q, "QLinearConcat", ms, std::move(in), g_[id].attributes);
  }

  /// What moves elements moves 8-bit ones as well, where both grids are one.
  void movement(node_id id) {
    auto const x = activation(id, 0), y = to(id);
    if (!x || !y || g_[id].outputs.size() != 1 || x->type() != y->type()) return;
    auto const same = [](tensor const& a, tensor const& b) {
      return std::equal(a.bytes().begin(), a.bytes().end(), b.bytes().begin(), b.bytes().end());
    };
    if (!same(*x->scales, *y->scales) || !same(*x->zeros, *y->zeros)) return;
    auto in = g_[id].inputs;
    in[0] = x->q;
    replace(y->node, y->q, g_[id].op, "", std::move(in), g_[id].attributes);
  }
};

/// Whether a graph quantizes or dequantizes anything.
inline bool has_quantization(graph const& g) {
  return std::any_of(g.order.begin(), g.order.end(), [&](node_id n) { return g[n].op == "DequantizeLinear"; });
}

/// A copy of the model's graph with integer groups; value numbers stay as they are.
inline graph with_integer_groups(graph const& g, std::int64_t opset) {
  graph copy = g;
  group_maker{copy, opset}.run();
  return copy;
}

}  // namespace octet::detail
