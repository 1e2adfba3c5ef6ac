// GridSample reads a tensor at places that another tensor names; AffineGrid makes such places.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <octet/exec/ops/adapt.hpp>
#include <octet/exec/ops/arguments.hpp>
#include <octet/exec/ops/interpolation.hpp>

namespace octet::detail {

enum class sample_padding : std::uint8_t { zeros, border, reflection };

struct sampling_options {
  interpolation mode = interpolation::linear;
  sample_padding padding = sample_padding::zeros;
  bool align_corners = false;
};

/// One dimension of n elements: coordinates in [−1, 1] become places, places become elements or nothing (−1).
struct sampled_axis {
  std::int64_t n;
  sampling_options o;

  float low() const { return o.align_corners ? 0.0f : -0.5f; }
  float high() const { return float(n) - (o.align_corners ? 1.0f : 0.5f); }
  float reflected(float x) const {
    float const range = high() - low();
    if (!(range > 0)) return 0;
    float const distance = x < low() ? low() - x : x > high() ? x - high() : 0;
    if (distance == 0) return x;
    float const turns = std::floor(distance / range), rest = distance - turns * range;
    bool const even = std::fmod(turns, 2.0f) == 0;
    return (x < low()) == even ? low() + rest : high() - rest;
  }
  float place(float v) const {
    float x = o.align_corners ? (v + 1) / 2 * float(n - 1) : ((v + 1) * float(n) - 1) / 2;
    if (!(x > -1e9f && x < 1e9f)) x = x > 0 ? 1e9f : -1e9f;
    if (o.mode == interpolation::nearest) x = std::nearbyint(x);
    if (x >= low() && x <= high()) return x;
    if (o.padding == sample_padding::border) return std::clamp(x, 0.0f, float(n - 1));
    return o.padding == sample_padding::reflection ? reflected(x) : x;
  }
  std::int64_t element(std::int64_t i) const {
    if (i >= 0 && i < n) return i;
    if (o.padding == sample_padding::zeros) return -1;
    if (o.padding == sample_padding::border) return std::clamp<std::int64_t>(i, 0, n - 1);
    return std::clamp<std::int64_t>(std::int64_t(reflected(float(i))), 0, n - 1);
  }
};

/// Elements and weights that make one sample, over all dimensions.
struct sample_taps {
  std::vector<std::pair<std::int64_t, float>> all{};

  void start() { all.assign(1, {0, 1.0f}); }
  /// Goes on to the next dimension, whose elements are `stride` apart.
  void extend(sampled_axis const& a, float v, std::int64_t stride) {
    float const x = a.place(v);
    auto const base = std::int64_t(std::floor(x));
    float const ratio = x - float(base);
    std::pair<std::int64_t, float> one[4];
    std::size_t n = 0;
    auto const add = [&](std::int64_t i, float weight) {
      if (auto const e = a.element(i); e >= 0) one[n++] = {e * stride, weight};
    };
    if (a.o.mode == interpolation::nearest) add(std::int64_t(x), 1);
    if (a.o.mode == interpolation::linear) add(base, 1 - ratio), add(base + 1, ratio);
    if (a.o.mode == interpolation::cubic)
      for (std::int64_t i = -1; i < 3; ++i)
        add(base + i, static_cast<float>(cubic_weight(double(ratio) - double(i), -0.75)));
    std::vector<std::pair<std::int64_t, float>> next;
    for (auto const& [at, weight] : all)
      for (std::size_t i = 0; i < n; ++i) next.emplace_back(at + one[i].first, weight * one[i].second);
    all = std::move(next);
  }
};

inline void grid_sample(op_label const& who, call& c, sampling_options const& o) {
  auto const &x = c.inputs[0], &grid = c.inputs[1];
  auto const d = x.dims(), g = grid.dims();
  auto const spatial = d.rank() < 3 ? 0 : d.rank() - 2;
  if (spatial < 1 || spatial > 4 || g.rank() != d.rank() || g[0] != d[0] || g[g.rank() - 1] != std::int64_t(spatial))
    who.invalid("a grid of shape " + g.text() + " does not fit data of shape " + d.text());
  if (x.type() != element::f32 || grid.type() != element::f32)
    unsupported_type(who, x.type(), {element::f32, element::f16, element::bf16});
  shape dims = d;
  for (std::size_t i = 0; i < spatial; ++i) dims[i + 2] = g[i + 1];
  auto& out = c.make(0, element::f32, dims);
  if (out.size() == 0) return;
  auto const inner = d.product(2, d.rank()), places = dims.product(2, dims.rank());
  if (inner == 0) who.invalid("there is nothing to sample in shape " + d.text());
  auto const step = strides(d);
  auto const *const in = x.as<float>().data(), *const at = grid.as<float>().data();
  auto* const y = out.mutable_as<float>().data();
  for_rows(c.pool, d[0] * places, d[1] * 8, [&](std::int64_t begin, std::int64_t end) {
    sample_taps t;
    for (auto r = begin; r < end; ++r) {
      t.start();
      for (std::size_t i = 0; i < spatial; ++i)
        t.extend({d[i + 2], o}, at[r * std::int64_t(spatial) + std::int64_t(spatial - 1 - i)], step[i + 2]);
      for (std::int64_t k = 0; k < d[1]; ++k) {
        float const* const from = in + (r / places * d[1] + k) * inner;
        float sum = 0;
        for (auto const& [offset, weight] : t.all) sum += weight * from[offset];
        y[(r / places * d[1] + k) * places + r % places] = sum;
      }
    }
  });
}

inline operation prepare_grid_sample(preparation const& p) {
  expect_inputs(p, 2, 2);
  using i = interpolation;
  op_label const label{p};
  auto const mode = p.get<std::string>("mode", "linear"), padding = p.get<std::string>("padding_mode", "zeros");
  sampling_options o;
  if (mode == "linear" || mode == "bilinear") o.mode = i::linear;
  else if (mode == "cubic" || mode == "bicubic") o.mode = i::cubic;
  else if (mode == "nearest") o.mode = i::nearest;
  else label.invalid("mode is \"" + mode + "\"");
  if (padding == "border") o.padding = sample_padding::border;
  else if (padding == "reflection") o.padding = sample_padding::reflection;
  else if (padding != "zeros") label.invalid("padding_mode is \"" + padding + "\"");
  o.align_corners = p.get<std::int64_t>("align_corners", 0) != 0;
  return with_half([who = label, o](call& c) { grid_sample(who, c, o); });
}

inline operation prepare_affine_grid(preparation const& p) {
  expect_inputs(p, 2, 2);
  return with_half([who = op_label{p}, corners = p.get<std::int64_t>("align_corners", 0) != 0](call& c) {
    auto const d = c.inputs[0].dims();
    auto const size = integers_of(who, c.inputs[1]);
    auto const spatial = std::int64_t(size.size()) - 2;
    if ((spatial != 2 && spatial != 3) || !(d == shape{size[0], spatial, spatial + 1}))
      who.invalid("theta of shape " + d.text() + " does not fit a size of " + shape_of(size).text());
    integers dims(size.begin() + 2, size.end());
    dims.insert(dims.begin(), size[0]);
    dims.push_back(spatial);
    visit(who, c.inputs[0].type(), float_types{}, [&]<class T>(T) {
      auto const* const theta = c.inputs[0].as<T>().data();
      auto& out = c.make(0, c.inputs[0].type(), shape_of(dims));
      auto* const y = out.template mutable_as<T>().data();
      auto const places = out.size() == 0 ? 0 : shape_of(size).product(2, size.size());
      for_rows(c.pool, places * size[0], spatial * 8, [&](std::int64_t begin, std::int64_t end) {
        for (auto r = begin; r < end; ++r) {
          double at[4] = {0, 0, 0, 0};
          auto rest = r % places;
          for (std::int64_t i = 0; i < spatial; ++i) {  // the last dimension is the first coordinate
            auto const n = size[std::size_t(2 + spatial - 1 - i)];
            at[i] = corners ? (n == 1 ? -1 : 2 * double(rest % n) / double(n - 1) - 1)
                            : (2 * double(rest % n) + 1) / double(n) - 1;
            rest /= n;
          }
          at[spatial] = 1;
          for (std::int64_t i = 0; i < spatial; ++i) {
            double sum = 0;
            for (std::int64_t k = 0; k <= spatial; ++k)
              sum += double(theta[(r / places * spatial + i) * (spatial + 1) + k]) * at[k];
            y[r * spatial + i] = static_cast<T>(sum);
          }
        }
      });
    });
  });
}

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry sampling_operators[] = {
    {"AffineGrid", "", 20, &detail::prepare_affine_grid},
    {"GridSample", "", 16, &detail::prepare_grid_sample},
};

}  // namespace octet
