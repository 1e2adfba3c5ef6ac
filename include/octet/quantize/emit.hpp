// What the emitters share: the initializers of grids, names that are free, and the readers that a new value gets.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <octet/core/convert.hpp>
#include <octet/graph/walk.hpp>
#include <octet/numeric/bias.hpp>
#include <octet/quantize/options.hpp>
#include <octet/quantize/plan.hpp>
#include <octet/quantize/weights.hpp>

namespace octet::detail {

/// Scale and zero point of a quantized tensor, as values of the graph.
struct grid_values {
  value_id scale = value_id::none, zero_point = value_id::none;
};

inline tensor integers_of(std::vector<grid> const& grids, shape dims, element type) {
  tensor t{type, std::move(dims)};
  if (bits(type) == 4) {
    std::vector<std::uint8_t> wide;
    for (auto const& g : grids) wide.push_back(static_cast<std::uint8_t>(g.zero_point & 15));
    numeric::pack_nibbles(std::span<std::uint8_t const>{wide}, t.mutable_bytes());
    return t;
  }
  auto* const out = t.mutable_bytes().data();
  std::size_t const width = static_cast<std::size_t>(bits(type)) / 8;
  for (std::size_t i = 0; i < grids.size(); ++i)
    std::memcpy(out + i * width, &grids[i].zero_point, width);  // little-endian
  return t;
}

inline tensor scales_of(std::vector<grid> const& grids, shape dims, element type) {
  std::vector<float> scales;
  for (auto const& g : grids) scales.push_back(g.scale);
  return from_f32(tensor::of(std::move(dims), scales), type);
}

/// What emitters of one model's graphs share: its graphs, none of whose names may be hidden, and the functions made.
struct emission {
  explicit emission(model const& m) {
    for_each_graph(m.main, [&](graph const& g) { graphs.push_back(&g); });
  }
  /// Whether a value has that name, in whichever graph.
  bool has_name(std::string_view name) const {
    return std::any_of(graphs.begin(), graphs.end(), [&](auto* g) { return g->find(name) != value_id::none; });
  }

  std::vector<graph const*> graphs{};
  std::map<std::tuple<element, symmetry, element>, std::string> functions{};
};

class emitter {
 public:
  emitter(model& m, graph& g, plan const& p, quantize_options const& o, emission& all)
      : m_{m}, g_{g}, p_{p}, o_{o}, all_{all}, quantized_(g.node_count()) {
    for (auto const n : g_.order) node_names_.insert(g_[n].name);
    for (auto const& n : p.nodes)
      if (n.fate == fate::quantized) quantized_[index(n.node)] = true;
  }
  emitter(emitter const&) = delete;
  emitter& operator=(emitter const&) = delete;
  virtual ~emitter() = default;

 protected:
  /// A name that no value of the model has: neither of this graph nor of another, which would hide it.
  std::string fresh(std::string_view base) const {
    return first_free(base, [&](std::string const& s) { return all_.has_name(s); });
  }
  /// The float type of a tensor: that of its constant, or what inference found.
  element float_type(value_id v) const {
    if (auto const* c = g_.constant(v)) return c->type();
    auto const& t = g_[v].type;
    return t && t->element != element::undefined ? t->element : element::f32;
  }

  /// The type of its scales; operators on integers know float32 only.
  virtual element scale_type(value_id v) const { return float_type(v); }

  /// "T_zero_point" and "T_scale", made once for each grid; a tensor that shares a grid shares them.
  grid_values grid_for(planned_tensor const& t) {
    auto const& root = p_.root(t);
    auto& made = grids_[index(root.value)];
    if (made.scale != value_id::none) return made;
    made = root.grids.empty()
               ? run_time_grid(root)
               : add_grid(g_[root.value].name, "", root.grids, grid_dims(root), root.type, scale_type(root.value));
    return made;
  }
  /// The grid of a tensor whose plan has none; the emitters of static models have no such tensor.
  virtual grid_values run_time_grid(planned_tensor const& t) {
    throw error{error_kind::internal, "a tensor without a grid reached the emitter", g_[t.value].name};
  }
  /// `one_zero_point`: a scalar for all channels, which must have the same.
  grid_values add_grid(std::string const& base, std::string_view suffix, std::vector<grid> const& grids,
                       shape const& dims, element type, element float_type, bool one_zero_point = false) {
    grid_values r;
    auto const zero = one_zero_point ? integers_of({grids[0]}, {}, type) : integers_of(grids, dims, type);
    r.zero_point = g_.add_initializer(fresh(base + "_zero_point" + std::string{suffix}), zero, storage::typed);
    r.scale = g_.add_initializer(fresh(base + "_scale" + std::string{suffix}), scales_of(grids, dims, float_type),
                                 storage::typed);
    return r;
  }
  /// Scalar, one per channel, or the weight's shape with the axis cut into blocks.
  shape grid_dims(planned_tensor const& t) const {
    if (t.axis == no_axis) return {};
    if (t.block == 0) return {static_cast<std::int64_t>(t.grids.size())};
    auto dims = g_.constant(t.value)->dims();
    auto& d = dims[dims.axis(t.axis)];
    d = (d + t.block - 1) / t.block;
    return dims;
  }

  value_id add_quantized(planned_tensor const& t) {
    return g_.add_initializer(fresh(g_[t.value].name + "_quantized"), quantize_constant(*g_.constant(t.value), t));
  }

  /// The int32 bias of a node: its values and their scales, one or one per element of the last axis.
  struct quantized_bias {
    tensor values{};
    std::vector<float> scales{};
  };
  quantized_bias bias_form(planned_bias const& b) const {
    auto const& w = *p_.find(b.weight);
    auto const bias = to_f32(*g_.constant(b.bias));
    std::vector<float> weight_scales;
    for (auto const& g : w.grids) weight_scales.push_back(g.scale);
    quantized_bias r{.scales = std::vector<float>(weight_scales.size())};
    numeric::bias_scales(p_.find(b.activation)->grids[0].scale, weight_scales, r.scales);
    while (r.scales.size() > 1 &&
           static_cast<std::int64_t>(r.scales.size()) < bias.size())  // groups share a weight's channels
      r.scales.insert(r.scales.end(), r.scales.begin(), r.scales.begin() + static_cast<std::ptrdiff_t>(w.grids.size()));
    std::vector<float> values(bias.as<float>().begin(), bias.as<float>().end());
    for (auto& v : values) v *= b.factor;
    r.values = tensor{element::s32, bias.dims()};
    located("tensor '" + g_[b.bias].name + "'",
            [&] { numeric::quantize_bias(values, r.scales, r.values.mutable_as<std::int32_t>()); });
    return r;
  }

  std::string node_name(std::string base) {
    auto name = base;
    for (int i = 1; !node_names_.insert(name).second; ++i) name = base + '_' + std::to_string(i);
    return name;
  }
  bool is_quantized(node_id n) const { return index(n) < quantized_.size() && quantized_[index(n)]; }
  bool is_quantized_producer(value_id v) const {
    auto const n = g_[v].producer;
    return n != node_id::none && is_quantized(n);
  }

  /// A node that makes one new value.
  value_id add(std::string_view op, std::string_view domain, std::vector<value_id> in, std::string const& out,
               std::string const& name, std::vector<attribute> attributes = {}) {
    auto const v = g_.add_value(fresh(out));
    g_.add_node(node{.op = std::string{op},
                     .domain = std::string{domain},
                     .name = name.empty() ? name : node_name(name),
                     .inputs = std::move(in),
                     .outputs = {v},
                     .attributes = std::move(attributes)});
    return v;
  }

  /// Relu and Clip that disappear: their producers write what they wrote.
  void remove_absorbed() {
    std::vector<node_id> gone;
    std::vector<std::pair<value_id, value_id>> moves;
    for (auto const& n : p_.nodes)
      if (n.fate == fate::absorbed) {
        gone.push_back(n.node);
        moves.emplace_back(g_[n.node].inputs[0], g_[n.node].outputs[0]);
      }
    g_.erase(gone);
    std::vector<value_id> unmade;
    for (auto const& move : moves) {
      auto const producer = g_[move.first].producer;
      auto const& outs = g_[producer].outputs;
      auto const k = static_cast<std::size_t>(std::find(outs.begin(), outs.end(), move.first) - outs.begin());
      g_.set_output(producer, k, move.second);
      unmade.push_back(move.first);
    }
    g_.erase(unmade);
  }

  /// Initializers and Constant nodes that nobody reads any more.
  void remove_unused(std::vector<value_id> const& candidates) {
    std::vector<value_id> unread;
    std::vector<node_id> makers;
    std::unordered_set<std::size_t> seen;
    for (auto const v : candidates) {
      if (g_[v].erased || g_.use_count(v) != 0 || !seen.insert(index(v)).second) continue;
      unread.push_back(v);
      if (auto const n = g_[v].producer; n != node_id::none) makers.push_back(n);
    }
    g_.erase(makers);
    g_.erase(unread);
  }

  model& m_;
  graph& g_;
  plan const& p_;
  quantize_options const& o_;
  emission& all_;

  /// `v` as float32, which QuantizeLinear of an old opset and DynamicQuantizeLinear want.
  value_id as_f32(value_id v) {
    if (float_type(v) == element::f32) return v;
    return add("Cast", {}, {v}, g_[v].name + "_float32", g_[v].name + "_Cast",
               {{.name = "to", .value = std::int64_t(element::f32)}});
  }
  /// Makes `v`, of whatever float type, from a node on float32.
  void from_f32_onto(node n, value_id v) {
    auto const type = float_type(v);
    if (type == element::f32) {
      n.outputs = {v};
      g_.add_node(std::move(n));
      return;
    }
    auto const wide = g_.add_value(fresh(g_[v].name + "_float32"));
    n.outputs = {wide};
    g_.add_node(std::move(n));
    g_.add_node(node{.op = "Cast",
                     .name = node_name(g_[v].name + "_Cast"),
                     .inputs = {wide},
                     .outputs = {v},
                     .attributes = {{.name = "to", .value = std::int64_t(type)}}});
  }

 private:
  std::unordered_map<std::size_t, grid_values> grids_{};
  std::unordered_set<std::string> node_names_{};
  std::vector<bool> quantized_;  ///< by node of the float model
};

}  // namespace octet::detail
