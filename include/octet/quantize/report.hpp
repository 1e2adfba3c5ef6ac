// What a quantization did, node by node, with reasons: the value behind the text, JSON and HTML of report/.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <octet/quantize/plan.hpp>

namespace octet {

/// The fate of one node of the float model.
struct node_report {
  std::string node{}, op{};
  octet::fate fate = fate::kept;
  std::string reason{};  ///< why it stays float
};

struct report {
  std::vector<node_report> nodes{};
  std::map<std::string, std::size_t> ops{};  ///< operator type → nodes in the written model
  std::vector<std::string> warnings{};
  std::uint64_t bytes_before = 0, bytes_after = 0;  ///< of initializers
  std::size_t samples = 0;                          ///< calibration samples used
  std::string plan{};                               ///< its text form

  /// Nodes that stay float, of operators that could be quantized.
  std::vector<node_report> kept() const {
    std::vector<node_report> r;
    for (auto const& n : nodes)
      if (n.fate == fate::kept) r.push_back(n);
    return r;
  }
  std::size_t count(octet::fate f) const {
    std::size_t k = 0;
    for (auto const& n : nodes) k += n.fate == f;
    return k;
  }
};

inline std::uint64_t initializer_bytes(graph const& g) {
  std::uint64_t n = 0;
  for (auto const v : g.initializers) n += g[v].initializer->data.bytes().size();
  for (auto const id : g.order)
    for (auto const& a : g[id].attributes)
      if (auto const* t = std::get_if<stored_tensor>(&a.value)) n += t->data.bytes().size();
  return n;
}

namespace detail {
inline report start_report(plan const& p, graph const& g) {
  report r;
  for (auto const& n : p.nodes) {
    auto const& x = g[n.node];
    r.nodes.push_back({x.name.empty() && x.has_output(0) ? g[x.outputs[0]].name : x.name, x.op, n.fate, n.reason});
  }
  r.warnings = p.warnings;
  r.bytes_before = initializer_bytes(g);
  r.plan = text(p, g);
  return r;
}
inline void finish_report(report& r, graph const& g) {
  for (auto const n : g.order) ++r.ops[g[n].op];
  r.bytes_after = initializer_bytes(g);
}
}  // namespace detail

}  // namespace octet
