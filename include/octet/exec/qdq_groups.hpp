// Groups DequantizeLinear → operator → QuantizeLinear become integer operators, in a copy of the graph that is only
// run: what runtimes do with such models. The float nodes stay, for whoever asks for their values.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <octet/exec/ops/inner.hpp>
#include <octet/exec/ops/lookup.hpp>
#include <octet/graph/graph.hpp>

namespace octet::detail {

/// An 8-bit (or int32 bias) value behind a DequantizeLinear, or in front of a QuantizeLinear.
struct port_grid {
  value_id q = value_id::none, scale = value_id::none, zero = value_id::none;
  tensor const *scales = nullptr, *zeros = nullptr;
  std::int64_t axis = 1;
  node_id node = node_id::none;

  bool one() const { return scales->size() == 1; }
  element type() const { return zeros == nullptr ? element::undefined : zeros->type(); }
  bool is_8_bit() const { return type() == element::u8 || type() == element::s8; }
};

/// Rewrites one graph.
class group_maker {
 public:
  explicit group_maker(graph& g, std::int64_t opset) : g_{g}, opset_{opset} {}

  void run() {
    auto const nodes = g_.order;
    for (auto const id : nodes)
      if (!g_[id].erased) visit(id);
    g_.sort();
  }

 private:
  static constexpr std::string_view ms = "com.microsoft";

  void visit(node_id id) {
    auto const& n = g_[id];
    if (!plain_domain(n.domain).empty()) return;
    if (n.op == "Conv") conv(id);
    else if (n.op == "MatMul") matmul(id);
    else if (n.op == "Gemm") gemm(id);
    else if ((n.op == "Add" || n.op == "Mul") && binary(id)) return;
    else if (n.op == "AveragePool" || n.op == "GlobalAveragePool" || n.op == "Softmax") unary(id);
    else if (looked_up(n.op)) lookup(id);
    else if (n.op == "Concat") concat(id);
    else if (moves(n.op)) movement(id);
  }

  /// Functions of one element; the binary ones of one and a constant.
  static bool looked_up(std::string_view op) {
    constexpr std::array<std::string_view, 35> all{
        "Abs",      "Add",        "Celu",  "Ceil",  "Clip",        "Div",       "Elu",
        "Erf",      "Exp",        "Floor", "Gelu",  "HardSigmoid", "HardSwish", "LeakyRelu",
        "Log",      "Max",        "Min",   "Mish",  "Mul",         "Neg",       "PRelu",
        "Pow",      "Reciprocal", "Relu",  "Round", "Selu",        "Sigmoid",   "Sign",
        "Softplus", "Softsign",   "Sqrt",  "Sub",   "Swish",       "Tanh",      "ThresholdedRelu"};
    return std::find(all.begin(), all.end(), op) != all.end();
  }
  /// The input on which such a node depends: all others are constants of one element.
  std::optional<std::size_t> variable_of(node_id id) const {
    auto const& n = g_[id];
    std::optional<std::size_t> found;
    if (!plain_domain(n.domain).empty() || !looked_up(n.op) || n.outputs.size() != 1) return {};
    for (std::size_t i = 0; i < n.inputs.size(); ++i) {
      if (!n.has_input(i)) continue;
      auto const* t = constant(n.inputs[i]);
      if (t == nullptr ? found.has_value() : t->size() != 1 || t->type() != element::f32) return {};
      if (t == nullptr) found = i;
    }
    return found;
  }

  /// DequantizeLinear → functions of one element → QuantizeLinear becomes a table, and so does a table behind a table.
  void lookup(node_id first) {
    std::vector<link> chain;
    std::int64_t rank = 0;
    auto at = first;
    for (bool whole = false; !whole;) {
      auto const place = variable_of(at);
      if (!place || (!chain.empty() && g_[at].inputs[*place] != g_[chain.back().id].outputs[0])) return;
      chain.push_back({at, *place});
      for (auto const v : g_[at].inputs)
        if (auto const* t = v == value_id::none ? nullptr : constant(v)) rank = std::max(rank, std::int64_t(t->rank()));
      auto const v = g_[at].outputs[0];
      if (g_.use_count(v) != 1 || g_[v].uses.size() != 1) return;
      at = g_[v].uses[0].node;
      whole = is(g_[at], "QuantizeLinear");
    }
    auto const x = activation(first, chain[0].place), y = to(chain.back().id);
    if (!x || !y) return;
    try {
      tabulate(*x, *y, chain, rank);
    } catch (error const&) {  // what is wrong with it is said when it is run
    }
  }

  struct link {
    node_id id;
    std::size_t place;  ///< of the input that changes
  };
  static grid grid_of(port_grid const& p) {
    auto const zero = p.type() == element::u8 ? std::int32_t{p.zeros->align().as<std::uint8_t>()[0]}
                                              : std::int32_t{p.zeros->align().as<std::int8_t>()[0]};
    return {p.scales->align().as<float>()[0], zero, p.type()};
  }

  void tabulate(port_grid const& x, port_grid const& y, std::vector<link> const& chain, std::int64_t rank) {
    auto table = lookup_table(alone_, grid_of(x), grid_of(y), [&](tensor t) {
      for (auto const& l : chain) t = applied(l, std::move(t));
      return t;
    });
    auto source = x.q;
    if (auto const* p = g_.producer(x.q); p != nullptr && p->is("Lookup", "octet")) {
      auto const before = g_.constant(p->inputs[1])->bytes();
      byte_table both;
      for (std::size_t i = 0; i < 256; ++i) both[i] = table[std::to_integer<std::size_t>(before[i])];
      table = both, source = p->inputs[0], rank = std::max(rank, p->get("rank", std::int64_t{0}));
    }
    add_table(y, source, table, rank);
  }

  /// The tensor that an 8-bit value is a function of, and the table if it is not that itself.
  std::pair<value_id, tensor const*> root_of(value_id q) const {
    auto const* p = g_.producer(q);
    if (p == nullptr || !p->is("Lookup", "octet") || p->get("rank", std::int64_t{0}) != 0) return {q, nullptr};
    return {p->inputs[0], g_.constant(p->inputs[1])};
  }
  /// x · sigmoid(x) and the like: two functions of one tensor, combined, are a table again.
  bool combined(node_id id, port_grid const& a, port_grid const& b, port_grid const& y) {
    auto x = root_of(a.q), z = root_of(b.q);
    if (x.first != z.first && z.first == a.q) x = {a.q, nullptr};  // behind a table of its own
    if (x.first != z.first && x.first == b.q) z = {b.q, nullptr};
    if (x.first != z.first || (x.second == nullptr && z.second == nullptr)) return false;
    auto const values = inner_operator{g_[id].op, opset_, 2}(
        alone_, {table_values(alone_, x.second, grid_of(a)), table_values(alone_, z.second, grid_of(b))});
    add_table(y, x.first, codes_of(alone_, values, grid_of(y)), 0);
    return true;
  }
  void add_table(port_grid const& y, value_id source, byte_table const& table, std::int64_t rank) {
    tensor t{y.type(), {256}};
    std::memcpy(t.mutable_bytes().data(), table.data(), 256);
    replace(y.node, y.q, "Lookup", "octet", {source, g_.add_initializer(g_.fresh_name(g_[y.q].name + "_table"), t)},
            {{.name = "rank", .value = rank}});
  }

  tensor applied(link const& l, tensor t) const {
    auto const& n = g_[l.id];
    std::vector<tensor> in(n.inputs.size());
    for (std::size_t i = 0; i < in.size(); ++i)
      if (i != l.place && n.has_input(i)) in[i] = constant(n.inputs[i])->align();
    in[l.place] = std::move(t);
    return inner_operator{n.op, opset_, in.size(), n.attributes}(alone_, std::move(in));
  }

  static bool moves(std::string_view op) {
    constexpr std::array<std::string_view, 11> all{"MaxPool",   "Reshape",      "Transpose",   "Squeeze",
                                                   "Unsqueeze", "Flatten",      "Slice",       "Gather",
                                                   "Expand",    "DepthToSpace", "SpaceToDepth"};
    return std::find(all.begin(), all.end(), op) != all.end();
  }

  /// The constant that a value has, seen through Identity.
  tensor const* constant(value_id v) const {
    for (int depth = 0; v != value_id::none && depth < 16; ++depth) {
      if (auto const* t = g_.constant(v)) return t;
      auto const* p = g_.producer(v);
      if (p == nullptr || !p->is("Identity") || p->inputs.empty()) return nullptr;
      v = p->inputs[0];
    }
    return nullptr;
  }

  /// A tensor of the shape of a value that never changes: its constant, or what a QuantizeLinear makes it from.
  tensor const* fixed(value_id v) const {
    if (auto const* t = constant(v)) return t;
    auto const* p = g_.producer(v);
    return p != nullptr && is(*p, "QuantizeLinear") ? constant(p->inputs[0]) : nullptr;
  }

  std::optional<port_grid> grid_of(node_id id) const {
    auto const& n = g_[id];
    if (n.inputs.size() < 2 || n.get("block_size", std::int64_t{0}) != 0 || n.get("output_dtype", std::int64_t{0}) > 1)
      return {};
    port_grid v{
        .scale = n.inputs[1], .scales = constant(n.inputs[1]), .axis = n.get("axis", std::int64_t{1}), .node = id};
    if (n.has_input(2)) v.zero = n.inputs[2], v.zeros = constant(n.inputs[2]);
    if (v.scales == nullptr || v.scales->type() != element::f32 || v.scales->rank() > 1 || v.scales->size() < 1 ||
        (n.has_input(2) && v.zeros == nullptr))
      return {};
    if (v.zeros != nullptr && v.zeros->size() != v.scales->size()) return {};
    return v;
  }
  static bool is(node const& n, std::string_view op) {
    return n.op == op && (plain_domain(n.domain).empty() || n.domain == ms);
  }

  /// The DequantizeLinear that makes input i of a node, with constant parameters.
  std::optional<port_grid> from(node_id id, std::size_t i) const {
    auto const& n = g_[id];
    if (!n.has_input(i)) return {};
    auto const p = g_[n.inputs[i]].producer;
    if (p == node_id::none || !is(g_[p], "DequantizeLinear")) return {};
    auto v = grid_of(p);
    if (v) v->q = g_[p].inputs[0];
    return v;
  }
  std::optional<port_grid> activation(node_id id, std::size_t i) const {
    auto v = from(id, i);
    return v && v->one() && v->is_8_bit() ? v : std::nullopt;
  }

  node_id only_reader(value_id v) const {
    return g_.use_count(v) == 1 && g_[v].uses.size() == 1 && g_[v].uses[0].input == 0 ? g_[v].uses[0].node
                                                                                      : node_id::none;
  }
  /// The QuantizeLinear that alone reads the node's output, perhaps behind a Relu that its grid makes superfluous.
  std::optional<port_grid> to(node_id id, bool past_relu = false) const {
    auto reader = g_[id].outputs.empty() ? node_id::none : only_reader(g_[id].outputs[0]);
    bool const relu = past_relu && reader != node_id::none && g_[reader].is("Relu");
    if (relu) reader = only_reader(g_[reader].outputs[0]);
    if (reader == node_id::none || !is(g_[reader], "QuantizeLinear")) return {};
    auto v = grid_of(reader);
    if (!v || !v->one() || !v->is_8_bit()) return {};
    if (relu &&
        (v->type() == element::u8 ? v->zeros->as<std::uint8_t>()[0] != 0 : v->zeros->as<std::int8_t>()[0] != -128))
      return {};
    v->q = g_[reader].outputs[0];
    return v;
  }

  void replace(node_id old, value_id output, std::string_view op, std::string_view domain, std::vector<value_id> inputs,
               std::vector<attribute> attributes) {
    node n;
    n.op = op, n.domain = domain, n.name = g_[old].name, n.inputs = std::move(inputs),
    n.attributes = std::move(attributes);
    g_.erase(old);
    n.outputs = {output};
    g_.add_node(std::move(n));
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

  /// True when it is done.
  bool binary(node_id id) {
    auto const a = activation(id, 0), b = activation(id, 1), y = to(id);
    if (!a || !b || !y) return false;
    if (combined(id, *a, *b, *y)) return true;
    if (a->type() != b->type() || a->type() != y->type()) return false;
    replace(y->node, y->q, "QLinear" + g_[id].op, ms,
            {a->q, a->scale, a->zero, b->q, b->scale, b->zero, y->scale, y->zero}, {});
    return true;
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

  graph& g_;
  std::int64_t opset_;
  thread_pool pool_{1};
  buffers memory_{std::size_t(-1)};
  call alone_{{}, {}, pool_, memory_};  ///< what tables are made with
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
