// Types and shapes of reductions.
#pragma once

#include <octet/infer/values.hpp>

namespace octet::detail {

inline std::optional<dimensions> reduced_dims(inference& c) {
  if (!c.ranked(0)) return std::nullopt;
  auto const& d = *c.dims(0);
  bool const keep = c.node.get<std::int64_t>("keepdims", 1) != 0;
  auto const axes = c.integers(1, "axes");
  if (!axes && c.has(1)) {  // which axes is not known, how many may be
    if (!keep) return std::nullopt;
    dimensions out;
    for (std::size_t i = 0; i < d.size(); ++i) out.push_back(c.fresh(0, i));
    return out;
  }
  bool const all = !axes || axes->empty();
  if (all && c.node.get<std::int64_t>("noop_with_empty_axes", 0) != 0) return d;
  std::vector<bool> gone(d.size(), all);
  if (axes)
    for (auto const a : *axes) gone[axis_index(a, d.size())] = true;
  dimensions out;
  for (std::size_t i = 0; i < d.size(); ++i)
    if (!gone[i]) out.push_back(d[i]);
    else if (keep) out.push_back(1);
  return out;
}

template <binary_value F>
void infer_reduction(inference& c) {
  c.set(0, c.type(0), reduced_dims(c));
  auto const& v = c.in(0).values;
  if (F == nullptr || !v || v->empty() || !c.ranked(0) || c.dims(0)->size() != 1) return;
  std::optional<quantity> sum = (*v)[0];
  for (std::size_t i = 1; i < v->size(); ++i)
    sum = sum && (*v)[i] ? F(*sum, *(*v)[i], is_integer(c.type(0))) : std::nullopt;
  auto const s = value_shape(c.result(0).dims);
  if (s && s->size() == 1) c.values(0, quantities{sum});
}

inline void infer_arg(inference& c) {
  c.type(0, element::s64);
  if (!c.ranked(0) || c.dims(0)->empty()) return;
  auto d = *c.dims(0);
  auto const at = axis_index(c.node.get<std::int64_t>("axis", 0), d.size());
  if (c.node.get<std::int64_t>("keepdims", 1) != 0) d[at] = 1;
  else d.erase(d.begin() + static_cast<std::ptrdiff_t>(at));
  c.shape(0, d);
}

inline constexpr inference_entry reduction_inference[] = {
    {"ReduceSum", "", &infer_reduction<add_values>},
    {"ReduceProd", "", &infer_reduction<multiply_values>},
    {"ReduceMax", "", &infer_reduction<max_values>},
    {"ReduceMin", "", &infer_reduction<min_values>},
    {"ReduceMean", "", &infer_reduction<nullptr>},
    {"ReduceL1", "", &infer_reduction<nullptr>},
    {"ReduceL2", "", &infer_reduction<nullptr>},
    {"ReduceLogSum", "", &infer_reduction<nullptr>},
    {"ReduceLogSumExp", "", &infer_reduction<nullptr>},
    {"ReduceSumSquare", "", &infer_reduction<nullptr>},
    {"ArgMax", "", &infer_arg},
    {"ArgMin", "", &infer_arg},
};

}  // namespace octet::detail
