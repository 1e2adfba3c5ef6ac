// Constants: their grids, and their values on these grids.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <octet/core/convert.hpp>
#include <octet/core/tensor.hpp>
#include <octet/io/file.hpp>
#include <octet/kernels/quantize.hpp>
#include <octet/numeric/bias.hpp>
#include <octet/numeric/grid.hpp>
#include <octet/numeric/nibble.hpp>
#include <octet/numeric/weight.hpp>
#include <octet/ops/traits.hpp>
#include <octet/quantize/plan.hpp>

namespace octet {

namespace detail {

inline numeric::axis_view view_along(shape const& s, int axis) {
  auto const a = s.axis(axis);
  return {s.product(0, a), s[a], s.product(a + 1, s.rank())};
}

/// A large constant of a mapped file need not stay in memory once it was read: models may be larger than memory.
struct read_once {
  static constexpr std::size_t large = std::size_t{1} << 22;
  tensor const& values;

  ~read_once() {
    if (values.bytes().size() >= large) forget_pages(values.bytes(), values.owner());
  }
};

}  // namespace detail

/// Grids of a constant as its plan says: type, symmetry, axis, block. Throws `invalid` for NaN and infinities.
inline std::vector<grid> grids_of(tensor const& values, planned_tensor const& t, bool reduce_range,
                                  double minimum_real_range) {
  if (values.size() == 0) return {grid{1, 0, t.type}};
  detail::read_once const done{values};
  if (t.axis == no_axis) {
    range all;
    for_each_piece(values,
                   [&](std::size_t, std::span<float const> x) { all = detail::merge_nan(all, numeric::range_of(x)); });
    return {numeric::choose(all, t.type, t.symmetry, reduce_range, minimum_real_range)};
  }
  auto const x = to_f32(values);
  auto const elements = x.as<float>();
  auto const v = detail::view_along(x.dims(), t.axis);
  if (t.block > 0) {
    std::vector<grid> all(static_cast<std::size_t>(v.outer * numeric::blocks(v, t.block) * v.inner));
    bool const rows = t.block >= v.length;  // in smaller blocks the reference reduces nothing: no kernel adds them up
    numeric::choose_blocked(elements, v, t.block, t.type, t.symmetry, all, reduce_range && rows);
    return all;
  }
  std::vector<range> ranges(static_cast<std::size_t>(v.length));
  std::vector<grid> all(ranges.size());
  numeric::ranges_of(elements, v, ranges);
  numeric::choose_each(ranges, t.type, t.symmetry, reduce_range, all, minimum_real_range);
  return all;
}

namespace detail {

/// Runs of elements that share a grid: f(first element, count, grid number).
template <class F>
void for_each_run(shape const& dims, planned_tensor const& t, F f) {
  if (t.axis == no_axis) return f(std::ptrdiff_t{0}, dims.size(), std::size_t{0});
  auto const v = view_along(dims, t.axis);
  auto const steps = t.block > 0 ? numeric::blocks(v, t.block) : v.length;
  for (std::ptrdiff_t o = 0; o < v.outer; ++o)
    for (std::ptrdiff_t k = 0; k < v.length; ++k) {
      auto const first = (o * v.length + k) * v.inner;
      if (t.block == 0) {
        f(first, v.inner, static_cast<std::size_t>(k));
        continue;
      }
      for (std::ptrdiff_t i = 0; i < v.inner; ++i)
        f(first + i, std::ptrdiff_t{1}, static_cast<std::size_t>((o * steps + k / t.block) * v.inner + i));
    }
}

template <class T>
void quantize_runs(std::span<float const> in, shape const& dims, planned_tensor const& t, std::span<T> out) {
  if (t.per_channel() && view_along(dims, t.axis).inner == 1) {  // channels innermost: a run would be one element
    auto const columns = static_cast<std::ptrdiff_t>(t.grids.size());
    auto const rows = columns == 0 ? 0 : static_cast<std::ptrdiff_t>(in.size()) / columns;
    return kernels::quantize_columns({in.data(), rows, columns}, t.grids, matrix<T>{out.data(), rows, columns});
  }
  for_each_run(dims, t, [&](std::ptrdiff_t first, std::ptrdiff_t n, std::size_t g) {
    auto const from = static_cast<std::size_t>(first), count = static_cast<std::size_t>(n);
    kernels::quantize(in.subspan(from, count), t.grids[g], out.subspan(from, count));
  });
}

/// The same for a constant as it is stored, without a copy of all of it where one grid serves all.
template <class T>
void quantize_stored(tensor const& values, planned_tensor const& t, std::span<T> out) {
  if (t.axis != no_axis) return quantize_runs<T>(to_f32(values).as<float>(), values.dims(), t, out);
  for_each_piece(values, [&](std::size_t first, std::span<float const> x) {
    kernels::quantize(x, t.grids[0], out.subspan(first, x.size()));
  });
}

template <class T>
tensor quantize_nibbles(tensor const& values, planned_tensor const& t) {
  std::vector<T> wide(static_cast<std::size_t>(values.size()));
  quantize_stored<T>(values, t, wide);
  tensor q{t.type, values.dims()};
  numeric::pack_nibbles(std::span<T const>{wide}, q.mutable_bytes());
  return q;
}

}  // namespace detail

/// The integers of a constant on its grids, as a tensor of the planned type.
inline tensor quantize_constant(tensor const& values, planned_tensor const& t) {
  detail::read_once const done{values};
  tensor q{t.type, values.dims()};
  switch (t.type) {
    case element::u8:
      detail::quantize_stored<std::uint8_t>(values, t, q.mutable_as<std::uint8_t>());
      return q;
    case element::s8:
      detail::quantize_stored<std::int8_t>(values, t, q.mutable_as<std::int8_t>());
      return q;
    case element::u16:
      detail::quantize_stored<std::uint16_t>(values, t, q.mutable_as<std::uint16_t>());
      return q;
    case element::s16:
      detail::quantize_stored<std::int16_t>(values, t, q.mutable_as<std::int16_t>());
      return q;
    case element::u4:
      return detail::quantize_nibbles<std::uint8_t>(values, t);
    case element::s4:
      return detail::quantize_nibbles<std::int8_t>(values, t);
    default:
      break;
  }
  throw error{error_kind::unsupported, "constants are not quantized to " + onnx_name(t.type)};
}

namespace detail {

/// A bias that does not fit int32 at scale input × weight gets a coarser weight. Returns whether it needed one.
inline bool widen_weight(tensor const& b, float input_scale, planned_tensor& w) {
  bool const fits = (w.type == element::s8 || w.type == element::s16) &&
                    std::all_of(w.grids.begin(), w.grids.end(), [](grid const& g) { return g.zero_point == 0; });
  if (!fits) return false;
  auto const values = to_f32(b);
  auto const bias = values.as<float>();
  if (w.grids.size() == 1) return numeric::widen_for_bias(bias, input_scale, w.grids[0].scale);
  std::vector<float> scales(bias.size());
  for (std::size_t i = 0; i < scales.size(); ++i) scales[i] = w.grids[i % w.grids.size()].scale;
  bool const changed = numeric::widen_for_bias(bias, input_scale, scales);
  for (std::size_t i = 0; i < scales.size(); ++i)
    w.grids[i % w.grids.size()].scale = std::max(w.grids[i % w.grids.size()].scale, scales[i]);
  return changed;
}

}  // namespace detail

}  // namespace octet
