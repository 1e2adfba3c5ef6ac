// Two or three tables looked up, summed and normalized: EmbedLayerNormalization of ONNX Runtime.
#pragma once

#include <octet/rewrite/rules/residual.hpp>

namespace octet::rewrite {

/// A lookup in a float table [rows, D] by indices of one or two axes.
struct lookup {
  value_id table = value_id::none, indices = value_id::none;
  std::int64_t rows = 0;
  std::vector<dimension> dims{};  ///< of the indices
};

/// The lookups whose sum `v` is, three at most; the reason when it is anything else.
inline std::string collect_lookups(match const& m, value_id v, bool inner, std::vector<lookup>& into) {
  auto const* n = m.graph.producer(v);
  if (n != nullptr && n->is("Add") && (!inner || m.graph.use_count(v) == 1)) {
    auto why = collect_lookups(m, n->inputs[0], true, into);
    return why.empty() ? collect_lookups(m, n->inputs[1], true, into) : why;
  }
  if (n == nullptr || !n->is("Gather") || n->get<std::int64_t>("axis", 0) != 0) return "not a sum of lookups";
  auto const* table = m.graph.constant(n->inputs[0]);
  if (table == nullptr || table->rank() != 2 || table->type() != element::f32)
    return "a table is not a constant float matrix";
  auto const* type = m.type(n->inputs[1]);
  if (type == nullptr || !type->dims || type->dims->empty() || type->dims->size() > 2)
    return "the indices are not known to have one or two axes";
  into.push_back({n->inputs[0], n->inputs[1], table->dims()[0], *type->dims});
  return into.size() > 3 ? "more than three lookups" : "";
}

/// Whether a constant counts 0, 1, 2 … along its last axis, its only one but for ones.
inline bool counts_up(tensor const& t) {
  auto const all = to_integers(t);
  if (!all || t.rank() == 0 || t.dims()[t.rank() - 1] != t.size()) return false;
  for (std::size_t i = 0; i < all->size(); ++i)
    if ((*all)[i] != static_cast<std::int64_t>(i)) return false;
  return true;
}

/// Whether `v` is 0, 1, 2 … in each row: a constant, its first part, or a Range, whatever the axes around it.
inline bool is_counting(match const& m, value_id v) {
  auto const number = [&](octet::node const& n, std::size_t i) {
    auto const* t = n.has_input(i) ? m.graph.constant(n.inputs[i]) : nullptr;
    auto const all = t == nullptr ? std::nullopt : to_integers(*t);
    return all && all->size() == 1 ? std::optional{all->front()} : std::nullopt;
  };
  for (int depth = 0; depth < 8; ++depth) {
    if (auto const* t = m.graph.constant(v)) return counts_up(*t);
    auto const* n = m.graph.producer(v);
    if (n == nullptr) return false;
    if (n->is("Range")) return number(*n, 0) == 0 && number(*n, 2) == 1;
    bool const whole_rows = n->is("Expand") && m.rank(n->inputs[0]) == m.rank(v);
    if (n->is("Slice")) {
      auto const axis = n->has_input(3) ? number(*n, 3) : std::nullopt;
      if (number(*n, 1) != 0 || number(*n, 4).value_or(1) != 1 || !axis) return false;
      if (*axis != -1 && *axis + 1 != static_cast<std::int64_t>(m.rank(v).value_or(0))) return false;
    } else if (!whole_rows && !n->is("Unsqueeze") && !n->is("Cast") && !n->is("Identity")) return false;
    v = n->inputs[0];
  }
  return false;
}

/// Whether the indices are as long as the sequence: its size, or the least of it and a table's length.
inline bool as_long(dimension const& d, dimension const& sequence) {
  return same_size(d, sequence) ||
         (!sequence.symbol.empty() && d.symbol.starts_with("Min(") && d.symbol.ends_with(", " + sequence.symbol + ")"));
}

/// Words first, then positions, then segments if there are any; empty with the reason when they cannot be told apart.
inline std::vector<lookup> word_position_segment(match const& m, std::vector<lookup> all, bool& counting,
                                                 std::string& why) {
  std::stable_sort(all.begin(), all.end(), [](lookup const& a, lookup const& b) { return a.rows > b.rows; });
  auto const position = [&](auto const& test) {
    auto const it = std::find_if(all.begin(), all.end(), test);
    if (it == all.end()) return false;
    auto const found = *it;
    all.erase(it);
    all.insert(all.begin() + 1, found);
    return true;
  };
  counting = position([&](lookup const& l) { return is_counting(m, l.indices); });
  if (!counting)
    position([](lookup const& l) { return l.dims.size() == 2 && l.dims[0].known() && l.dims[0].size == 1; });
  auto const& ids = all[0].dims;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i != 1 && (ids.size() != 2 || !same_sizes(all[i].dims, ids)))
      return why = "words and segments have not one shape", all;
    if (i == 1 &&
        (!as_long(all[1].dims.back(), ids.back()) ||
         (!counting && (all[1].dims.size() != 2 || !(same_size(all[1].dims[0], ids[0]) || all[1].dims[0].size == 1)))))
      return why = "the positions are not known to be as many as the words", all;
  }
  return all;
}

/// The sum stays readable, then as an output that the quantized form has not.
inline constexpr rule fuse_embed_layer_norm{
    "embed-layer-norm",
    ops::LayerNormalization(ops::Add(var::x, var::y).as(var::sum).shared(), var::gamma, var::beta).as(var::node),
    [](match const& m, patch& p) -> result {
      std::vector<lookup> all;
      auto why = collect_lookups(m, m[var::sum], false, all);
      if (!why.empty()) return p.decline(std::move(why));
      bool counting = false;
      all = word_position_segment(m, std::move(all), counting, why);
      if (!why.empty()) return p.decline(std::move(why));
      for (auto const& l : all)
        if (m.graph.constant(l.table)->dims()[1] != m.fixed(var::gamma).size() || m.fixed(var::gamma).rank() != 1)
          return p.decline("more than the last axis is normalized");
      auto const ids = [&](value_id v) { return p(ops::Cast, {v}, {{"to", static_cast<std::int64_t>(element::s32)}}); };
      bool const segments = all.size() == 3;
      std::vector<value_id> in{ids(all[0].indices), segments ? ids(all[2].indices) : value_id::none, all[0].table,
                               all[1].table,        segments ? all[2].table : value_id::none,        m[var::gamma],
                               m[var::beta]};
      if (!counting) in.insert(in.end(), {value_id::none, ids(all[1].indices)});
      bool const read = m.graph.use_count(m[var::sum]) != 1;
      auto const out = p.many(ops::EmbedLayerNormalization, std::move(in), read ? 3 : 2,
                              {{"epsilon", m.attr(var::node, "epsilon", 1e-5f)}});
      result r{out[0]};
      if (read) r.also.emplace_back(m[var::sum], out[2]);
      return r;
    }};

/// A size of the indices, asked for behind the lookup.
inline constexpr rule size_before_lookup{
    "size-before-lookup",
    ops::Gather(ops::Shape(ops::Gather(var::w, var::x).as(var::layer).shared()).as(var::shape), var::c).as(var::node),
    [](match const& m, patch& p) {
      auto const which = to_integers(m.fixed(var::c));
      auto const rank = m.rank(var::x);
      if (m.fixed(var::w).rank() != 2 || m.attr(var::layer, "axis", std::int64_t{0}) != 0 ||
          m.at(var::shape).find("start") != nullptr || m.at(var::shape).find("end") != nullptr)
        return p.decline("not rows of a matrix, or not the whole shape");
      if (!which || which->size() != 1 || !rank || which->front() < 0 ||
          which->front() >= static_cast<std::int64_t>(*rank))
        return p.decline("the size asked for is not one of the indices'");
      return p(ops::Gather, {p(ops::Shape, {m[var::x]}), m[var::c]}, m.at(var::node).attributes);
    }};

/// Before the residual sums, which lookups would look like.
inline constexpr auto embedding_rules = rules(size_before_lookup, fuse_embed_layer_norm);

}  // namespace octet::rewrite
