// Putting a patch into a graph, and taking away what is dead.
#pragma once

#include <octet/graph/edit.hpp>
#include <octet/rewrite/rule.hpp>

namespace octet::rewrite {

/// Erases `n` when nobody reads what it makes, then likewise the nodes and initializers that only it read.
inline void erase_if_dead(graph& g, node_id n) {
  std::vector<node_id> todo{n};
  while (!todo.empty()) {
    auto const id = todo.back();
    todo.pop_back();
    if (g[id].erased) continue;
    auto const outputs = g[id].outputs;
    auto const read = [&](value_id v) { return v != value_id::none && g.use_count(v) != 0; };
    if (std::any_of(outputs.begin(), outputs.end(), read)) continue;
    std::vector<value_id> inputs = g[id].inputs;
    for_each_subgraph(g[id], [&](graph const& inner) {
      for (std::size_t i = 0; i < inner.value_count(); ++i) inputs.push_back(inner[static_cast<value_id>(i)].captured);
    });
    g.erase(id);
    for (auto const v : outputs)
      if (v != value_id::none) g.erase(v);
    std::sort(inputs.begin(), inputs.end());
    inputs.erase(std::unique(inputs.begin(), inputs.end()), inputs.end());
    for (auto const v : inputs) {
      if (v == value_id::none || g.use_count(v) != 0) continue;
      if (g[v].producer != node_id::none) todo.push_back(g[v].producer);
      else if (g[v].initializer && !g.is_input(v)) g.erase(v);
    }
  }
}

/// Why `to` cannot stand for `from`, or nothing.
inline std::string obstacle(graph const& g, value_id from, value_id to, patch const& p) {
  if (p.makes(to)) return {};
  auto const &a = g[from], &b = g[to];
  if (a.type && b.type && a.type->is_tensor() && b.type->is_tensor()) {
    if (a.type->element != element::undefined && b.type->element != element::undefined &&
        a.type->element != b.type->element)
      return "the result would have another element type";
    auto const s = a.type->fixed(), t = b.type->fixed();
    if (s && t && !(*s == *t)) return "the result would have another shape";
  }
  if (!g.is_output(from)) return {};
  if (b.producer == node_id::none) return "a graph output would be an input or a constant";
  return g.is_output(to) ? "two graph outputs would be one value" : "";
}

/// Adds the values and nodes of `p`, with names that tell where they come from.
inline void materialize(graph& g, patch& p, std::string const& base, std::string const& node_name,
                        std::string_view rule) {
  for (auto const& v : p.values()) {
    std::string const like = v.like == value_id::none ? base : g[v.like].name;
    if (v.data) g.add_initializer(g.fresh_name(like + '_' + std::string{rule}), v.data);
    else g.add_value(g.fresh_name(base + '_' + std::string{rule}));
  }
  for (auto& n : p.nodes()) {
    octet::node made{.op = std::string{n.op.name},
                     .domain = std::string{n.op.domain},
                     .inputs = std::move(n.inputs),
                     .outputs = n.outputs,
                     .attributes = std::move(n.attributes)};
    bool const last = &n == &p.nodes().back();
    made.name = last ? node_name : g.fresh_node_name((node_name.empty() ? base : node_name) + '/' + made.op);
    made.metadata = {{"octet.rule", std::string{rule}}, {"octet.from", base}};
    g.add_node(std::move(made));
  }
}

/// `to` takes the readers, the place in lists and the name of `from`, which disappears.
inline void take_over(graph& g, value_id from, value_id to, bool rename) {
  auto& a = g[from];
  auto& b = g[to];
  bool const described = std::find(g.described.begin(), g.described.end(), from) != g.described.end();
  if (rename) {
    if (!b.type) b.type = a.type;
    else if (g.is_output(from) && a.type) b.type = a.type;
    b.doc = a.doc;
    b.metadata = a.metadata;
    g.described.erase(std::remove(g.described.begin(), g.described.end(), to), g.described.end());
    if (described) std::replace(g.described.begin(), g.described.end(), from, to);
  }
  g.restated.erase(std::remove_if(g.restated.begin(), g.restated.end(),
                                  [&](restatement const& r) { return r.value == from || (rename && r.value == to); }),
                   g.restated.end());
  g.replace_uses(from, to);
  auto const name = a.name;
  if (g[from].producer != node_id::none) return;
  g.erase(from);
  if (rename) g.rename(to, name);
}

/// Replaces the outputs of node `id` by `made`. Returns why not, when it cannot be; the graph is then as it was.
inline std::string put_result(graph& g, node_id id, result const& made, patch& p, std::string_view rule) {
  auto const outputs = g[id].outputs;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i] == value_id::none || g.use_count(outputs[i]) == 0) continue;
    if (i >= made.values.size() || made.values[i] == value_id::none)
      return "'" + g[outputs[i]].name + "' is used as well";
    if (auto why = obstacle(g, outputs[i], made.values[i], p); !why.empty()) return why;
  }
  for (auto const& [from, to] : made.also)
    if (auto why = obstacle(g, from, to, p); !why.empty()) return why;
  auto const base = outputs.empty() || outputs[0] == value_id::none ? g[id].op : g[outputs[0]].name;
  auto const node_name = g[id].name;
  materialize(g, p, base, node_name, rule);
  std::vector<std::pair<value_id, std::string>> wishes;
  for (std::size_t i = 0; i < p.values().size(); ++i)
    if (auto const like = p.values()[i].like; like != value_id::none) wishes.emplace_back(p.id(i), g[like].name);
  std::vector<node_id> sources;
  for (auto const v : g[id].inputs)
    if (v != value_id::none && g[v].producer != node_id::none) sources.push_back(g[v].producer);
  auto const inputs = g[id].inputs;
  g.erase(id);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i] == value_id::none) continue;
    auto const to = i < made.values.size() ? made.values[i] : value_id::none;
    if (to != value_id::none && g.use_count(outputs[i]) != 0)
      take_over(g, outputs[i], to, p.makes(to) || g.is_output(outputs[i]));
    else g.erase(outputs[i]);
  }
  for (auto const& [from, to] : made.also) {
    auto const n = g[from].producer;
    auto const name = g[from].name;
    g.rename(from, g.fresh_name(name + "_replaced"));
    take_over(g, from, to, false);
    if (p.makes(to)) g.rename(to, name), g[to].type = g[from].type;
    if (n != node_id::none) erase_if_dead(g, n);
  }
  for (auto const n : sources)
    if (!g[n].erased) erase_if_dead(g, n);
  for (auto const v : inputs)
    if (v != value_id::none && !g[v].erased && g[v].initializer && g.use_count(v) == 0 && !g.is_input(v)) g.erase(v);
  for (auto const& [v, name] : wishes)
    if (!g[v].erased && g.find(name) == value_id::none) g.rename(v, name);
  return {};
}

}  // namespace octet::rewrite
