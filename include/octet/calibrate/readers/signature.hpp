// What a model wants of a sample, and samples checked against it before anything runs: the error names file and tensor.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <octet/exec/feed.hpp>
#include <octet/graph/graph.hpp>

namespace octet {

/// An input of a model.
struct model_input {
  std::string name{};
  std::optional<value_type> type{};
  bool has_default = false;  ///< an initializer of the same name serves when a sample does not have it
};

inline std::vector<model_input> inputs_of(model const& m) {
  std::vector<model_input> all;
  for (auto const v : m.main.inputs) {
    auto const& x = m.main[v];
    all.push_back({x.name, x.type, x.initializer.has_value()});
  }
  return all;
}

namespace detail {

inline std::string list_of(std::vector<model_input> const& inputs) {
  std::string s = "the model's inputs:";
  for (auto const& i : inputs) s += ' ' + i.name + (i.type ? ' ' + text(*i.type) : "");
  return s;
}

/// Throws `invalid` unless `t` fits the type of the input; dimensions that the model leaves open fit anything.
inline void check_input(model_input const& in, tensor const& t, std::string const& file) {
  if (!in.type || !in.type->is_tensor()) return;
  bool fits = in.type->element == element::undefined || in.type->element == t.type();
  if (auto const& dims = in.type->dims; fits && dims) {
    fits = dims->size() == t.rank();
    for (std::size_t i = 0; fits && i < t.rank(); ++i) fits = !(*dims)[i].known() || (*dims)[i].size == t.dims()[i];
  }
  if (!fits)
    throw error{error_kind::invalid,
                file + ": tensor '" + in.name + "' is " + text(tensor_type(t.type(), t.dims())) + ", the model wants " +
                    text(*in.type),
                file};
}

/// Throws `invalid` unless `sample` has exactly what the model wants.
inline void check_sample(std::vector<model_input> const& inputs, feed const& sample, std::string const& file) {
  for (auto const& in : inputs) {
    auto const it = sample.find(in.name);
    if (it != sample.end()) check_input(in, it->second, file);
    else if (!in.has_default)
      throw error{
          error_kind::invalid,
          file + ": tensor '" + in.name + "' is missing" + (in.type ? ", the model wants " + text(*in.type) : ""), file,
          list_of(inputs)};
  }
  for (auto const& [name, t] : sample) {
    bool known = false;
    for (auto const& in : inputs) known = known || in.name == name;
    if (!known)
      throw error{
          error_kind::invalid,
          file + ": tensor '" + name + "' (" + text(tensor_type(t.type(), t.dims())) + ") is not an input of the model",
          file, list_of(inputs)};
  }
}

}  // namespace detail
}  // namespace octet
