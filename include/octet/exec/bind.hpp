// What a model may be fed with: each backend refuses the same feeds, in the same words.
#pragma once

#include <string>

#include <octet/core/error.hpp>
#include <octet/exec/feed.hpp>
#include <octet/graph/graph.hpp>

namespace octet::detail {

/// The names and types of a graph's inputs, as the hint of an error.
inline std::string inputs_text(graph const& g) {
  std::string s = "the model's inputs:";
  for (auto const v : g.inputs)
    if (!g[v].initializer) s += " " + g[v].name + (g[v].type ? " " + text(*g[v].type) : "");
  return s;
}

/// Throws `invalid` for a name in the feed that is no input of the graph.
inline void refuse_unknown(graph const& g, feed const& in) {
  for (auto const& [name, t] : in)
    if (auto const v = g.find(name); v == value_id::none || !g.is_input(v))
      throw error{error_kind::invalid, "the model has no input '" + name + "'", name, inputs_text(g)};
}

[[noreturn]] inline void refuse_missing(graph const& g, value_id v) {
  throw error{error_kind::invalid, "input '" + g[v].name + "' is missing", g[v].name, inputs_text(g)};
}

/// The tensor, aligned; throws `invalid` when its type or shape is not the one that the input declares.
inline tensor checked_input(value const& x, tensor const& t) {
  if (!x.type || !x.type->is_tensor()) return t.align();
  if (auto const want = x.type->element; want != element::undefined && want != t.type())
    throw error{error_kind::invalid,
                "input '" + x.name + "' is " + onnx_name(want) + " and was given " + onnx_name(t.type()), x.name};
  if (auto const& dims = x.type->dims) {
    bool fits = dims->size() == t.rank();
    for (std::size_t i = 0; fits && i < t.rank(); ++i) fits = !(*dims)[i].known() || (*dims)[i].size == t.dims()[i];
    if (!fits)
      throw error{
          error_kind::invalid,
          "input '" + x.name + "' is " + text(*x.type) + " and was given " + text(tensor_type(t.type(), t.dims())),
          x.name};
  }
  return t.align();
}

/// The value of that name; throws `invalid` when the graph has none.
inline value_id value_of(graph const& g, std::string_view name) {
  auto const v = g.find(name);
  if (v == value_id::none)
    throw error{error_kind::invalid, "the model has no tensor '" + std::string{name} + "'", std::string{name}};
  return v;
}

}  // namespace octet::detail
