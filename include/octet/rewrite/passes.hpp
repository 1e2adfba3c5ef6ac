// Changes of a whole graph that no pattern describes: constants into initializers, equal nodes into one, dead code out.
#pragma once

#include <octet/rewrite/driver.hpp>

namespace octet::rewrite {

/// The tensor of a Constant node in any of its spellings; nothing for text, sparse and unreadable ones.
inline std::optional<stored_tensor> constant_tensor(octet::node const& n) {
  if (!n.is("Constant") || !n.has_output(0)) return std::nullopt;
  if (auto const* t = n.get<stored_tensor>("value")) return t->foreign ? std::nullopt : std::optional{*t};
  auto const list = [](auto const& v) {
    return stored_tensor{.data = tensor::of(shape{static_cast<std::int64_t>(v.size())}, v)};
  };
  if (auto const* f = n.get<float>("value_float")) return stored_tensor{.data = tensor::scalar(*f)};
  if (auto const* i = n.get<std::int64_t>("value_int")) return stored_tensor{.data = tensor::scalar(*i)};
  if (auto const* fs = n.get<std::vector<float>>("value_floats")) return list(*fs);
  if (auto const* is = n.get<std::vector<std::int64_t>>("value_ints")) return list(*is);
  return std::nullopt;
}

/// `v`, whose producer is about to go, becomes an initializer.
inline void make_initializer(graph& g, value_id v, stored_tensor t) {
  t.name.clear();
  g.described.erase(std::remove(g.described.begin(), g.described.end(), v), g.described.end());
  g[v].type = tensor_type(t.data.type(), t.data.dims());
  g[v].initializer = std::move(t);
  g.initializers.push_back(v);
}

inline bool is_random(std::string_view op) {
  return op.substr(0, 6) == "Random" || op == "Multinomial" || op == "Bernoulli" || op == "Dropout";
}

inline void append_bytes(std::string& s, void const* p, std::size_t n) { s.append(static_cast<char const*>(p), n); }

/// The attribute as bytes that are equal exactly when the attribute is; nothing for graphs and what is not read.
inline bool append_attribute(std::string& s, attribute const& a) {
  s += a.name + '\0' + static_cast<char>('a' + a.value.index());
  if (!a.reference.empty()) return false;
  if (auto const* f = std::get_if<float>(&a.value)) append_bytes(s, f, sizeof *f);
  else if (auto const* i = std::get_if<std::int64_t>(&a.value)) append_bytes(s, i, sizeof *i);
  else if (auto const* t = std::get_if<std::string>(&a.value)) s += *t;
  else if (auto const* fs = std::get_if<std::vector<float>>(&a.value))
    append_bytes(s, fs->data(), fs->size() * sizeof(float));
  else if (auto const* is = std::get_if<std::vector<std::int64_t>>(&a.value))
    append_bytes(s, is->data(), is->size() * sizeof(std::int64_t));
  else if (auto const* x = std::get_if<stored_tensor>(&a.value)) {
    if (x->foreign || x->data.type() == element::text || x->data.bytes().size() > 65536) return false;
    s += std::to_string(static_cast<int>(x->data.type())) + x->data.dims().text();
    append_bytes(s, x->data.bytes().data(), x->data.bytes().size());
  } else return false;
  s += '\1';
  return true;
}

/// What a node computes, as bytes; nothing when it may not be merged with an equal one.
inline std::optional<std::string> computation(octet::node const& n) {
  if (is_random(n.op)) return std::nullopt;
  std::string s = n.domain + ':' + n.op + ':' + n.overload + '\0';
  append_bytes(s, n.inputs.data(), n.inputs.size() * sizeof(value_id));
  s += '\1' + std::to_string(n.outputs.size());
  auto sorted = n.attributes;
  std::sort(sorted.begin(), sorted.end(), [](attribute const& a, attribute const& b) { return a.name < b.name; });
  for (auto const& a : sorted)
    if (!append_attribute(s, a)) return std::nullopt;
  return s;
}

/// Constant nodes become initializers of the same name, in subgraphs too. Returns how many.
inline std::size_t lift_constants(graph& g) {
  std::vector<node_id> gone;
  for (auto const id : g.order) {
    for_each_subgraph(g[id], [](graph& inner) { lift_constants(inner); });
    auto t = constant_tensor(g[id]);
    if (!t) continue;
    auto const v = g[id].outputs[0];
    g.set_output(id, 0, value_id::none);
    make_initializer(g, v, std::move(*t));
    gone.push_back(id);
  }
  g.erase(gone);
  return gone.size();
}

/// Erases nodes and initializers that contribute to no output. Inputs stay.
inline std::size_t remove_dead(graph& g) {
  auto const before = g.order.size();
  auto const nodes = g.order;
  for (auto it = nodes.rbegin(); it != nodes.rend(); ++it) {
    if (g[*it].erased) continue;
    for_each_subgraph(g[*it], [](graph& inner) { remove_dead(inner); });
    erase_if_dead(g, *it);
  }
  auto const initializers = g.initializers;
  for (auto const v : initializers)
    if (g.use_count(v) == 0 && !g.is_input(v)) g.erase(v);
  return before - g.order.size();
}

/// Optional outputs at the end of nodes that nobody reads are left out.
inline void trim_outputs(graph& g) {
  for (auto const id : g.order)
    while (g[id].outputs.size() > 1) {
      auto const v = g[id].outputs.back();
      if (g[id].op == "Split" || g[id].op == "If" || g[id].op == "Loop" || g[id].op == "Scan") break;
      if (v != value_id::none && g.use_count(v) != 0) break;
      if (v != value_id::none) {
        g.set_output(id, g[id].outputs.size() - 1, value_id::none);
        g.erase(v);
      }
      g[id].outputs.pop_back();
    }
}

/// Equal scalars and equal short lists of integers become one initializer.
inline std::size_t share_constants(graph& g) {
  std::unordered_map<std::string, value_id> seen;
  std::size_t merged = 0;
  auto const all = g.initializers;
  for (auto const v : all) {
    if (g.constant(v) == nullptr || g.is_output(v)) continue;
    auto const& t = g[v].initializer->data;
    bool const integers = t.type() == element::s64 && t.size() <= 16;
    if (t.type() == element::text || !(t.size() == 1 || integers)) continue;
    std::string key = std::to_string(static_cast<int>(t.type())) + t.dims().text();
    append_bytes(key, t.bytes().data(), t.bytes().size());
    auto const [it, first] = seen.emplace(std::move(key), v);
    if (first) continue;
    g.replace_uses(v, it->second);
    g.erase(v);
    ++merged;
  }
  return merged;
}

/// Nodes that compute the same become one. Graph outputs keep their own node.
inline std::size_t merge_equal_nodes(graph& g) {
  std::unordered_map<std::string, node_id> seen;
  std::size_t merged = 0;
  auto const nodes = g.order;  // producers first, so that equal inputs are one value already
  for (auto const id : nodes) {
    for_each_subgraph(g[id], [](graph& inner) { merge_equal_nodes(inner); });
    auto key = computation(g[id]);
    if (!key) continue;
    auto const [it, first] = seen.emplace(std::move(*key), id);
    if (first) continue;
    auto const mine = g[id].outputs, theirs = g[it->second].outputs;
    bool possible = true;
    for (std::size_t i = 0; i < mine.size(); ++i)
      possible = possible && (mine[i] == value_id::none || (theirs[i] != value_id::none && !g.is_output(mine[i])));
    if (!possible) continue;
    for (std::size_t i = 0; i < mine.size(); ++i)
      if (mine[i] != value_id::none) g.replace_uses(mine[i], theirs[i]);
    erase_if_dead(g, id);
    ++merged;
  }
  return merged;
}

}  // namespace octet::rewrite
