// The shape of a Slice, whose bounds may be symbolic, negative or beyond the end.
#pragma once

#include <octet/infer/values.hpp>

namespace octet::detail {

/// starts, ends, axes and steps of a Slice, whether they are inputs or attributes.
struct slice_bounds {
  quantities starts{}, ends{};
  std::vector<std::size_t> axes{};
  std::vector<std::optional<std::int64_t>> steps{};
};

inline std::optional<slice_bounds> bounds_of(inference& c, std::size_t rank) {
  slice_bounds b;
  auto const list = [&](std::size_t i, char const* attribute) -> std::optional<quantities> {
    if (auto const* a = c.node.get<std::vector<std::int64_t>>(attribute)) return quantities(a->begin(), a->end());
    if (c.in(i).values) return c.in(i).values;
    auto const& d = c.dims(i);  // how many axes, at least
    if (d && d->size() == 1 && (*d)[0].is_number() && (*d)[0].constant() <= 64)
      return quantities(static_cast<std::size_t>((*d)[0].constant()));
    return std::nullopt;
  };
  auto const starts = list(1, "starts"), ends = list(2, "ends");
  if (!starts || !ends || starts->size() != ends->size()) return std::nullopt;
  b.starts = *starts, b.ends = *ends;
  auto const axes = c.integers(3, "axes");
  if (!axes && c.has(3)) return std::nullopt;
  for (std::size_t i = 0; i < b.starts.size(); ++i) {
    if (axes && i >= axes->size()) return std::nullopt;
    b.axes.push_back(axis_index(axes ? (*axes)[i] : static_cast<std::int64_t>(i), rank));
  }
  auto const steps = c.integers(4);
  for (std::size_t i = 0; i < b.starts.size(); ++i) {
    if (c.has(4) && (!steps || i >= steps->size())) b.steps.push_back(std::nullopt);
    else b.steps.push_back(steps ? (*steps)[i] : 1);
  }
  return b;
}

/// A bound as a position in [low, high]: negative ones count from the end. Nothing when its sign is not known.
inline std::optional<expression> position(std::optional<quantity> const& q, expression const& dim,
                                          expression const& low, expression const& high, std::int64_t int_max) {
  if (!q || !q->whole()) return std::nullopt;
  auto const& x = q->top;
  if (x.is_number() && x.constant() >= int_max) return high;
  if (x.is_number() && x.constant() <= -int_max) return low;
  auto const r = x.range();
  if (r.low >= 0) return min(x, high);
  if (r.high < 0) return max(dim + x, low);
  return std::nullopt;
}

/// The number of elements between two bounds.
inline std::optional<expression> slice_length(inference& c, std::optional<quantity> const& start,
                                              std::optional<quantity> const& end, std::int64_t step,
                                              expression const& dim) {
  auto const limit = c.options().int_max;
  if (step == 0 || step == lowest) throw error{error_kind::invalid, "a Slice has step 0", c.node.name};
  if (step > 0) {
    auto const from = position(start, dim, 0, dim, limit), to = position(end, dim, 0, dim, limit);
    if (!from || !to) return std::nullopt;
    return max(0, ceil_div(*to - *from, step));
  }
  auto const from = position(start, dim, 0, dim - 1, limit), to = position(end, dim, -1, dim - 1, limit);
  if (!from || !to) return std::nullopt;
  return max(0, ceil_div(*from - *to, -step));
}

/// The indices along one axis of n elements that a Slice with known bounds takes.
inline std::optional<std::vector<std::int64_t>> sliced_indices(slice_bounds const& b, std::size_t i, std::int64_t n) {
  auto const number = [](std::optional<quantity> const& q) { return q && q->whole() ? q->top.number() : std::nullopt; };
  auto const start = number(b.starts[i]), end = number(b.ends[i]);
  if (!start || !end || !b.steps[i]) return std::nullopt;
  auto const step = std::clamp<std::int64_t>(*b.steps[i], -n - 1, n + 1);
  auto const bound = [&](std::int64_t x, std::int64_t low, std::int64_t high) {
    return std::clamp(x < 0 ? (x < -n ? low : x + n) : x, low, high);
  };
  std::vector<std::int64_t> all;
  if (step > 0)
    for (auto k = bound(*start, 0, n); k < bound(*end, 0, n); k += step) all.push_back(k);
  else if (n != 0)
    for (auto k = bound(*start, 0, n - 1); k > bound(*end, -1, n - 1); k += step) all.push_back(k);
  return all;
}

/// The elements of a small tensor at the cross product of indices along its axes.
inline std::optional<quantities> picked_values(tensor_facts const& f,
                                               std::vector<std::optional<std::vector<std::int64_t>>> const& along) {
  auto const s = value_shape(f.dims);
  if (!s || !f.values || s->size() != static_cast<std::int64_t>(f.values->size())) return std::nullopt;
  std::vector<std::int64_t> at{0};
  auto const step = strides(*s);
  for (std::size_t a = 0; a < s->rank(); ++a) {
    if (a < along.size() && !along[a]) return std::nullopt;
    std::vector<std::int64_t> next;
    auto const count = a < along.size() ? static_cast<std::int64_t>(along[a]->size()) : (*s)[a];
    for (auto const base : at)
      for (std::int64_t k = 0; k < count; ++k)
        next.push_back(base + (a < along.size() ? (*along[a])[static_cast<std::size_t>(k)] : k) * step[a]);
    at = std::move(next);
  }
  quantities v;
  for (auto const i : at) v.push_back((*f.values)[static_cast<std::size_t>(i)]);
  return v;
}

inline std::optional<quantities> sliced_values(tensor_facts const& f, slice_bounds const& b) {
  auto const s = value_shape(f.dims);
  if (!s || !f.values) return std::nullopt;
  std::vector<std::optional<std::vector<std::int64_t>>> along;
  for (std::size_t a = 0; a < s->rank(); ++a) {
    along.emplace_back(std::in_place, static_cast<std::size_t>((*s)[a]));
    std::iota(along[a]->begin(), along[a]->end(), std::int64_t{0});
  }
  for (std::size_t i = 0; i < b.axes.size(); ++i) along[b.axes[i]] = sliced_indices(b, i, (*s)[b.axes[i]]);
  return picked_values(f, along);
}

inline void infer_slice(inference& c) {
  c.type(0, c.type(0));
  if (!c.ranked(0)) return;
  auto out = *c.dims(0);
  auto const b = bounds_of(c, out.size());
  if (!b) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = c.fresh(0, i);
    return c.shape(0, out);
  }
  for (std::size_t i = 0; i < b->axes.size(); ++i) {
    auto& d = out[b->axes[i]];
    auto const n = b->steps[i] ? slice_length(c, b->starts[i], b->ends[i], *b->steps[i], d) : std::nullopt;
    d = n ? *n : c.fresh(0, b->axes[i]);
  }
  c.shape(0, out);
  c.values(0, sliced_values(c.in(0), *b));
}

}  // namespace octet::detail
