// The bodies of If, Loop and Scan, whose values go by place and not by name: they can be changed as the main graph can.
#pragma once

#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <octet/graph/walk.hpp>

namespace octet {

/// Calls f(graph&) for each body of `n` when it is an If, Loop or Scan.
template <class Node, class F>
void for_each_body(Node& n, F&& f) {
  if (n.is("If") || n.is("Loop") || n.is("Scan")) for_each_subgraph(n, f);
}

/// Calls f(graph&) for the main graph of `m` and, with `inside`, for every body in it, outer ones first.
template <class Model, class F>
void for_each_quantized_graph(Model& m, bool inside, F&& f) {
  auto const visit = [&](auto const& self, auto& g) -> void {
    f(g);
    if (!inside) return;
    for (auto const n : g.order) for_each_body(g[n], [&](auto& inner) { self(self, inner); });
  };
  visit(visit, m.main);
}

/// Whether two values of `m`, each in a graph of its own, have one name.
inline bool has_equal_names(model const& m) {
  std::unordered_set<std::string> seen;
  bool twice = false;
  for_each_quantized_graph(m, true, [&](graph const& g) {
    for (std::size_t i = 0; i < g.value_count(); ++i)
      if (auto const& x = g[static_cast<value_id>(i)]; !x.erased && x.captured == value_id::none && !x.name.empty())
        twice = !seen.insert(x.name).second || twice;
  });
  return twice;
}

namespace detail {
inline std::size_t name_apart(graph& g, graph const* outer, std::unordered_set<std::string>& seen,
                              std::unordered_set<std::string>& all) {
  std::size_t renamed = 0;
  for (std::size_t i = 0; i < g.value_count(); ++i) {
    auto const v = static_cast<value_id>(i);
    if (g[v].erased || g[v].captured != value_id::none || g[v].name.empty() || seen.insert(g[v].name).second) continue;
    auto name = first_free(g[v].name, [&](std::string const& s) { return all.count(s) != 0; });
    all.insert(name), seen.insert(name);
    g.rename(v, std::move(name)), ++renamed;
  }
  for (std::size_t i = 0; i < g.value_count() && outer != nullptr; ++i)
    if (auto const v = static_cast<value_id>(i); !g[v].erased && g[v].captured != value_id::none)
      if (auto const& name = (*outer)[g[v].captured].name; g.find(name) == value_id::none) g.rename(v, name);
  for (auto const n : g.order) for_each_body(g[n], [&](graph& inner) { renamed += name_apart(inner, &g, seen, all); });
  return renamed;
}
}  // namespace detail

/// Gives values of bodies that are called like a value of another graph names of their own, the same in every run, so
/// that ranges and settings by name are of one tensor. Returns how many were renamed.
inline std::size_t make_names_unique(model& m) {
  std::unordered_set<std::string> seen, all;
  for_each_graph(m.main, [&](graph const& g) {
    for (std::size_t i = 0; i < g.value_count(); ++i) all.insert(g[static_cast<value_id>(i)].name);
  });
  return detail::name_apart(m.main, nullptr, seen, all);
}

}  // namespace octet
