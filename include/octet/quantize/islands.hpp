// Parts of a partly quantized graph that compute nothing worth the pairs around them.
#pragma once

#include <algorithm>
#include <numeric>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <octet/ops/catalogue.hpp>
#include <octet/quantize/report.hpp>
#include <octet/quantize/selection.hpp>

namespace octet::detail {

/// Whether a node reads a constant that is a weight, or large: a table has fewer bytes in integers.
inline bool reads_weight(graph const& g, node const& n, std::span<op_traits const> operators) {
  auto const* t = find_traits(operators, n);
  for (std::size_t i = 0; t != nullptr && i < n.inputs.size(); ++i) {
    auto const* c = n.has_input(i) ? g.constant(n.inputs[i]) : nullptr;
    if (c != nullptr && fits_f32(c->type()) && (t->input(i).role == role::weight || c->rank() > 1)) return true;
  }
  return false;
}

/// Labels of the quantized nodes of `g` that no path of quantized nodes, followed in either direction, leads to a
/// product with a constant weight; in the graph's order.
inline std::vector<std::string> quantized_islands(graph const& g, report const& r,
                                                  std::span<op_traits const> operators) {
  std::unordered_map<std::string, fate> fates;
  for (auto const& n : r.nodes) fates[n.node] = n.fate;
  std::vector<std::size_t> part(g.node_count());
  std::iota(part.begin(), part.end(), std::size_t{0});
  auto const root = [&](std::size_t i) {
    while (part[i] != i) i = part[i] = part[part[i]];
    return i;
  };
  auto const in_integers = [&](node const& n) {
    auto const f = fates.find(label(g, n));
    return f != fates.end() && f->second != fate::kept;
  };
  std::vector<bool> worth(g.node_count(), false);
  for (auto const id : g.order) {
    auto const& n = g[id];
    if (!in_integers(n)) continue;
    for (auto const v : n.inputs)
      if (v != value_id::none && g.producer(v) != nullptr && in_integers(*g.producer(v)))
        part[root(index(g[v].producer))] = root(index(id));
    worth[index(id)] = reads_weight(g, n, operators);
  }
  std::vector<bool> part_worth(g.node_count(), false);
  for (auto const id : g.order)
    if (worth[index(id)]) part_worth[root(index(id))] = true;
  std::vector<std::string> names;
  for (auto const id : g.order)
    if (in_integers(g[id]) && !part_worth[root(index(id))]) names.push_back(label(g, g[id]));
  return names;
}

}  // namespace octet::detail
