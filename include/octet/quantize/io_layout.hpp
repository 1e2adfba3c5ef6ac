// Inputs and outputs of a graph with the channels last, as some accelerators take pictures, and names for all nodes.
#pragma once

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include <octet/graph/graph.hpp>

namespace octet {
namespace detail {

/// The first number behind all that names of the form `prefix` number take.
inline std::int64_t next_number(std::string const& prefix, std::vector<std::string> const& names) {
  std::int64_t next = 0;
  for (auto const& n : names) {
    if (!n.starts_with(prefix) || n.size() == prefix.size() || n.size() > prefix.size() + 9) continue;
    auto const digits = n.substr(prefix.size());
    if (digits.find_first_not_of("0123456789") == digits.npos)
      next = std::max<std::int64_t>(next, std::stoll(digits) + 1);
  }
  return next;
}

inline std::vector<std::string> value_names(graph const& g) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < g.value_count(); ++i) all.push_back(g[static_cast<value_id>(i)].name);
  return all;
}
inline std::vector<std::string> node_names(graph const& g) {
  std::vector<std::string> all;
  for (auto const n : g.order) all.push_back(g[n].name);
  return all;
}

/// Moves axis 1 of the type behind all others; throws `invalid` unless there are three axes.
inline void move_channels_last(graph& g, value_id v) {
  auto& t = g[v].type;
  if (!t || !t->is_tensor() || !t->dims || t->dims->size() < 3)
    throw error{error_kind::invalid, "'" + g[v].name + "' is not a tensor of three axes or more", g[v].name};
  std::rotate(t->dims->begin() + 1, t->dims->begin() + 2, t->dims->end());
}

/// 0, 2, … n−1, 1 or its inverse 0, n−1, 1, … n−2.
inline std::vector<std::int64_t> channel_turn(std::size_t rank, bool to_last) {
  std::vector<std::int64_t> perm(rank);
  std::iota(perm.begin(), perm.end(), std::int64_t{0});
  if (to_last) std::rotate(perm.begin() + 1, perm.begin() + 2, perm.end());
  else std::rotate(perm.begin() + 1, perm.end() - 1, perm.end());
  return perm;
}

/// Makes `name`, an input or an output [N,C,…], [N,…,C]; inside of the graph a Transpose keeps everything as it was.
inline void make_channel_last(graph& g, std::string const& name, bool input) {
  auto const v = g.find(name);
  if (v == value_id::none || !(input ? g.is_input(v) : g.is_output(v)))
    throw error{error_kind::invalid, "'" + name + "' is no " + (input ? "input" : "output") + " of the graph", name};
  if (!input && g[v].producer == node_id::none)
    throw error{error_kind::unsupported, "the output '" + name + "' is an input or a constant", name};
  auto const prefix = name + "_channel_first_";
  auto const inner = g.add_value(prefix + std::to_string(next_number(prefix, value_names(g))), g[v].type);
  move_channels_last(g, v);
  auto const rank = g[v].type->dims->size();
  g.replace_uses(v, inner, false);
  if (!input) {
    auto const n = g[v].producer;
    auto const& all = g[n].outputs;
    auto const k = static_cast<std::size_t>(std::find(all.begin(), all.end(), v) - all.begin());
    g.set_output(n, k, inner);
  }
  g.described.push_back(inner);
  std::string const turn = "Transpose_channel_";
  g.add_node(node{.op = "Transpose",
                  .name = turn + std::to_string(next_number(turn, node_names(g))),
                  .inputs = {input ? v : inner},
                  .outputs = {input ? inner : v},
                  .attributes = {{"perm", channel_turn(rank, !input)}}});
  g.sort();
}

}  // namespace detail

/// Makes an input [N,C,…] of the model [N,…,C], with a Transpose behind it. Throws `invalid` for what is no input of
/// three axes or more.
inline void channel_last_input(model& m, std::string const& name) { detail::make_channel_last(m.main, name, true); }
/// The same for an output, with a Transpose before it.
inline void channel_last_output(model& m, std::string const& name) { detail::make_channel_last(m.main, name, false); }

/// Gives each node without a name, Constant aside, a name of its own; returns how many.
inline std::size_t name_nodes(model& m, std::string const& prefix) {
  std::size_t named = 0;
  auto number = detail::next_number(prefix, detail::node_names(m.main));
  for (auto const n : m.main.order)
    if (m.main[n].name.empty() && m.main[n].op != "Constant")
      m.main[n].name = prefix + std::to_string(number++), ++named;
  return named;
}

}  // namespace octet
