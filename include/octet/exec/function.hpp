// Functions of a model: what becomes of the body for one call of it.
#pragma once

#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <octet/graph/graph.hpp>

namespace octet::detail {

inline function const* find_function(model const& m, node const& n) {
  for (auto const& f : m.functions)
    if (f.name == n.op && f.domain == n.domain && f.overload == n.overload) return &f;
  return nullptr;
}

/// The attribute of the call, else the function's default for it, else null.
inline attribute const* argument_of(function const& f, node const& call, std::string_view name) {
  if (auto const* a = call.find(name)) return a;
  for (auto const& a : f.attribute_defaults)
    if (a.name == name) return &a;
  return nullptr;
}

/// Gives every attribute that refers to one of the function its value; one without a value disappears.
inline void bind_attributes(graph& body, function const& f, node const& call) {
  for (auto const id : body.order) {
    auto& n = body[id];
    std::vector<attribute> bound;
    for (auto& a : n.attributes) {
      if (a.reference.empty()) {
        bound.push_back(std::move(a));
      } else if (auto const* given = argument_of(f, call, a.reference)) {
        bound.push_back({.name = a.name, .value = given->value});
      }
    }
    n.attributes = std::move(bound);
    for_each_subgraph(n, [&](graph& inner) { bind_attributes(inner, f, call); });
  }
}

/// The body of `f` as `call` means it.
inline graph body_of(function const& f, node const& call) {
  if (call.inputs.size() > f.body.inputs.size() || call.outputs.size() > f.body.outputs.size())
    throw error{error_kind::invalid,
                "a call of function '" + f.name + "' has more inputs or outputs than the function"};
  graph body = f.body;
  bind_attributes(body, f, call);
  return body;
}

}  // namespace octet::detail
