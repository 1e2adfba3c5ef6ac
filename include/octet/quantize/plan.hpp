// What the quantizer decided, before any node changes: printable, comparable, and all that an emitter reads.
#pragma once

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <octet/graph/graph.hpp>
#include <octet/numeric/grid.hpp>
#include <octet/ops/traits.hpp>

namespace octet {

/// A second grid of an activation for some readers (mixed precision).
struct planned_conversion {
  grid to{};
  std::vector<node_id> readers{};  ///< empty: all
};

/// How one tensor is quantized.
struct planned_tensor {
  value_id value = value_id::none;
  octet::role role = role::activation;
  element type = element::u8;
  octet::symmetry symmetry = symmetry::asymmetric;
  int axis = no_axis;                  ///< of the channels, or of the blocks
  std::int64_t block = 0;              ///< > 0: blocked along `axis`
  std::vector<grid> grids{};           ///< one; one per channel; blocks in row-major order; none: computed at run time
  value_id provider = value_id::none;  ///< has the grid of this tensor
  bool constant = false;
  bool reduced = false;  ///< 7 bits, since a pair of its products could overflow
  std::vector<planned_conversion> convert{};

  bool per_channel() const { return axis != no_axis && block == 0; }
};

/// The int32 bias of one node.
struct planned_bias {
  node_id node = node_id::none;
  std::size_t input = 0;  ///< which input of the node
  value_id bias = value_id::none, activation = value_id::none, weight = value_id::none;
  float factor = 1;  ///< the bias is multiplied by it before it is rounded (QGemm: beta / alpha)
};

enum class fate : std::uint8_t {
  quantized,
  absorbed,  ///< disappears into the range of its output
  kept,      ///< stays float
};

struct planned_node {
  node_id node = node_id::none;
  op_traits const* traits = nullptr;
  octet::fate fate = fate::kept;
  std::string reason{};  ///< why it is kept
  bool joins = false;    ///< a Concat kept for the ranges of its inputs
};

struct plan {
  std::vector<planned_tensor> tensors{};
  std::vector<planned_bias> biases{};
  std::vector<planned_node> nodes{};  ///< every node of the graph, in its order
  std::vector<std::string> warnings{};

  planned_tensor* find(value_id v) {
    auto const i = index(v);
    return i < places_.size() && places_[i] != nowhere ? &tensors[places_[i]] : nullptr;
  }
  planned_tensor const* find(value_id v) const { return const_cast<plan*>(this)->find(v); }
  planned_tensor& add(planned_tensor t) {
    place(t.value, tensors.size());
    tensors.push_back(std::move(t));
    return tensors.back();
  }
  /// Takes a tensor out again; `compact` closes the gaps.
  void remove(value_id v) {
    auto* const t = find(v);
    if (t == nullptr) return;
    t->value = value_id::none;
    places_[index(v)] = nowhere;
  }
  void compact() {
    std::erase_if(tensors, [](planned_tensor const& t) { return t.value == value_id::none; });
    for (std::size_t i = 0; i < tensors.size(); ++i) place(tensors[i].value, i);
  }
  /// The tensor whose grid `t` has: itself, or the first of its chain of providers.
  planned_tensor const& root(planned_tensor const& t) const {
    auto const* r = &t;
    for (std::size_t steps = 0; r->provider != value_id::none && steps <= tensors.size(); ++steps) {
      auto const* next = find(r->provider);
      if (next == nullptr) break;
      r = next;
    }
    return *r;
  }
  /// Gives `t`, which `maker` makes by moving `moved` or is not moved from anything, the grid of its provider: the
  /// second one where `maker` reads that.
  void share_grid(planned_tensor& t, node_id maker, value_id moved) const {
    auto const* given = find(t.provider != value_id::none ? t.provider : moved);
    for (std::size_t i = 0; given != nullptr && i < given->convert.size(); ++i)
      if (auto const& c = given->convert[i]; std::find(c.readers.begin(), c.readers.end(), maker) != c.readers.end()) {
        t.provider = value_id::none;
        t.type = c.to.type;
        t.grids = {c.to};
        return;
      }
    if (t.provider == value_id::none) return;
    auto const& r = root(t);
    t.type = r.type;
    t.grids = r.grids;
  }

 private:
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
  void place(value_id v, std::size_t at) {
    if (places_.size() <= index(v)) places_.resize(index(v) + 1, nowhere);
    places_[index(v)] = at;
  }
  std::vector<std::size_t> places_{};  ///< in `tensors`, by value
};

namespace detail {

inline std::string grid_text(grid const& g, char const* between) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.9g", double{g.scale});
  return buffer + std::string{between} + std::to_string(g.zero_point);
}
/// Scale and zero point; up to four pairs of them, or how many there are.
inline std::string grids_text(std::vector<grid> const& all) {
  if (all.size() == 1) return " scale " + grid_text(all[0], " zero point ");
  if (all.size() > 4) return " " + std::to_string(all.size()) + " grids";
  std::string s = " grids";
  for (auto const& g : all) s += (&g == all.data() ? " " : ", ") + grid_text(g, " ");
  return s;
}
/// "Conv 'name'", or the output's name for a node without one.
inline std::string called(graph const& g, node const& n) {
  for (auto const v : n.outputs)
    if (n.name.empty() && v != value_id::none) return n.op + " making '" + g[v].name + "'";
  return n.op + " '" + n.name + "'";
}

/// A node by its name, or else by what it makes.
inline std::string const& shown(graph const& g, node_id id) {
  auto const& n = g[id];
  return n.name.empty() && n.has_output(0) ? g[n.outputs[0]].name : n.name;
}

}  // namespace detail

/// One line a tensor, then one line a node that is not simply quantized; stable, for golden tests and people.
inline std::string text(plan const& p, graph const& g) {
  std::string s;
  for (auto const& t : p.tensors) {
    s += t.role == role::weight ? "weight " : "activation ";
    s += g[t.value].name + ' ' + onnx_name(t.type);
    if (t.axis != no_axis) s += " axis " + std::to_string(t.axis);
    if (t.block > 0) s += " block " + std::to_string(t.block);
    if (t.reduced) s += " 7 bit";
    if (t.provider != value_id::none) s += " as " + g[t.provider].name;
    else s += t.grids.empty() ? " at run time" : detail::grids_text(t.grids);
    s += '\n';
    for (auto const& c : t.convert) {
      s += "  then " + onnx_name(c.to.type) + detail::grids_text({c.to}) + " for";
      for (auto const n : c.readers) s += ' ' + detail::shown(g, n);
      s += c.readers.empty() ? " all\n" : "\n";
    }
  }
  for (auto const& b : p.biases)
    s += "bias " + g[b.bias].name + " of " + g[b.activation].name + " and " + g[b.weight].name + '\n';
  for (auto const& n : p.nodes) {
    if (n.fate == fate::absorbed) s += "absorbed " + g[n.node].op + ' ' + detail::shown(g, n.node) + '\n';
    if (n.fate == fate::kept) s += "float " + g[n.node].op + ' ' + detail::shown(g, n.node) + ": " + n.reason + '\n';
  }
  return s;
}

}  // namespace octet
