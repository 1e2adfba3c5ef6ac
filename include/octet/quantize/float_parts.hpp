// What stays float although its operator could be quantized: what Softmax, LayerNormalization, Log and
// NonMaxSuppression read, the product before a Log, joins of tensors whose ranges differ too much for one grid, with
// what follows them, and what is computed from constants alone.
#pragma once

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <octet/graph/walk.hpp>
#include <octet/numeric/range.hpp>
#include <octet/quantize/options.hpp>
#include <octet/quantize/plan.hpp>
#include <octet/quantize/selection.hpp>

namespace octet::detail {

inline std::string interval_text(range r) {
  char s[64];
  std::snprintf(s, sizeof s, "[%.3g, %.3g]", double{r.low}, double{r.high});
  return s;
}

/// Why one grid of 256 steps does not serve all inputs of a Concat: one of them would have fewer than 16 steps.
/// `range_of` gives the range of a value that is known, or null.
template <class F>
std::string mixed_ranges(graph const& g, node const& n, F range_of) {
  auto const span = [](range const* r) {
    return r == nullptr ? 0.0 : std::max(double{r->high}, 0.0) - std::min(double{r->low}, 0.0);
  };
  range const *widest = nullptr, *narrowest = nullptr;
  std::string wide, narrow;
  for (auto const v : n.inputs) {
    auto const* r = v == value_id::none ? nullptr : range_of(v);
    if (!(span(r) > 0)) continue;
    if (widest == nullptr || span(r) > span(widest)) widest = r, wide = g[v].name;
    if (narrowest == nullptr || span(r) < span(narrowest)) narrowest = r, narrow = g[v].name;
  }
  auto const steps = widest == nullptr ? 255.0 : 255 * span(narrowest) / span(widest);
  if (steps >= 15) return {};
  return "it joins '" + wide + "' " + interval_text(*widest) + " and '" + narrow + "' " + interval_text(*narrowest) +
         ": one grid would leave " + std::to_string(static_cast<int>(steps) + 1) +
         " steps for the second, so each keeps its own; --quantize-sensitive joins them";
}

/// Goes over the nodes of a plan before anything is marked.
class float_parts {
 public:
  float_parts(graph const& g, quantize_options const& o, plan& p)
      : g_{g}, o_{o}, p_{p}, member_(g.node_count(), false), place_(g.node_count()) {
    for (std::size_t i = 0; i < p.nodes.size(); ++i) place_[index(p.nodes[i].node)] = i;
  }

  /// Operators whose traits say so; not the Softmax of a classifier, since nothing is computed from its errors.
  void keep_sensitive() {
    for (auto& pn : p_.nodes)
      if (may_change(pn) && !pn.traits->sensitive.empty() && !(g_[pn.node].is("Softmax") && ends_graph(pn)))
        keep(pn, std::string{pn.traits->sensitive} + "; --quantize-sensitive quantizes it");
  }
  /// What no input has a part in: its errors would be those of weights, and no run is faster for it. What moves a
  /// weight is quantized with it.
  void keep_constants() {
    std::vector<bool> computed(g_.value_count(), false);
    for (auto& pn : p_.nodes) {
      auto const& n = g_[pn.node];
      bool any = false, all = true;
      for_each_subgraph(n, [&](graph const&) { all = false; });  // it may read anything
      for (auto const v : n.inputs) {
        if (v == value_id::none) continue;
        any = true, all = all && (g_.constant(v) != nullptr || computed[index(v)]);
      }
      if (!any || !all) continue;
      bool const moved = is_move(n) && !computed[index(n.inputs[0])];
      for (auto const v : n.outputs)
        if (v != value_id::none && !moved) computed[index(v)] = true;
      if (!moved && may_change(pn))
        keep(pn,
             "it is computed from constants alone, which 'octet preprocess' folds; --quantize-sensitive quantizes it");
    }
  }
  /// Products whose result only a Log takes, through elementwise operators: energies of frequency bands, which differ
  /// by more powers of ten than 8 bits tell apart.
  void keep_energies() {
    std::vector<bool> to_log(member_.size(), false);
    for (auto it = p_.nodes.rbegin(); it != p_.nodes.rend(); ++it) {
      auto const& n = g_[it->node];
      if (n.is("Log")) to_log[index(it->node)] = true;
      else if (!read_by(*it, to_log) || n.is("Sigmoid") || n.is("Exp")) continue;
      else if (passes_on(*it)) to_log[index(it->node)] = true;
      else if (is_product(n) && may_change(*it))
        keep(*it,
             "a Log takes its result, which has to be right where it is small too; --quantize-sensitive quantizes it");
    }
  }
  /// Joins of mixed ranges, and what is computed from them and constants alone: the end of a detector.
  template <class F>
  void keep_joins(F range_of) {
    for (auto& pn : p_.nodes) {
      if (!may_change(pn) || !g_[pn.node].is("Concat")) continue;
      auto why = mixed_ranges(g_, g_[pn.node], range_of);
      if (why.empty()) continue;
      pn.joins = true;
      keep(pn, std::move(why));
    }
    keep_tails();
  }

  /// Elementwise chains that only sensitive nodes read stay float with them. Returns the values, made by products,
  /// that need no grid since only float nodes read them: the kernels of products have float results too.
  std::unordered_set<std::size_t> keep_inputs() {
    for (auto const& pn : p_.nodes) member_[index(pn.node)] = pn.fate == fate::kept && sensitive_inputs(pn) != 0;
    keep_selected();
    for (bool again = true; again;) {
      again = false;
      for (auto it = p_.nodes.rbegin(); it != p_.nodes.rend(); ++it)
        if (!member_[index(it->node)] && passes_on(*it) && read_by(*it, member_) && free_to_join(*it))
          again = true, take(*it);
    }
    std::unordered_set<std::size_t> gridless;
    for (auto const& pn : p_.nodes) {
      auto const& n = g_[pn.node];
      if (pn.fate == fate::quantized && (n.op == "MatMul" || n.op == "Gemm") && read_by_floats(n.outputs[0]))
        gridless.insert(index(n.outputs[0]));
    }
    return gridless;
  }

 private:
  static bool is_product(node const& n) {
    static constexpr std::string_view all[] = {"Conv", "ConvTranspose", "GRU", "Gemm", "LSTM", "MatMul", "RNN"};
    return std::find(std::begin(all), std::end(all), n.op) != std::end(all);
  }
  /// Everything between products and the boxes and scores of a NonMaxSuppression, whoever else reads it, unless another
  /// product does.
  void keep_selected() {
    std::vector<node_id> todo;
    for (auto const& pn : p_.nodes)
      if (auto const& n = g_[pn.node]; n.is("NonMaxSuppression"))
        for (std::size_t i = 0; i < 2; ++i)
          if (n.has_input(i) && g_[n.inputs[i]].producer != node_id::none) todo.push_back(g_[n.inputs[i]].producer);
    if (todo.empty()) return;
    auto const reaches = before_products();
    while (!todo.empty()) {
      auto const id = todo.back();
      todo.pop_back();
      auto& pn = p_.nodes[place_[index(id)]];
      bool const removable = pn.traits != nullptr && pn.traits->when == condition::absorbed;
      if (member_[index(id)] || reaches[index(id)] || is_product(g_[id]) || removable || !free_to_join(pn)) continue;
      member_[index(id)] = true;
      if (pn.fate == fate::quantized)
        keep(pn, "it is on the way to boxes and scores that NonMaxSuppression chooses from");
      for (auto const v : g_[id].inputs)
        if (v != value_id::none && g_[v].producer != node_id::none) todo.push_back(g_[v].producer);
    }
  }
  /// Nodes from which a product can be reached.
  std::vector<bool> before_products() const {
    std::vector<bool> reaches(member_.size(), false);
    for (bool again = true; again;) {
      again = false;
      for (auto it = p_.nodes.rbegin(); it != p_.nodes.rend(); ++it)
        for (auto const v : g_[it->node].outputs)
          for (auto const u : v == value_id::none ? std::vector<use>{} : g_[v].uses)
            if (!reaches[index(it->node)] && (is_product(g_[u.node]) || reaches[index(u.node)]))
              again = reaches[index(it->node)] = true;
    }
    return reaches;
  }
  void keep_tails() {
    for (auto const& pn : p_.nodes) member_[index(pn.node)] = pn.joins;
    for (bool again = true; again;) {
      again = false;
      for (auto& pn : p_.nodes) {
        if (member_[index(pn.node)] || !passes_on(pn)) continue;
        auto const from = from_members(g_[pn.node]);
        if (from == value_id::none) continue;
        again = member_[index(pn.node)] = true;
        if (may_change(pn))
          keep(pn, "it reads '" + g_[from].name + "', behind a join of tensors whose ranges differ too much");
      }
    }
  }
  /// Boxes and scores of NonMaxSuppression are its first two inputs; of the others it is the first. A Log has as much
  /// to tell of small values as of large ones, and what a grid takes to 0, also through a Clip that it absorbs, becomes
  /// -infinity.
  int sensitive_inputs(planned_node const& pn) const {
    if (g_[pn.node].is("NonMaxSuppression")) return 2;
    if (g_[pn.node].is("Log")) return 1;
    return pn.traits != nullptr && !pn.traits->sensitive.empty() ? 1 : 0;
  }
  /// Quantized so far, and not because a user asked for it.
  bool may_change(planned_node const& pn) const {
    auto const& n = g_[pn.node];
    return pn.fate == fate::quantized && !matches_any(o_.op_types, n.op) && !matches_any(o_.only, label(g_, n));
  }
  bool free_to_join(planned_node const& pn) const { return pn.fate == fate::kept || may_change(pn); }
  /// Elementwise operators and those that move data.
  bool passes_on(planned_node const& pn) const {
    static constexpr std::string_view all[] = {"Add",     "Cast",  "Clip",      "Concat",   "Div",   "Exp",   "Expand",
                                               "Flatten", "Max",   "Min",       "Identity", "Mul",   "Neg",   "Pow",
                                               "Relu",    "Sqrt",  "Sigmoid",   "Reshape",  "Slice", "Split", "Squeeze",
                                               "Sub",     "Where", "Transpose", "Unsqueeze"};
    auto const& n = g_[pn.node];
    return n.domain.empty() && std::find(std::begin(all), std::end(all), n.op) != std::end(all);
  }
  static bool is_move(node const& n) {
    static constexpr std::string_view all[] = {"Flatten", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze"};
    return n.domain.empty() && std::find(std::begin(all), std::end(all), n.op) != std::end(all);
  }
  /// Nothing but moves and casts comes between the node and the graph's outputs.
  bool ends_graph(planned_node const& pn, int depth = 0) const {
    auto const out = g_[pn.node].has_output(0) ? g_[pn.node].outputs[0] : value_id::none;
    if (out == value_id::none || depth > 8) return false;
    auto const& uses = g_[out].uses;
    return (g_.is_output(out) || !uses.empty()) && std::all_of(uses.begin(), uses.end(), [&](use u) {
             auto const& n = g_[u.node];
             return (is_move(n) || n.is("Cast")) && ends_graph(p_.nodes[place_[index(u.node)]], depth + 1);
           });
  }
  /// Every use of every output is one of `nodes`, where it matters.
  bool read_by(planned_node const& pn, std::vector<bool> const& nodes) const {
    bool any = false;
    for (auto const v : g_[pn.node].outputs) {
      if (v == value_id::none) continue;
      if (g_.is_output(v)) return false;
      for (auto const u : g_[v].uses) {
        if (u.input >= 0 && (g_[u.node].is("Shape") || g_[u.node].is("Size"))) continue;
        if (u.input < 0 || !nodes[index(u.node)]) return false;
        auto const count = sensitive_inputs(p_.nodes[place_[index(u.node)]]);
        if (count != 0 && u.input >= count) return false;
        any = true;
      }
    }
    return any;
  }
  /// Members, and operators that have no quantized form at all.
  bool read_by_floats(value_id v) const {
    auto const& uses = g_[v].uses;
    return !g_.is_output(v) && !uses.empty() && std::all_of(uses.begin(), uses.end(), [&](use u) {
      return u.input >= 0 && (member_[index(u.node)] || p_.nodes[place_[index(u.node)]].traits == nullptr);
    });
  }
  void take(planned_node& pn) {
    member_[index(pn.node)] = true;
    if (pn.fate == fate::quantized) keep(pn, "only what stays float on purpose reads it: " + reader_of(pn));
  }
  std::string reader_of(planned_node const& pn) const {
    for (auto const v : g_[pn.node].outputs)
      if (v != value_id::none && !g_[v].uses.empty()) {
        auto const n = g_[v].uses[0].node;
        return g_[n].op + " '" + shown(g_, n) + "'";
      }
    return {};
  }
  /// An input that a member makes, when all others are constant or made by members too.
  value_id from_members(node const& n) const {
    auto found = value_id::none;
    for (auto const v : n.inputs) {
      if (v == value_id::none || g_.constant(v) != nullptr) continue;
      auto const maker = g_[v].producer;
      if (maker == node_id::none || !member_[index(maker)]) return value_id::none;
      found = v;
    }
    return found;
  }
  static void keep(planned_node& pn, std::string why) {
    pn.fate = fate::kept;
    pn.reason = std::move(why);
  }

  graph const& g_;
  quantize_options const& o_;
  plan& p_;
  std::vector<bool> member_;
  std::vector<std::size_t> place_;
};

/// A convolution, the Add behind it and its activation are one kernel in TensorRT: no pair comes between them.
inline void open_residual_adds(graph const& g, plan& p) {
  for (auto const& pn : p.nodes) {
    auto const& n = g[pn.node];
    if (pn.fate != fate::quantized || !n.is("Add")) continue;
    for (auto const v : n.inputs) {
      auto const* made_by = v == value_id::none ? nullptr : g.producer(v);
      if (made_by == nullptr || !made_by->is("Conv") || g.use_count(v) != 1 || p.find(v) == nullptr) continue;
      p.remove(v);
      break;
    }
  }
}

}  // namespace octet::detail
