// Constants that are added to what a node makes, per output channel: how the mean error of a quantized product is taken
// out without another node.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <octet/core/convert.hpp>
#include <octet/quantize/plan.hpp>
#include <octet/quantize/selection.hpp>

namespace octet::detail {

/// Where the constant is that a product adds to each of its output channels.
struct bias_place {
  node_id node = node_id::none;  ///< none: there is no such place
  std::size_t input = 0;
  std::int64_t channels = 0;
  float scale = 1;      ///< what the node multiplies it by
  bool absent = false;  ///< the node can take one and has none

  explicit operator bool() const { return node != node_id::none; }
};

/// Whether `v` is a float constant of one number, or of one for each of `channels` along its last axis.
inline bool is_bias_of(graph const& g, value_id v, std::int64_t channels) {
  auto const* c = g.constant(v);
  if (c == nullptr || !fits_f32(c->type())) return false;
  return c->size() == 1 || (c->size() == channels && c->rank() > 0 && c->dims()[c->rank() - 1] == channels);
}

/// The bias of a Conv or Gemm, or the constant of the Add that alone reads a MatMul.
inline bias_place find_bias(graph const& g, node_id id) {
  auto const& n = g[id];
  auto const* w = n.has_input(1) ? g.constant(n.inputs[1]) : nullptr;
  if (w == nullptr || w->rank() < 2) return {};
  if (n.is("Conv") || n.is("Gemm")) {
    bool const rows = n.is("Conv") || n.get<std::int64_t>("transB", 0) != 0;
    bias_place p{.node = id, .input = 2, .channels = w->dims()[rows ? 0 : 1]};
    if (n.is("Gemm")) p.scale = n.get("beta", 1.f);
    p.absent = !n.has_input(2);
    if (p.scale == 0 || !(p.absent || is_bias_of(g, n.inputs[2], p.channels))) return {};
    return p;
  }
  if (!n.is("MatMul") || w->rank() != 2 || !n.has_output(0)) return {};
  auto const y = n.outputs[0];
  if (g.use_count(y) != 1 || g[y].uses.size() != 1 || g[y].uses[0].input < 0) return {};
  auto const u = g[y].uses[0];
  auto const other = static_cast<std::size_t>(1 - u.input);
  auto const& add = g[u.node];
  if (!add.is("Add") || !add.has_input(other) || !is_bias_of(g, add.inputs[other], w->dims()[1])) return {};
  return {.node = u.node, .input = other, .channels = w->dims()[1]};
}

/// Gives a node another constant, which takes the old one's name where nobody else reads that.
inline void replace_constant(graph& g, node_id n, std::size_t input, tensor data) {
  auto const before = g[n].inputs[input];
  auto const after = g.add_initializer(g.fresh_name(g[before].name), std::move(data));
  g.set_input(n, input, after);
  if (g.use_count(before) != 0 || !g[before].initializer || g.is_input(before)) return;
  auto const name = g[before].name;
  g.erase(before);
  g.rename(after, name);
}

/// Adds `shift`, one number for each channel, to what `id` makes. Returns whether there was a place for it.
inline bool shift_bias(graph& g, node_id id, std::vector<float> const& shift) {
  auto const p = find_bias(g, id);
  if (!p || static_cast<std::int64_t>(shift.size()) != p.channels) return false;
  tensor const old = p.absent ? tensor{} : to_f32(*g.constant(g[p.node].inputs[p.input]));
  auto const type = p.absent ? g.constant(g[id].inputs[1])->type() : g.constant(g[p.node].inputs[p.input])->type();
  tensor sum{element::f32, old && old.size() == p.channels ? old.dims() : shape{p.channels}};
  auto const out = sum.mutable_as<float>();
  for (std::size_t i = 0; i < out.size(); ++i) {
    double const before = !old ? 0. : double{old.as<float>()[old.size() == 1 ? 0 : i]};
    out[i] = static_cast<float>(before + double{shift[i]} / double{p.scale});
  }
  if (p.absent)
    g.set_input(p.node, p.input, g.add_initializer(g.fresh_name(label(g, g[id]) + "_bias"), from_f32(sum, type)));
  else replace_constant(g, p.node, p.input, from_f32(sum, type));
  return true;
}

}  // namespace octet::detail
