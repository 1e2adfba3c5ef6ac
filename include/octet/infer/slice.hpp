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
inline std::optional<expression> position(std::optional<quantity> const& q, expression const& dim, expression const& low, expression const& high,
                                          std::int64_t int_max) {
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
inline std::optional<expression> slice_length(inference& c, std::optional<quantity> const& start, std::optional<quantity> const& end,
                                              std::int64_t step, expression const& dim) {
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

inline std::optional<quantities> sliced_values(quantities const& v, slice_bounds const& b) {
  auto const n = static_cast<std::int64_t>(v.size());
  auto const number = [](std::optional<quantity> const& q) { return q && q->whole() ? q->top.number() : std::nullopt; };
  auto const start = number(b.starts[0]), end = number(b.ends[0]);
  if (!start || !end || !b.steps[0]) return std::nullopt;
  auto const step = *b.steps[0];
  auto const clamp = [&](std::int64_t x, std::int64_t low, std::int64_t high) {
    return std::clamp(x < 0 ? (x < -n ? low : x + n) : x, low, high);
  };
  quantities out;
  if (step > 0)
    for (auto i = clamp(*start, 0, n); i < clamp(*end, 0, n); i += std::min(step, n)) out.push_back(v[static_cast<std::size_t>(i)]);
  else if (n != 0)
    for (auto i = clamp(*start, 0, n - 1); i > clamp(*end, -1, n - 1); i += std::max(step, -n)) out.push_back(v[static_cast<std::size_t>(i)]);
  return out;
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
  if (out.size() == 1 && c.in(0).values && b->axes.size() == 1) c.values(0, sliced_values(*c.in(0).values, *b));
  else if (b->axes.empty()) c.values(0, c.in(0).values);
}

}  // namespace octet::detail
