// Where the channels of an activation can be scaled without another node: what makes it takes the factors into its
// constants, and the products that read it take their inverses into their weights.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <octet/core/convert.hpp>
#include <octet/graph/graph.hpp>
#include <octet/graph/vocabulary.hpp>
#include <octet/quantize/bias_shift.hpp>

namespace octet::detail {

/// A constant that is multiplied, channel by channel along one of its axes.
struct channel_scaling {
  node_id node = node_id::none;
  std::size_t input = 0;
  int axis = 0;             ///< of the constant; negative: from the end
  bool inverse = false;     ///< by the factors' inverses
  std::int64_t groups = 1;  ///< of a Conv whose weight's axis 1 holds the channels of one group after the other
};

/// An activation whose channels can be scaled together with what makes and reads it.
struct channel_group {
  value_id tensor = value_id::none;
  bool last = true;                      ///< its channels are the last axis, else axis 1
  std::int64_t channels = 0;             ///< 0: as many as its factors
  std::vector<node_id> products{};       ///< that read it
  std::vector<channel_scaling> above{};  ///< empty: nothing takes the factors, a Mul has to
  std::vector<value_id> scaled{};        ///< tensors whose values change, `tensor` among them
};

/// Finds the groups of a graph whose shapes were inferred.
class channel_groups {
 public:
  explicit channel_groups(graph const& g) : g_{g} {}

  /// In the graph's order. With `folding` only those that need no other node.
  std::vector<channel_group> find(bool folding) {
    std::vector<channel_group> all;
    for (auto const id : g_.order) {
      auto const& n = g_[id];
      if (!is_product(n)) continue;
      auto const x = n.inputs[0];
      if (std::any_of(all.begin(), all.end(), [&](auto const& c) { return c.tensor == x; })) continue;
      if (auto group = group_of(x, folding)) all.push_back(std::move(*group));
    }
    return all;
  }

 private:
  bool is_product(node const& n) const {
    if (!n.has_input(0) || !n.has_input(1) || g_.constant(n.inputs[0]) != nullptr) return false;
    auto const* w = g_.constant(n.inputs[1]);
    if (w == nullptr || !fits_f32(w->type())) return false;
    if (n.is("MatMul")) return w->rank() == 2;
    if (n.is("Gemm")) return n.get<std::int64_t>("transA", 0) == 0;
    return n.is("Conv") && w->rank() >= 3;
  }
  std::optional<channel_group> group_of(value_id x, bool folding) const {
    channel_group c{.tensor = x, .last = true};
    bool first = true, alone = !g_.is_output(x);
    for (auto const u : g_[x].uses) {
      bool const product = u.input == 0 && is_product(g_[u.node]);
      if (!product) {
        alone = false;
        continue;
      }
      bool const last = !g_[u.node].is("Conv");
      if (!first && last != c.last) return std::nullopt;
      c.last = last, first = false;
      if (std::find(c.products.begin(), c.products.end(), u.node) == c.products.end()) c.products.push_back(u.node);
    }
    rank_ = c.last ? 0 : static_cast<int>(g_.constant(g_[c.products[0]].inputs[1])->rank());
    auto const& w = g_.constant(g_[c.products[0]].inputs[1])->dims();
    auto const& n = g_[c.products[0]];
    c.channels = n.is("Conv") ? w[1] * n.get<std::int64_t>("group", 1)
                              : w[n.is("Gemm") && n.get<std::int64_t>("transB", 0) != 0 ? 1 : 0];
    if (alone && climb(x, c)) return c;
    c.above.clear(), c.scaled.clear();
    auto const* maker = g_.producer(x);
    if (folding || !c.last || (maker != nullptr && is_product(*maker))) return std::nullopt;
    return c;
  }

  // --- upward
  // ---------------------------------------------------------------------------------------------------------
  /// Follows `v` to what takes the factors; every tensor on the way has one reader.
  bool climb(value_id v, channel_group& c) const {
    c.scaled.push_back(v);
    if (g_[v].producer == node_id::none || c.scaled.size() > 32) return false;
    auto const id = g_[v].producer;
    auto const& n = g_[id];
    if (n.outputs[0] != v) return false;
    if (keeps_factors(n, c)) return onward(n.inputs[0], c);
    if (n.is("Add") || n.is("Sub")) return take_sum(id, n, c);
    if (n.is("Mul") || n.is("Div")) return take_product(id, n, c);
    if (n.is("Reshape")) return through_heads(n, c);
    if (n.is("Conv") || n.is("Gemm") || n.is("MatMul")) return take_weight(id, n, c);
    if (n.is("BatchNormalization")) return !c.last && take(id, 1, 0, c) && take(id, 2, 0, c);
    return take_norm(id, n, c);
  }
  bool onward(value_id v, channel_group& c) const {
    return v != value_id::none && g_.use_count(v) == 1 && g_[v].uses.size() == 1 && g_[v].uses[0].input >= 0 &&
           climb(v, c);
  }
  /// f(k x) = k f(x) for k > 0, and channels stay where they are.
  bool keeps_factors(node const& n, channel_group const& c) const {
    for (auto const* op : {"Relu", "LeakyRelu", "PRelu", "Identity"})
      if (n.is(op)) return true;
    for (auto const* op : {"MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool"})
      if (n.is(op)) return !c.last;
    return false;
  }
  bool take(node_id id, std::size_t input, int axis, channel_group& c, bool inverse = false) const {
    auto const& n = g_[id];
    auto const* k = n.has_input(input) ? g_.constant(n.inputs[input]) : nullptr;
    if (k == nullptr || !fits_f32(k->type())) return false;
    c.above.push_back({.node = id, .input = input, .axis = axis, .inverse = inverse});
    return true;
  }
  /// Whether constant `input` of an elementwise node is one number, or one for each channel; then where these lie.
  std::optional<int> channel_axis(node const& n, std::size_t input, channel_group const& c) const {
    auto const* k = n.has_input(input) ? g_.constant(n.inputs[input]) : nullptr;
    if (k == nullptr || !fits_f32(k->type())) return std::nullopt;
    int const axis = c.last ? -1 : 1 - rank_;
    if (k->size() == 1) return static_cast<int>(k->rank()) + axis >= 0 || c.last ? std::optional{axis} : std::nullopt;
    auto const at = static_cast<int>(k->rank()) + axis;
    if (at < 0 || k->size() != c.channels || k->dims()[static_cast<std::size_t>(at)] != c.channels) return std::nullopt;
    return axis;
  }
  bool take_sum(node_id id, node const& n, channel_group& c) const {
    for (std::size_t i = 0; i < 2; ++i)
      if (auto const axis = channel_axis(n, i, c)) return take(id, i, *axis, c) && onward(n.inputs[1 - i], c);
    return false;
  }
  bool take_product(node_id id, node const& n, channel_group& c) const {
    for (std::size_t i = n.is("Div") ? 1 : 0; i < 2; ++i)
      if (auto const axis = channel_axis(n, i, c)) return take(id, i, *axis, c, n.is("Div"));
    return false;
  }
  bool take_weight(node_id id, node const& n, channel_group& c) const {
    auto const* w = n.has_input(1) ? g_.constant(n.inputs[1]) : nullptr;
    if (w == nullptr || w->rank() < 2 || n.is("Conv") == c.last) return false;
    bool const rows = n.is("Conv") || n.get<std::int64_t>("transB", 0) != 0;
    if (w->dims()[rows ? 0 : w->rank() - 1] != c.channels || !take(id, 1, rows ? 0 : -1, c)) return false;
    return !n.has_input(2) || (is_bias_of(g_, n.inputs[2], c.channels) && take(id, 2, -1, c));
  }
  /// Scores · V between [batch, tokens, channels] and heads: a channel of V is the same channel behind it.
  bool through_heads(node const& merge, channel_group& c) const {
    auto const heads = dims_of(merge.inputs[0]);
    auto const* back = alone(merge.inputs[0], "Transpose", c);
    auto const* product = back == nullptr || !swaps_heads(*back) ? nullptr : alone(back->inputs[0], "MatMul", c);
    auto const* forth = product == nullptr ? nullptr : alone(product->inputs[1], "Transpose", c);
    auto const* split = forth == nullptr || !swaps_heads(*forth) ? nullptr : alone(forth->inputs[0], "Reshape", c);
    if (split == nullptr || heads.size() != 4 || heads[2] * heads[3] != c.channels || heads[2] < 1) return false;
    auto const same = dims_of(forth->inputs[0]), whole = dims_of(split->inputs[0]);
    bool const fits =
        same.size() == 4 && same[2] == heads[2] && same[3] == heads[3] && whole.size() == 3 && whole[2] == c.channels;
    return fits && onward(split->inputs[0], c);
  }
  /// The maker of `v`, if it is an `op` whose result has no other reader.
  node const* alone(value_id v, std::string_view op, channel_group& c) const {
    auto const* n = g_.producer(v);
    if (n == nullptr || !n->is(op) || g_.use_count(v) != 1) return nullptr;
    c.scaled.push_back(v);
    return n;
  }
  static bool swaps_heads(node const& n) {
    auto const* perm = n.get<std::vector<std::int64_t>>("perm");
    return perm != nullptr && *perm == std::vector<std::int64_t>{0, 2, 1, 3};
  }
  /// Sizes, -1 where they are not known; empty where the rank is not.
  std::vector<std::int64_t> dims_of(value_id v) const {
    std::vector<std::int64_t> all;
    if (auto const& t = g_[v].type; t && t->dims)
      for (auto const& d : *t->dims) all.push_back(d.known() ? d.size : -1);
    return all;
  }
  bool take_norm(node_id id, node const& n, channel_group& c) const {
    bool const plain =
        n.op == "LayerNormalization" || n.op == "SimplifiedLayerNormalization" || n.op == "RMSNormalization";
    bool const skip = n.is("SkipLayerNormalization", microsoft) || n.is("SkipSimplifiedLayerNormalization", microsoft);
    if (!c.last || !(plain || skip)) return false;
    std::size_t const gamma = plain ? 1 : 2;
    auto const* k = n.has_input(gamma) ? g_.constant(n.inputs[gamma]) : nullptr;
    if (k == nullptr || k->rank() != 1 || k->size() != c.channels || !take(id, gamma, -1, c)) return false;
    bool const centred = n.op == "LayerNormalization" || n.is("SkipLayerNormalization", microsoft);
    return !centred || !n.has_input(gamma + 1) || take(id, gamma + 1, -1, c);
  }

  graph const& g_;
  mutable int rank_ = 0;
};

/// Multiplies one constant by `factors` or their inverses.
inline void scale_constant(graph& g, channel_scaling const& s, std::vector<float> const& factors) {
  auto const old = to_f32(*g.constant(g[s.node].inputs[s.input]));
  auto const type = g.constant(g[s.node].inputs[s.input])->type();
  auto const channels = static_cast<std::int64_t>(factors.size());
  auto dims = old.dims();
  if (old.size() == 1 && channels != 1) {  // one number for all channels becomes one for each
    std::vector<std::int64_t> wide(std::max(old.rank(), static_cast<std::size_t>(s.axis < 0 ? -s.axis : s.axis + 1)),
                                   1);
    wide[s.axis < 0 ? wide.size() - static_cast<std::size_t>(-s.axis) : static_cast<std::size_t>(s.axis)] = channels;
    dims = shape{std::span<std::int64_t const>{wide}};
  }
  auto const axis = static_cast<std::size_t>(s.axis < 0 ? s.axis + static_cast<int>(dims.rank()) : s.axis);
  tensor scaled{element::f32, dims};
  auto const out = scaled.mutable_as<float>();
  auto const in = old.as<float>();
  auto const length = static_cast<std::size_t>(dims[axis]), rest = static_cast<std::size_t>(dims.product(0, axis)),
             inner = static_cast<std::size_t>(dims.product(axis + 1, dims.rank()));
  for (std::size_t o = 0; o < rest; ++o)
    for (std::size_t k = 0; k < length; ++k) {
      // a grouped Conv: output channel o reads the channels of its group
      auto const group = s.groups == 1 ? 0 : o * static_cast<std::size_t>(s.groups) / rest;
      double const f = double{factors[group * length + k]};
      for (std::size_t i = 0; i < inner; ++i) {
        auto const at = (o * length + k) * inner + i;
        out[at] = static_cast<float>(s.inverse ? double{in[in.size() == 1 ? 0 : at]} / f
                                               : double{in[in.size() == 1 ? 0 : at]} * f);
      }
    }
  replace_constant(g, s.node, s.input, from_f32(scaled, type));
}

/// Where a product reads the channels of its input.
inline channel_scaling reading(graph const& g, node_id id) {
  auto const& n = g[id];
  channel_scaling s{.node = id, .input = 1, .inverse = true};
  if (n.is("Conv")) s.axis = 1, s.groups = n.get<std::int64_t>("group", 1);
  else s.axis = n.is("Gemm") && n.get<std::int64_t>("transB", 0) != 0 ? 1 : 0;
  return s;
}

/// Scales the channels of the group's tensor by `factors`; what the graph computes stays the same. Where nothing takes
/// them, a Mul is put in front of the products; its name, else nothing, is returned.
inline std::string scale_channels(graph& g, channel_group const& c, std::vector<float> const& factors) {
  for (auto const id : c.products) scale_constant(g, reading(g, id), factors);
  for (auto const& s : c.above) scale_constant(g, s, factors);
  if (!c.above.empty()) return {};
  auto const name = g[c.tensor].name;
  auto const k = g.add_initializer(g.fresh_name(name + "_smooth_factors"),
                                   tensor::of(shape{static_cast<std::int64_t>(factors.size())}, factors));
  auto const mul =
      g.add_node("Mul", {c.tensor, k}, {g.fresh_name(name + "_smoothed")}, {}, {}, g.fresh_node_name(name + "_smooth"));
  g[g[mul].outputs[0]].type = g[c.tensor].type;
  for (auto const id : c.products) g.set_input(id, 0, g[mul].outputs[0]);
  g.sort();
  return g[mul].name;
}

}  // namespace octet::detail
