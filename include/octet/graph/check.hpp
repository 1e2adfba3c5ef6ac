// Whether a model is consistent: what every stage may rely on, and what each must leave behind.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <octet/graph/walk.hpp>

namespace octet {

namespace detail {

/// Checks one graph and those inside of it.
class graph_checker {
 public:
  graph_checker(graph const& g, graph_checker const* outer, std::vector<opset> const& opsets)
      : g_{g}, outer_{outer}, opsets_{opsets} {}

  void run() {
    check_lists();
    for (std::size_t i = 0; i < g_.value_count(); ++i) check_value(static_cast<value_id>(i));
    check_order();
    check_uses();
    for (auto const n : g_.order)
      for_each_subgraph(g_[n], [&](graph const& inner) { graph_checker{inner, this, opsets_}.run(); });
  }

 private:
  [[noreturn]] void fail(std::string const& what, std::string const& where) const {
    throw error{error_kind::invalid, what, where};
  }
  [[noreturn]] void fail(std::string const& what, node_id n) const { fail(describe(g_, n) + ' ' + what, g_[n].name); }

  bool exists(value_id v) const { return index(v) < g_.value_count() && !g_[v].erased; }
  bool has_source(value_id v) const {
    auto const& x = g_[v];
    return x.producer != node_id::none || x.captured != value_id::none || x.initializer || x.sparse ||
           is_input_[index(v)];
  }

  /// The name under which a file refers to `v`: where it is made.
  std::string const& name(value_id v) const {
    auto const& x = g_[v];
    return x.captured != value_id::none && outer_ != nullptr ? outer_->name(x.captured) : x.name;
  }

  void check_lists() {
    is_input_.assign(g_.value_count(), false);
    for (auto const v : g_.inputs) {
      if (!exists(v)) fail("a graph input does not exist", g_.name);
      if (is_input_[index(v)]) fail("graph input '" + g_[v].name + "' is listed twice", g_[v].name);
      is_input_[index(v)] = true;
    }
    std::vector<bool> listed(g_.value_count());
    for (auto const v : g_.initializers) {
      if (!exists(v) || !g_[v].initializer) fail("an initializer does not exist", g_.name);
      if (listed[index(v)]) fail("initializer '" + g_[v].name + "' is listed twice", g_[v].name);
      listed[index(v)] = true;
    }
    for (auto const v : g_.described)
      if (!exists(v)) fail("a described value does not exist", g_.name);
    for (auto const v : g_.outputs) {
      if (!exists(v)) fail("a graph output does not exist", g_.name);
      if (!has_source(v)) fail("graph output '" + g_[v].name + "' is made by no node", g_[v].name);
    }
    for (std::size_t i = 0; i < g_.value_count(); ++i)
      if (auto const& x = g_[static_cast<value_id>(i)]; x.initializer && !listed[i])
        fail("initializer '" + x.name + "' is not listed", x.name);
  }

  void check_value(value_id v) const {
    auto const& x = g_[v];
    if (x.erased) return;
    if (!x.name.empty() && g_.find(x.name) != v) fail("value '" + x.name + "' is not found by its name", x.name);
    int const sources = (x.producer != node_id::none) + (x.captured != value_id::none) +
                        (x.initializer || x.sparse || is_input_[index(v)]);
    if (sources > 1) fail("value '" + x.name + "' is made twice", x.name);
    if (!x.uses.empty() && !has_source(v)) fail("value '" + x.name + "' is read and nothing makes it", x.name);
    if (!x.uses.empty() && x.name.empty()) fail("a value that is read has no name", g_.name);
    if (x.producer != node_id::none) {
      auto const p = x.producer;
      auto const& made = index(p) < g_.node_count() && !g_[p].erased ? g_[p].outputs : std::vector<value_id>{};
      if (std::count(made.begin(), made.end(), v) != 1)
        fail("value '" + x.name + "' is not an output of its producer", x.name);
    }
    if (x.captured != value_id::none &&
        (outer_ == nullptr || !outer_->exists(x.captured) || !outer_->has_source(x.captured)))
      fail("value '" + x.name + "' is captured from nowhere", x.name);
    if (auto const& written = name(v); written != x.name && g_.find(written) != value_id::none)
      fail("value '" + x.name + "' is called '" + written + "' outside, which is another value inside", x.name);
  }

  void check_order() const {
    std::vector<std::size_t> place(g_.node_count(), 0);
    std::size_t next = 0, living = 0;
    for (auto const n : g_.order) {
      if (index(n) >= g_.node_count() || g_[n].erased) fail("a node in the order does not exist", g_.name);
      if (place[index(n)] != 0) fail("is twice in the order", n);
      place[index(n)] = ++next;
    }
    for (std::size_t i = 0; i < g_.node_count(); ++i) living += !g_[static_cast<node_id>(i)].erased;
    if (living != next) fail("a node is missing in the order", g_.name);
    auto const before = [&](node_id n, value_id v) {
      if (auto const p = g_[v].producer; p != node_id::none && place[index(p)] >= place[index(n)])
        throw error{error_kind::invalid, describe(g_, n) + " reads '" + g_[v].name + "' before it is made", g_[n].name,
                    "the nodes are not in topological order: load with `sort`"};
    };
    for (auto const n : g_.order) {
      check_node(n);
      for (auto const v : g_[n].inputs)
        if (v != value_id::none) before(n, v);
      for_each_subgraph(g_[n], [&](graph const& inner) {
        for (std::size_t i = 0; i < inner.value_count(); ++i)
          if (auto const v = inner[static_cast<value_id>(i)].captured; v != value_id::none && exists(v)) before(n, v);
      });
    }
  }

  void check_node(node_id n) const {
    auto const& x = g_[n];
    for (auto const v : x.inputs)
      if (v != value_id::none && !exists(v)) fail("reads a value that does not exist", n);
    for (auto const v : x.outputs)
      if (v != value_id::none && (!exists(v) || g_[v].producer != n)) fail("makes a value that does not know it", n);
    if (!opsets_.empty() && find_opset(opsets_, x.domain) == nullptr)
      fail("is of the domain '" + x.domain + "', of which no version is imported", n);
  }

  /// Every reader on record is one, none is on record twice, and there are as many as the nodes' inputs say.
  void check_uses() const {
    std::vector<std::size_t> first(g_.node_count() + 1, 0);  // the place of a node's first input among all inputs
    for (std::size_t i = 0; i < g_.node_count(); ++i) {
      auto const& n = g_[static_cast<node_id>(i)];
      first[i + 1] = first[i] + (n.erased ? 0 : n.inputs.size());
    }
    std::vector<bool> seen(first.back());
    std::vector<std::pair<value_id, node_id>> captures;
    std::size_t recorded = 0;
    for (std::size_t i = 0; i < g_.value_count(); ++i) {
      auto const v = static_cast<value_id>(i);
      for (auto const u : g_[v].uses) {
        if (index(u.node) >= g_.node_count() || g_[u.node].erased) wrong_readers(v);
        if (u.input < 0) {
          captures.emplace_back(v, u.node);
          continue;
        }
        auto const k = static_cast<std::size_t>(u.input);
        if (k >= g_[u.node].inputs.size() || g_[u.node].inputs[k] != v || seen[first[index(u.node)] + k])
          wrong_readers(v);
        seen[first[index(u.node)] + k] = true, ++recorded;
      }
    }
    check_direct(recorded, seen, first);
    check_captures(std::move(captures));
  }
  void check_direct(std::size_t recorded, std::vector<bool> const& seen, std::vector<std::size_t> const& first) const {
    std::size_t implied = 0;
    for (auto const n : g_.order)
      for (auto const v : g_[n].inputs) implied += v != value_id::none;
    if (implied == recorded) return;
    for (auto const n : g_.order)
      for (std::size_t i = 0; i < g_[n].inputs.size(); ++i)
        if (g_[n].inputs[i] != value_id::none && !seen[first[index(n)] + i]) wrong_readers(g_[n].inputs[i]);
  }
  void check_captures(std::vector<std::pair<value_id, node_id>> recorded) const {
    std::vector<std::pair<value_id, node_id>> implied;
    for (auto const n : g_.order)
      for_each_subgraph(g_[n], [&](graph const& inner) {
        for (std::size_t i = 0; i < inner.value_count(); ++i)
          if (auto const v = inner[static_cast<value_id>(i)].captured; v != value_id::none) implied.emplace_back(v, n);
      });
    std::sort(implied.begin(), implied.end());
    std::sort(recorded.begin(), recorded.end());
    if (implied == recorded) return;
    auto const at = std::mismatch(implied.begin(), implied.end(), recorded.begin(), recorded.end());
    wrong_readers(at.first != implied.end() ? at.first->first : at.second->first);
  }
  [[noreturn]] void wrong_readers(value_id v) const {
    fail("the readers of value '" + g_[v].name + "' are not those on record", g_[v].name);
  }

  graph const& g_;
  graph_checker const* outer_;
  std::vector<opset> const& opsets_;
  std::vector<bool> is_input_{};
};

}  // namespace detail

/// Throws `invalid`, naming the node or tensor, unless the model is consistent: each value made once and before it is
/// read, names unique, use lists true, an operator set imported for every node.
inline void check(model const& m) {
  if (m.opsets.empty() && m.ir_version >= 3) throw error{error_kind::invalid, "the model imports no operator set"};
  detail::graph_checker{m.main, nullptr, m.opsets}.run();
  for (auto const& f : m.functions) detail::graph_checker{f.body, nullptr, f.opsets}.run();
}

}  // namespace octet
