// The 8-bit values around a node of a QDQ graph: behind which DequantizeLinear they are, in front of which
// QuantizeLinear.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <octet/exec/ops/operation.hpp>
#include <octet/graph/graph.hpp>
#include <octet/numeric/grid.hpp>

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

/// Reads a graph for those who replace its groups.
class port_reader {
 protected:
  static constexpr std::string_view ms = "com.microsoft";

  explicit port_reader(graph& g) : g_{g} {}

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

  /// A float constant of one element, as it is or behind a DequantizeLinear.
  std::optional<tensor> number(value_id v) const {
    if (auto const* t = constant(v))
      return t->size() == 1 && t->type() == element::f32 ? std::optional{t->align()} : std::nullopt;
    auto const* p = g_.producer(v);
    auto const x = p != nullptr && is(*p, "DequantizeLinear") ? grid_of(g_[v].producer) : std::nullopt;
    auto const* q = x ? constant(p->inputs[0]) : nullptr;
    if (q == nullptr || q->size() != 1 || !x->one() || !x->is_8_bit() || q->type() != x->type()) return {};
    auto const g = grid_of(*x);
    tensor y{element::f32, q->dims()};
    y.mutable_as<float>()[0] = static_cast<float>(code_of(*q) - g.zero_point) * g.scale;
    return y;
  }

  static grid grid_of(port_grid const& p) { return {p.scales->align().as<float>()[0], code_of(*p.zeros), p.type()}; }
  /// The only element of an 8-bit tensor.
  static std::int32_t code_of(tensor const& t) {
    return t.type() == element::u8 ? std::int32_t{t.align().as<std::uint8_t>()[0]}
                                   : std::int32_t{t.align().as<std::int8_t>()[0]};
  }

  graph& g_;
};

}  // namespace octet::detail
