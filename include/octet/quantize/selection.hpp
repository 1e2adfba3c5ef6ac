// Which nodes a user means: by name, glob, operator type, or position between tensors. Names that nobody has are
// errors.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <octet/graph/bodies.hpp>
#include <octet/quantize/options.hpp>

namespace octet {

/// How a node is called where people choose nodes and read reports: its name, or that of its first output without one.
inline std::string const& label(graph const& g, node const& n) {
  if (n.name.empty())
    for (auto const v : n.outputs)
      if (v != value_id::none) return g[v].name;
  return n.name;
}

/// Those of `names` that are most like `word`, at most three, each in quotes; empty when none is like it.
inline std::string nearest_names(std::string_view word, std::vector<std::string> const& names) {
  std::vector<std::pair<std::size_t, std::string_view>> ranked;
  std::vector<std::size_t> row;
  for (auto const& name : names) {
    row.resize(name.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= word.size(); ++i) {  // Levenshtein's distance, one row at a time
      std::size_t diagonal = std::exchange(row[0], i);
      for (std::size_t j = 1; j < row.size(); ++j) {
        auto const change = diagonal + (word[i - 1] != name[j - 1]);
        diagonal = row[j];
        row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
      }
    }
    bool const part = !word.empty() && (name.find(word) != name.npos || word.find(name) != word.npos);
    auto const distance = part ? row.back() / 4 : row.back();
    if (!name.empty() && distance <= std::max<std::size_t>(3, word.size() / 2)) ranked.emplace_back(distance, name);
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](auto const& a, auto const& b) { return a.first < b.first; });
  std::string list;
  for (std::size_t i = 0; i < ranked.size() && i < 3; ++i)
    list += (i == 0 ? "'" : ", '") + std::string{ranked[i].second} + "'";
  return list;
}

namespace detail {

[[noreturn]] inline void matches_nothing(std::string const& what, std::string_view pattern,
                                         std::vector<std::string> const& names, std::string const& noun) {
  auto const near = nearest_names(pattern, names);
  throw error{error_kind::invalid, what + " '" + std::string{pattern} + "' matches no " + noun + " of the model",
              "options", near.empty() ? "octet inspect lists what there is" : "nearest are " + near};
}

/// Whether a path leads from `from` to each node, or from each node to `to`.
class reach {
 public:
  explicit reach(graph const& g) : g_{g} {}

  std::unordered_set<std::size_t> forward(value_id from) {
    return grow(from, [&](value_id v, auto&& add) {
      for (auto const u : g_[v].uses) add(u.node, g_[u.node].outputs);
    });
  }
  std::unordered_set<std::size_t> backward(value_id to) {
    return grow(to, [&](value_id v, auto&& add) {
      if (auto const n = g_[v].producer; n != node_id::none) add(n, g_[n].inputs);
    });
  }

 private:
  template <class Step>
  std::unordered_set<std::size_t> grow(value_id start, Step step) {
    std::unordered_set<std::size_t> nodes;
    std::vector<value_id> open{start};
    while (!open.empty()) {
      auto const v = open.back();
      open.pop_back();
      step(v, [&](node_id n, std::vector<value_id> const& next) {
        if (!nodes.insert(index(n)).second) return;
        for (auto const w : next)
          if (w != value_id::none) open.push_back(w);
      });
    }
    return nodes;
  }
  graph const& g_;
};

/// Nodes on a path between the two tensors of a pair; an empty name leaves that side open.
inline std::unordered_set<std::size_t> nodes_between(graph const& g, std::vector<tensor_pair> const& pairs) {
  std::unordered_set<std::size_t> all;
  for (auto const& p : pairs) {
    for (auto const& name : {p.from, p.to})
      if (!name.empty() && g.find(name) == value_id::none) {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < g.value_count(); ++i) names.push_back(g[static_cast<value_id>(i)].name);
        matches_nothing("the end of a subgraph", name, names, "tensor");
      }
    auto const after = p.from.empty() ? std::unordered_set<std::size_t>{} : reach{g}.forward(g.find(p.from));
    auto const before = p.to.empty() ? std::unordered_set<std::size_t>{} : reach{g}.backward(g.find(p.to));
    std::size_t found = 0;
    for (auto const n : g.order) {
      bool const inside =
          (p.from.empty() || after.count(index(n)) != 0) && (p.to.empty() || before.count(index(n)) != 0);
      if (inside) all.insert(index(n)), ++found;
    }
    if (found == 0)
      throw error{error_kind::invalid, "no path leads from tensor '" + p.from + "' to tensor '" + p.to + "'",
                  "options"};
  }
  return all;
}

/// Throws `invalid` for a name or pattern in `o` that fits nothing in `m`, naming what is near.
inline void check_selection(model const& m, quantize_options const& o) {
  bool const chosen = !o.only.empty() || !o.except.empty() || !o.op_types.empty() || !o.exclude_output_of.empty() ||
                      !o.channel_axis.empty() || !o.overrides.empty();
  if (!chosen) return;
  std::vector<std::string> names, types;
  for_each_quantized_graph(m, o.enable_subgraph, [&](graph const& g) {
    for (auto const n : g.order) names.push_back(label(g, g[n])), types.push_back(g[n].op);
  });
  auto const all_fit = [](std::string const& what, std::vector<std::string> const& patterns,
                          std::vector<std::string> const& known, std::string const& noun) {
    for (auto const& p : patterns)
      if (std::none_of(known.begin(), known.end(), [&](auto const& k) { return p == k || glob(p, k); }))
        matches_nothing(what, p, known, noun);
  };
  all_fit("the node to quantize", o.only, names, "node");
  all_fit("the node to exclude", o.except, names, "node");
  for (auto const& t : o.catalogue) types.emplace_back(t.op);
  std::sort(types.begin(), types.end());
  types.erase(std::unique(types.begin(), types.end()), types.end());
  all_fit("the operator type", o.op_types, types, "node");
  all_fit("the operator type", o.exclude_output_of, types, "node");
  for (auto const& [op, axis] : o.channel_axis) all_fit("the operator type", {op}, types, "node");
  for (auto const& [name, t] : o.overrides)
    if (t.convert) all_fit("the reader of '" + name + "'", t.convert->readers, names, "node");
}

}  // namespace detail
}  // namespace octet
