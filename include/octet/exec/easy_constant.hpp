// What can be said of a value that never changes without running anything.
#pragma once

#include <algorithm>
#include <limits>
#include <optional>

#include <octet/graph/graph.hpp>

namespace octet::detail {

/// Whether a value never changes, seen through Identity and QuantizeLinear; `shaped`, when it is null, becomes a tensor
/// of the value's shape.
inline bool never_changes(graph const& g, value_id v, tensor const** shaped = nullptr, int depth = 0) {
  if (auto const* t = g.constant(v)) {
    if (shaped != nullptr && *shaped == nullptr) *shaped = t;
    return true;
  }
  auto const* p = g.producer(v);
  if (p == nullptr || depth > 8 || p->inputs.empty() || !(p->op == "Identity" || p->op == "QuantizeLinear"))
    return false;
  for (std::size_t i = 0; i < p->inputs.size(); ++i)
    if (p->inputs[i] != value_id::none && !never_changes(g, p->inputs[i], i == 0 ? shaped : nullptr, depth + 1))
      return false;
  return true;
}

/// A constant, perhaps behind a Reshape that states all dimensions.
inline std::optional<tensor> easy_constant(graph const& g, value_id v) {
  if (auto const* t = g.constant(v)) return *t;
  auto const* p = g.producer(v);
  if (p == nullptr || !p->is("Reshape") || p->inputs.size() != 2) return {};
  auto const *t = g.constant(p->inputs[0]), *to = g.constant(p->inputs[1]);
  if (t == nullptr || to == nullptr || to->type() != element::s64 || to->rank() != 1 || to->size() > 5) return {};
  auto const list = to->align();
  shape const dims{list.as<std::int64_t>()};
  if (std::any_of(dims.begin(), dims.end(), [](std::int64_t d) { return d < 1; })) return {};
  return dims.size() == t->size() ? std::optional{t->reshaped(dims)} : std::nullopt;
}

/// The limits that a Relu or Clip of constants sets.
struct constant_limits {
  float low = -std::numeric_limits<float>::infinity(), high = std::numeric_limits<float>::infinity();
};
inline std::optional<constant_limits> constant_limits_of(graph const& g, octet::node const& n) {
  constant_limits l;
  if (n.is("Relu")) l.low = 0;
  else if (!n.is("Clip")) return {};
  else if (n.inputs.size() == 1) {  // before opset 11 a bound left out is the largest number, and infinities end there
    if (n.attributes.empty()) return {};
    constexpr float most = std::numeric_limits<float>::max();
    l = {n.get("min", -most), n.get("max", most)};
  }
  for (std::size_t i = 1; i < n.inputs.size() && i < 3; ++i) {
    if (n.inputs[i] == value_id::none) continue;
    auto const* t = g.constant(n.inputs[i]);
    if (t == nullptr || t->type() != element::f32 || t->size() != 1) return {};
    (i == 1 ? l.low : l.high) = t->align().as<float>()[0];
  }
  return n.outputs.size() == 1 && l.low <= l.high ? std::optional{l} : std::nullopt;
}

}  // namespace octet::detail
