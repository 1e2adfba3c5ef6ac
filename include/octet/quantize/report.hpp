// What a quantization did, node by node, with reasons: the value behind the text, JSON and HTML of report/.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <octet/graph/walk.hpp>
#include <octet/quantize/plan.hpp>
#include <octet/quantize/selection.hpp>
#include <octet/quantize/work.hpp>

namespace octet {

/// The fate of one node of the float model.
struct node_report {
  std::string node{}, op{};
  octet::fate fate = fate::kept;
  std::string reason{};  ///< why it stays float
  std::string how{};     ///< its types, where it is quantized: "UINT8 x INT8 per channel"
  double flops = 0;      ///< of one run; see work.hpp
};

/// How much of a model is quantized.
struct quantized_share {
  std::size_t nodes = 0, all_nodes = 0;
  double flops = 0, all_flops = 0;
  std::uint64_t bytes = 0, all_bytes = 0;  ///< of float constants

  /// Percent, 100 where there is nothing.
  static double percent(double part, double all) { return all > 0 ? 100 * part / all : 100; }
  double of_nodes() const { return percent(static_cast<double>(nodes), static_cast<double>(all_nodes)); }
  double of_flops() const { return percent(flops, all_flops); }
  double of_bytes() const { return percent(static_cast<double>(bytes), static_cast<double>(all_bytes)); }
};

/// A node that a bound on the error keeps float.
struct budget_choice {
  std::string node{}, op{};
  double flops = 0;
  double alone_db = 0;  ///< SQNR of the worst output when only this node is quantized
};

/// What a bound on the outputs' error cost; of the worst output over the samples that were held back.
struct budget_report {
  double plain_db = 0, plain_error = 0;      ///< everything quantized
  double reached_db = 0, reached_error = 0;  ///< as written
  std::size_t samples = 0, trials = 0;       ///< `trials`: models that were measured
  double all_flops = 0;
  std::uint64_t bytes_plain = 0, bytes = 0;  ///< of initializers
  bool interrupted = false;                  ///< the search was ended early
  std::vector<budget_choice> kept{};
};

/// A change that was tried, and what it did to the error on samples held back.
struct tried_change {
  std::string name{}, op{};  ///< the node
  bool kept = false;
  double gain_db = 0;        ///< how far the outputs' noise fell
  std::size_t together = 1;  ///< so many changes were tried at once, this one among them
  std::string detail{};      ///< what was changed, in words
};

/// Changes tried on top of those that were kept before.
struct trial_report {
  double before_db = 0, after_db = 0;  ///< SQNR of the worst output, or of what a closing Softmax or Sigmoid reads
  std::size_t samples = 0;             ///< they were measured on
  std::size_t trials = 0;              ///< models that were measured
  bool interrupted = false;
  std::vector<tried_change> changes{};

  std::size_t kept() const {
    std::size_t n = 0;
    for (auto const& c : changes) n += c.kept;
    return n;
  }
};

struct report {
  std::vector<node_report> nodes{};
  std::map<std::string, std::size_t> ops{};  ///< operator type → nodes in the written model
  std::vector<std::string> warnings{};
  std::uint64_t bytes_before = 0, bytes_after = 0;  ///< of initializers
  std::size_t samples = 0;                          ///< calibration samples used
  quantized_share share{};
  std::string plan{};  ///< its text form
  std::optional<budget_report> budget{};
  std::optional<trial_report> smoothing{}, bias_correction{};

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

/// Of the graph and those inside of it.
inline std::uint64_t initializer_bytes(graph const& g) {
  std::uint64_t n = 0;
  for_each_graph(g, [&](graph const& x) {
    for (auto const v : x.initializers) n += x[v].initializer->data.bytes().size();
    for (auto const id : x.order)
      for (auto const& a : x[id].attributes)
        if (auto const* t = std::get_if<stored_tensor>(&a.value)) n += t->data.bytes().size();
  });
  return n;
}

namespace detail {
/// The types of a node's operands as the plan has them.
inline std::string how_quantized(plan const& p, node const& n) {
  std::string s;
  auto const add = [&](value_id v) {
    auto const* t = v == value_id::none ? nullptr : p.find(v);
    if (t == nullptr || (s.find(onnx_name(t->type)) != s.npos && t->role != role::weight)) return;
    s += (s.empty() ? "" : " x ") + onnx_name(t->type);
    if (t->role == role::weight) s += t->block > 0 ? " in blocks" : t->per_channel() ? " per channel" : "";
    if (t->reduced) s += " (7 bit)";
  };
  for (auto const v : n.inputs) add(v);
  if (s.empty())
    for (auto const v : n.outputs) add(v);
  return s;
}

inline bool is_float_constant(graph const& g, value_id v) {
  auto const* c = g.constant(v);
  return c != nullptr && fits_f32(c->type());
}

inline void add_bytes(quantized_share& s, plan const& p, graph const& g) {
  for (auto const v : g.initializers)
    if (is_float_constant(g, v)) s.all_bytes += g.constant(v)->bytes().size();
  std::unordered_set<std::size_t> seen;
  auto const add = [&](value_id v) {
    if (seen.insert(index(v)).second && g[v].initializer && is_float_constant(g, v))
      s.bytes += g.constant(v)->bytes().size();
  };
  for (auto const& t : p.tensors)
    if (t.constant) add(t.value);
  for (auto const& b : p.biases) add(b.bias);
}

/// Takes in what was planned for one graph.
inline void add_plan(report& r, plan const& p, graph const& g) {
  auto& s = r.share;
  for (auto const& n : p.nodes) {
    auto const& x = g[n.node];
    bool const is = n.fate != fate::kept;
    auto const work = flops(g, x);
    r.nodes.push_back(
        {label(g, x), x.op, n.fate, n.reason, n.fate == fate::quantized ? how_quantized(p, x) : std::string{}, work});
    s.nodes += is, ++s.all_nodes;
    s.flops += is ? work : 0, s.all_flops += work;
  }
  add_bytes(s, p, g);
  r.warnings.insert(r.warnings.end(), p.warnings.begin(), p.warnings.end());
  r.plan += text(p, g);
}
inline report start_report(plan const& p, graph const& g) {
  report r;
  add_plan(r, p, g);
  r.bytes_before = initializer_bytes(g);
  return r;
}
inline void finish_report(report& r, graph const& g) {
  for_each_node(g, [&](graph const& x, node_id n) { ++r.ops[x[n].op]; });
  r.bytes_after = initializer_bytes(g);
}
}  // namespace detail

}  // namespace octet
