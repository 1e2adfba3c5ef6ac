// Weights that reach their operator through Identity, Cast or Transpose: constants all the same.
#pragma once

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include <octet/core/convert.hpp>
#include <octet/ops/catalogue.hpp>
#include <octet/quantize/selection.hpp>
#include <octet/rewrite/passes.hpp>

namespace octet::detail {

/// The elements of `t` with its axes in the order `perm`. The type has whole bytes.
inline tensor permuted(tensor const& t, std::vector<std::int64_t> const& perm) {
  auto const rank = t.rank();
  auto const width = static_cast<std::size_t>(bits(t.type())) / 8;
  std::vector<std::int64_t> strides(rank, 1);
  for (std::size_t i = rank; i-- > 1;) strides[i - 1] = strides[i] * t.dims()[i];
  shape dims;
  std::vector<std::int64_t> step;
  for (auto const p : perm)
    dims.push_back(t.dims()[static_cast<std::size_t>(p)]), step.push_back(strides[static_cast<std::size_t>(p)]);
  tensor r{t.type(), dims};
  auto const* const from = t.bytes().data();
  auto* to = r.mutable_bytes().data();
  std::vector<std::int64_t> at(rank, 0);
  std::int64_t offset = 0;
  for (std::int64_t k = 0; k < r.size(); ++k, to += width) {
    std::memcpy(to, from + static_cast<std::size_t>(offset) * width, width);
    for (std::size_t i = rank; i-- > 0;) {  // the last axis counts fastest
      offset += step[i];
      if (++at[i] < dims[i]) break;
      offset -= step[i] * dims[i], at[i] = 0;
    }
  }
  return r;
}

/// What an Identity, Cast or Transpose of the constant `t` makes; nothing for other nodes and types.
inline std::optional<tensor> moved_constant(node const& n, tensor const& t) {
  bool const half = t.type() == element::f16 || t.type() == element::bf16;
  if (t.type() != element::f32 && !half) return std::nullopt;
  if (n.is("Identity")) return t;
  if (n.is("Cast")) {
    auto const to = static_cast<element>(n.get<std::int64_t>("to", 0));
    if (to == t.type()) return t;
    return half && to == element::f32 ? std::optional{to_f32(t)} : std::nullopt;
  }
  if (!n.is("Transpose")) return std::nullopt;
  std::vector<std::int64_t> perm;
  if (auto const* p = n.get<std::vector<std::int64_t>>("perm")) perm = *p;
  else
    for (std::size_t i = t.rank(); i-- > 0;) perm.push_back(static_cast<std::int64_t>(i));
  auto sorted = perm;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < sorted.size(); ++i)
    if (sorted.size() != t.rank() || sorted[i] != static_cast<std::int64_t>(i)) return std::nullopt;
  return permuted(t, perm);
}

/// Whether some reader of `v`, also behind further nodes of this kind, wants a weight or a bias.
inline bool feeds_weight(graph const& g, value_id v, quantize_options const& o) {
  for (auto const u : g[v].uses) {
    if (u.input < 0) continue;
    auto const& n = g[u.node];
    if (n.is("Identity") || n.is("Cast") || n.is("Transpose")) {
      if (n.has_output(0) && feeds_weight(g, n.outputs[0], o)) return true;
      continue;
    }
    auto const* t = find_traits(o.catalogue, n);
    if (t == nullptr || matches_any(o.except, label(g, n))) continue;
    auto const r = t->input(static_cast<std::size_t>(u.input)).role;
    if (r == role::weight || r == role::bias) return true;
  }
  return false;
}

/// Replaces such chains by initializers of the same names. Returns how many nodes went.
inline std::size_t fold_weight_chains(graph& g, quantize_options const& o) {
  std::vector<node_id> gone;
  for (auto const id : g.order) {
    auto const& n = g[id];
    if (!(n.is("Identity") || n.is("Cast") || n.is("Transpose")) || !n.has_input(0) || !n.has_output(0)) continue;
    auto const in = n.inputs[0], out = n.outputs[0];
    auto const* t = g.constant(in);
    if (t == nullptr || g.is_output(out) || !feeds_weight(g, out, o)) continue;
    auto made = moved_constant(n, t->align());
    if (!made) continue;
    g.set_output(id, 0, value_id::none);
    rewrite::make_initializer(g, out, stored_tensor{.data = std::move(*made)});
    gone.push_back(id);
  }
  std::vector<value_id> sources;
  for (auto const id : gone) sources.push_back(g[id].inputs[0]);
  g.erase(gone);
  for (auto const v : sources)
    if (!g[v].erased && g.use_count(v) == 0 && g[v].producer == node_id::none) g.erase(v);
  return gone.size();
}

}  // namespace octet::detail
