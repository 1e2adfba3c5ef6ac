// What a user fixed for single tensors: whether it makes sense for this model.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <octet/graph/bodies.hpp>
#include <octet/quantize/options.hpp>

namespace octet::detail {

[[noreturn]] inline void refuse_override(std::string const& tensor, std::string what, std::string hint = {}) {
  throw error{error_kind::invalid, std::move(what), "override of tensor '" + tensor + "'", std::move(hint)};
}

inline void check_fixed_grid(std::string const& tensor, bool scale, bool zero_point, bool symmetric, bool reduced,
                             bool low, bool high) {
  if (scale != zero_point)
    refuse_override(tensor, "Must provide both 'scale' and 'zero_point' for tensor '" + tensor + "'");
  if (!scale) return;
  std::string keys;
  for (auto const& [there, key] :
       {std::pair{symmetric, "symmetric"}, {reduced, "reduce_range"}, {low, "rmin"}, {high, "rmax"}})
    if (there) keys += (keys.empty() ? "" : ", ") + std::string{key};
  if (!keys.empty()) refuse_override(tensor, "option(s) [" + keys + "] are invalid with 'scale' and 'zero_point'");
}

inline void check_constant_override(std::string const& name, tensor_override const& t, tensor const& values) {
  if (t.convert) refuse_override(name, "'convert' is for activations, '" + name + "' is constant");
  auto const entries = std::max({t.scale.size(), t.zero_point.size(), t.low.size(), t.high.size(), t.entries});
  if (!t.axis) {
    if (entries > 1) refuse_override(name, "entries per channel need an 'axis'");
    return;
  }
  auto const rank = static_cast<int>(values.rank());
  if (*t.axis < -rank || *t.axis >= rank)
    refuse_override(name, "axis " + std::to_string(*t.axis) + " is out of range for shape " + values.dims().text());
  auto const channels = static_cast<std::size_t>(values.dims()[values.dims().axis(*t.axis)]);
  if (entries > 1 && entries != channels)
    refuse_override(name,
                    "there are " + std::to_string(entries) + " entries for " + std::to_string(channels) + " channels");
  if (t.low.size() != t.high.size()) refuse_override(name, "per channel 'rmin' needs 'rmax' and the reverse");
}

inline void check_activation_override(std::string const& name, tensor_override const& t, element original) {
  if (t.axis || t.scale.size() > 1 || t.low.size() > 1 || t.high.size() > 1)
    refuse_override(name, "an activation has one grid, not one per channel");
  if (t.reduce_range) refuse_override(name, "'reduce_range' is for constants");
  if (!t.convert) return;
  if (t.convert->type == element::undefined) refuse_override(name, "'convert' needs a 'quant_type'");
  if (t.convert->type == t.type.value_or(original))
    refuse_override(name, "'convert' has the type that the tensor has already");
  check_fixed_grid(name, t.convert->scale.has_value(), t.convert->zero_point.has_value(),
                   t.convert->symmetry.has_value(), false, t.convert->low.has_value(), t.convert->high.has_value());
}

/// Throws `invalid` for an override that names no tensor or contradicts itself or the model.
inline void check_overrides(model const& m, scheme const& s, quantize_options const& o) {
  for (auto const& [key, t] : o.overrides) {
    auto const& name = key;  // a lambda of clang++ 14 captures no binding
    graph const* g = nullptr;
    value_id v = value_id::none;
    for_each_quantized_graph(m, o.enable_subgraph, [&](graph const& x) {
      if (auto const found = x.find(name); found != value_id::none && g == nullptr) g = &x, v = found;
    });
    if (g == nullptr) refuse_override(name, "tensor '" + name + "' is not present in the model");
    for (auto const e : {t.type.value_or(s.activation), t.convert ? t.convert->type : s.activation})
      if (e != element::undefined && !numeric::has_grid(e))
        refuse_override(name, "no grid of type " + onnx_name(e) + " exists");
    check_fixed_grid(name, !t.scale.empty(), !t.zero_point.empty(), t.symmetry.has_value(), t.reduce_range.has_value(),
                     !t.low.empty(), !t.high.empty());
    if (t.scale.size() != t.zero_point.size())
      refuse_override(name, "there are more entries with 'scale' than with 'zero_point', or fewer");
    if (auto const* c = g->constant(v)) check_constant_override(name, t, *c);
    else check_activation_override(name, t, s.activation);
    if (t.convert && o.format == format::qoperator) refuse_override(name, "'convert' exists in QDQ format only");
    if (t.convert && o.dedicated_qdq_pair) refuse_override(name, "'convert' does not go with dedicated Q/DQ pairs");
  }
}

}  // namespace octet::detail
