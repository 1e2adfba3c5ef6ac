// Puts convolutions and what surrounds them into channels-last order, in a copy of the graph that is only run: there a
// convolution reads its input in place, and takes up the BatchNormalization, residual and limits that follow it.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <octet/exec/easy_constant.hpp>
#include <octet/exec/live_nodes.hpp>
#include <octet/exec/ops/row_activation.hpp>

namespace octet::detail {

/// Rewrites one graph. Every value keeps its meaning: what was in ONNX's order can still be had, by a transposition or
/// by the nodes that made it before.
class chain_maker {
 public:
  chain_maker(graph& g, std::int64_t opset) : g_{g}, live_{g}, opset_{opset} {}

  void run() {
    auto const nodes = g_.order;
    for (auto const id : nodes) {
      if (g_[id].erased) continue;
      if (!live_(id) || !visit(id)) order_.push_back(id);
    }
    g_.order.clear();
    for (auto const id : order_)
      if (!g_[id].erased) g_.order.push_back(id);
    g_.sort();  // an original that came back may stand behind a replaced node that reads it
  }

 private:
  static constexpr float infinity = std::numeric_limits<float>::infinity();
  static constexpr std::string_view ours = "octet", ms = "com.microsoft";

  struct twin {
    value_id last = value_id::none;  ///< the same tensor, channels last
    std::size_t rank = 0;
    node_id back = node_id::none;    ///< the transposition that makes the original
    node_id conv = node_id::none;    ///< the float convolution that makes it, while it may take up more
    std::optional<node> original{};  ///< that made the value
  };

  template <std::size_t N>
  static bool among(node const& n, std::array<std::string_view, N> const& all, std::string_view domain = {}) {
    return std::any_of(all.begin(), all.end(), [&](std::string_view op) { return n.is(op, domain); });
  }
  bool element_wise(node const& n) const {
    constexpr std::array<std::string_view, 22> all{
        "Relu", "Clip", "Selu", "Erf", "Exp", "Abs", "Neg",   "Sqrt", "Identity", "Cast",           "Add",
        "Sub",  "Mul",  "Div",  "Max", "Min", "Pow", "PRelu", "Sum",  "Mean",     "QuantizeLinear", "DequantizeLinear"};
    constexpr std::array<std::string_view, 6> contrib{"QLinearAdd",       "QLinearMul",     "QLinearSigmoid",
                                                      "QLinearLeakyRelu", "QuantizeLinear", "DequantizeLinear"};
    return n.outputs.size() == 1 &&
           (among(n, all) || among(n, contrib, ms) || n.is("Lookup", ours) || is_row_activation(n, opset_));
  }

  /// True when other nodes make the outputs now.
  bool visit(node_id id) {
    auto const& n = g_[id];
    if (n.is("Conv")) return conv(id, {1, 2});
    if (n.is("QLinearConv")) return conv(id, {1, 2, 3, 4, 5, 6, 7, 8});
    if (n.is("BatchNormalization")) return take_up_scale(id);
    if ((n.is("Relu") || n.is("Clip")) && take_up_limits(id)) return true;
    if (is_row_activation(n, opset_) && take_up_activation(id)) return true;
    if (n.is("Add") && (take_up_bias(id) || take_up_residual(id))) return true;
    if (element_wise(n)) return follow(id);
    if (n.is("MaxPool") || n.is("GlobalAveragePool") ||
        (n.is("QLinearGlobalAveragePool", ms) && n.get("channels_last", std::int64_t{0}) == 0))
      return pool(id);
    if (n.is("Concat")) return concat(id, 0, 1);
    if (n.is("QLinearConcat", ms)) return concat(id, 2, 3);
    if (n.is("ReduceMean")) return reduce(id);
    return false;
  }

  bool fixed(value_id v, tensor const** shaped = nullptr) const { return never_changes(g_, v, shaped); }
  std::optional<tensor> floats(node const& n, std::size_t i) const {
    auto const t = n.has_input(i) ? easy_constant(g_, n.inputs[i]) : std::nullopt;
    return t && t->type() == element::f32 ? std::optional{t->align()} : std::nullopt;
  }

  node_id add(node n) {
    auto const id = g_.add_node(std::move(n));
    order_.push_back(id);
    return id;
  }
  value_id fresh(value_id like) { return g_.add_value(g_.fresh_name(g_[like].name + "_last")); }

  /// The value with its channels last; transposed when nothing makes it so.
  value_id last(value_id v, std::size_t rank) {
    if (auto const it = twins_.find(v); it != twins_.end()) return it->second.last;
    node n{.op = "ChannelsLast", .domain = std::string{ours}, .inputs = {v}, .outputs = {fresh(v)}};
    auto const to = n.outputs[0];
    add(std::move(n));
    twins_[v] = {.last = to, .rank = rank};
    return to;
  }

  /// Makes output 0 of `old` by `n`, channels last.
  twin& put(node_id old, node n, std::size_t rank) {
    auto const y = g_[old].outputs[0], to = fresh(y);
    twin t{.last = to, .rank = rank, .original = g_[old]};
    n.name = g_[old].name, n.outputs = {to};
    g_.erase(old);
    t.conv = add(std::move(n));
    t.back = add({.op = "ChannelsFirst", .domain = std::string{ours}, .inputs = {to}, .outputs = {y}});
    return twins_[y] = std::move(t);
  }

  bool conv(node_id id, std::vector<std::size_t> const& parameters) {
    auto n = g_[id];
    bool const integer = n.op == "QLinearConv";
    tensor const* w = nullptr;
    if (n.outputs.size() != 1 || n.inputs.empty() || (integer && n.inputs.size() < 8)) return false;
    for (auto const i : parameters)
      if (n.has_input(i) && !fixed(n.inputs[i], i == (integer ? 3u : 1u) ? &w : nullptr)) return false;
    if (w == nullptr || w->rank() < 3 || w->rank() > 5 || w->size() == 0) return false;
    if (!integer && w->type() != element::f32) return false;
    auto const groups = n.get("group", std::int64_t{1});
    if (groups < 1 || w->dims()[0] % groups != 0) return false;
    auto const rank = w->rank();
    n.inputs[0] = last(n.inputs[0], rank);
    n.domain = ours;
    if (!integer) n.inputs.resize(4, value_id::none);
    auto& t = put(id, std::move(n), rank);
    if (integer) t.conv = node_id::none;
    return true;
  }

  /// The twin of input 0 of `id` whose convolution may take up this node, which alone reads it.
  twin* only_source(node_id id, std::size_t i) {
    auto const v = g_[id].inputs[i];
    auto const it = v == value_id::none ? twins_.end() : twins_.find(v);
    if (it == twins_.end() || it->second.conv == node_id::none || g_[id].outputs.size() != 1) return nullptr;
    bool const alone = live_.reader(v) == id && g_.use_count(it->second.last) == 1;
    return alone ? &it->second : nullptr;
  }

  /// Replaces the convolution of `t`, whose value is hidden from now on, by `n`, which makes the output of `id`.
  void absorb(node_id id, value_id hidden, node n) {
    twin const t = twins_.at(hidden);
    auto original = t.original;
    g_.erase(t.back), g_.erase(t.conv);
    add(std::move(*original));  // for whoever asks for its value
    twins_.erase(hidden);
    put(id, std::move(n), t.rank);
  }

  /// Nothing can be added to what has been through limits or an activation.
  static bool limited(node const& n) {
    return n.get("low", -infinity) > -infinity || n.get("high", infinity) < infinity || n.find("activation") != nullptr;
  }

  bool take_up_scale(node_id id) {
    auto* const t = only_source(id, 0);
    if (t == nullptr || g_[id].get("training_mode", std::int64_t{0}) != 0) return false;
    node n = g_[t->conv];
    auto const w = floats(n, 1);
    auto bias = floats(n, 2);
    if (!w || limited(n) || n.has_input(3) || (n.has_input(2) && !bias)) return false;
    std::optional<tensor> const p[4] = {floats(g_[id], 1), floats(g_[id], 2), floats(g_[id], 3), floats(g_[id], 4)};
    auto const channels = w->dims()[0];
    for (auto const& x : p)
      if (!x || x->size() != channels) return false;
    if (bias && bias->size() != channels) return false;
    double const epsilon = double(g_[id].get("epsilon", 1e-5f));
    tensor scaled{element::f32, w->dims()}, shifted{element::f32, {channels}};
    auto const each = static_cast<std::size_t>(w->size() / channels);
    for (std::size_t c = 0; c < std::size_t(channels); ++c) {
      double const factor = double(p[0]->as<float>()[c]) / std::sqrt(double(p[3]->as<float>()[c]) + epsilon);
      double const before = bias ? double(bias->as<float>()[c]) : 0.0;
      shifted.mutable_as<float>()[c] =
          static_cast<float>((before - double(p[2]->as<float>()[c])) * factor + double(p[1]->as<float>()[c]));
      for (auto i = c * each; i < (c + 1) * each; ++i)
        scaled.mutable_as<float>()[i] = static_cast<float>(double(w->as<float>()[i]) * factor);
    }
    auto const& name = g_[g_[id].outputs[0]].name;
    n.inputs[1] = g_.add_initializer(g_.fresh_name(name + "_weights"), scaled);
    n.inputs[2] = g_.add_initializer(g_.fresh_name(name + "_bias"), shifted);
    absorb(id, g_[id].inputs[0], std::move(n));
    return true;
  }

  bool take_up_limits(node_id id) {
    auto* const t = only_source(id, 0);
    if (t == nullptr || limited(g_[t->conv])) return false;
    auto const l = constant_limits_of(g_, g_[id]);
    if (!l) return false;
    node n = g_[t->conv];
    n.set("low", l->low), n.set("high", l->high);
    absorb(id, g_[id].inputs[0], std::move(n));
    return true;
  }

  bool take_up_activation(node_id id) {
    auto* const t = only_source(id, 0);
    if (t == nullptr || limited(g_[t->conv])) return false;
    node n = g_[t->conv];
    take_activation(n, g_[id]);
    absorb(id, g_[id].inputs[0], std::move(n));
    return true;
  }

  /// An Add of one constant a channel.
  bool take_up_bias(node_id id) {
    for (std::size_t i : {std::size_t{0}, std::size_t{1}}) {
      auto* const t = g_[id].inputs.size() == 2 ? only_source(id, i) : nullptr;
      auto const more = t == nullptr ? std::nullopt : floats(g_[id], 1 - i);
      if (!more || more->rank() > t->rank) continue;
      node n = g_[t->conv];
      auto const w = floats(n, 1), bias = floats(n, 2);
      auto const at = static_cast<std::ptrdiff_t>(t->rank) - static_cast<std::ptrdiff_t>(more->rank());
      bool const by_channel =
          w && at <= 1 && more->size() == w->dims()[0] && more->dims()[std::size_t(1 - at)] == w->dims()[0];
      if (!by_channel || limited(n) || n.has_input(3) || (n.has_input(2) && (!bias || bias->size() != more->size())))
        continue;
      tensor sum{element::f32, {more->size()}};
      for (std::size_t c = 0; c < std::size_t(more->size()); ++c)
        sum.mutable_as<float>()[c] = more->as<float>()[c] + (bias ? bias->as<float>()[c] : 0.f);
      n.inputs[2] = g_.add_initializer(g_.fresh_name(g_[g_[id].outputs[0]].name + "_bias"), sum);
      absorb(id, g_[id].inputs[i], std::move(n));
      return true;
    }
    return false;
  }

  bool take_up_residual(node_id id) {
    for (std::size_t i : {std::size_t{0}, std::size_t{1}}) {
      if (g_[id].inputs.size() != 2) return false;
      auto* const t = only_source(id, i);
      auto const other = g_[id].inputs[1 - i];
      auto const it = twins_.find(other);
      if (t == nullptr || it == twins_.end() || it->second.rank != t->rank || other == g_[id].inputs[i]) continue;
      node n = g_[t->conv];
      if (limited(n) || n.has_input(3)) continue;
      n.inputs.resize(4, value_id::none);
      n.inputs[3] = it->second.last;
      absorb(id, g_[id].inputs[i], std::move(n));
      return true;
    }
    return false;
  }

  /// A constant that broadcasts against tensors of `rank`, channels last.
  std::optional<value_id> turned(value_id v, std::size_t rank) {
    auto const t = easy_constant(g_, v);
    if (!t) {
      tensor const* shaped = nullptr;
      bool const one = fixed(v, &shaped) && shaped != nullptr && shaped->size() == 1 && shaped->rank() <= 1;
      return one ? std::optional{v} : std::nullopt;
    }
    if (t->size() == 1 && t->rank() <= 1) return v;
    if (t->rank() > rank) return {};
    shape dims;
    for (std::size_t i = 0; i < rank; ++i) dims.push_back(i + t->rank() < rank ? 1 : t->dims()[i + t->rank() - rank]);
    if (t->size() != dims[1]) return {};
    std::rotate(dims.begin() + 1, dims.begin() + 2, dims.end());
    return g_.add_initializer(g_.fresh_name(g_[v].name + "_last"), t->align().reshaped(dims));
  }

  bool follow(node_id id) {
    auto n = g_[id];
    std::size_t rank = 0;
    for (auto const v : n.inputs)
      if (auto const it = twins_.find(v); v != value_id::none && it != twins_.end() && it->second.back != node_id::none)
        rank = rank == 0 || rank == it->second.rank ? it->second.rank : 99;
    bool const table = n.is("Lookup", ours);
    if (rank == 0 || rank == 99 || (table && n.get("rank", std::int64_t{0}) > std::int64_t(rank))) return false;
    for (auto& v : std::span{n.inputs}.first(table ? 1 : n.inputs.size())) {
      if (v == value_id::none) continue;
      if (auto const it = twins_.find(v); it != twins_.end()) {
        if (it->second.rank != rank) return false;
        v = it->second.last;
      } else if (auto const c = turned(v, rank)) {
        v = *c;
      } else {
        return false;
      }
    }
    if (n.op == "DequantizeLinear" || n.op == "QuantizeLinear") {
      if (n.get("block_size", std::int64_t{0}) != 0) return false;
      tensor const* scale = nullptr;
      if (!fixed(n.inputs[1], &scale) || scale == nullptr || scale->size() != 1) return false;
    }
    put(id, std::move(n), rank).conv = node_id::none;
    return true;
  }

  bool pool(node_id id) {
    auto n = g_[id];
    auto const it = n.inputs.empty() ? twins_.end() : twins_.find(n.inputs[0]);
    if (it == twins_.end() || n.outputs.size() != 1) return false;
    if (n.op == "MaxPool" && n.get("storage_order", std::int64_t{0}) != 0) return false;
    auto const rank = it->second.rank;
    n.inputs[0] = it->second.last;
    n.domain = ours;
    put(id, std::move(n), rank).conv = node_id::none;
    return true;
  }

  bool concat(node_id id, std::size_t first, std::size_t step) {
    auto n = g_[id];
    std::size_t rank = 0;
    for (auto i = first; i < n.inputs.size(); i += step) {
      auto const it = twins_.find(n.inputs[i]);
      if (it == twins_.end() || (rank != 0 && it->second.rank != rank)) return false;
      rank = it->second.rank, n.inputs[i] = it->second.last;
    }
    if (rank == 0 || n.outputs.size() != 1) return false;
    n.set("axis", moved(n.get("axis", std::int64_t{1}), rank));
    put(id, std::move(n), rank).conv = node_id::none;
    return true;
  }
  /// Where an axis goes.
  static std::int64_t moved(std::int64_t axis, std::size_t rank) {
    auto const r = static_cast<std::int64_t>(rank), a = axis < 0 ? axis + r : axis;
    return a == 1 ? r - 1 : a > 1 ? a - 1 : a;
  }

  /// A mean over all of each channel that drops its axes.
  bool reduce(node_id id) {
    auto n = g_[id];
    auto const it = n.inputs.empty() ? twins_.end() : twins_.find(n.inputs[0]);
    auto const* axes = n.get<std::vector<std::int64_t>>("axes");
    if (it == twins_.end() || axes == nullptr || axes->size() + 2 != it->second.rank) return false;
    auto const rank = static_cast<std::int64_t>(it->second.rank);
    for (auto const a : *axes)
      if ((a < 0 ? a + rank : a) < 2) return false;
    bool const keeps = n.get("keepdims", std::int64_t{1}) != 0;
    node mean{.op = "GlobalAveragePool", .domain = std::string{ours}, .name = n.name, .inputs = {it->second.last}};
    if (keeps) {
      put(id, std::move(mean), it->second.rank).conv = node_id::none;
      return true;
    }
    auto const y = n.outputs[0], pooled = fresh(y);
    mean.outputs = {pooled};
    g_.erase(id);
    add(std::move(mean));
    add({.op = "Flatten", .inputs = {pooled}, .outputs = {y}});
    return true;
  }

  graph& g_;
  live_nodes live_;
  std::int64_t opset_;
  std::map<value_id, twin> twins_{};
  std::vector<node_id> order_{};
};

}  // namespace octet::detail
