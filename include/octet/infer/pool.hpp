// Types and shapes of pooling and resampling.
#pragma once

#include <octet/infer/conv.hpp>
#include <octet/infer/values.hpp>

namespace octet::detail {

inline void infer_pool(inference& c) {
  infer_like_first(c);
  c.type(1, element::s64);
  auto const& d = c.dims(0);
  auto const* kernel = c.node.get<std::vector<std::int64_t>>("kernel_shape");
  c.shape(0, std::nullopt);
  if (!d || d->size() < 2 || kernel == nullptr || kernel->size() != d->size() - 2) return;
  auto const w = sliding_window_of(c.node, kernel->size(), *kernel);
  dimensions out{(*d)[0], (*d)[1]};
  for (std::size_t i = 0; i < kernel->size(); ++i) out.push_back(window_count((*d)[2 + i], w, i));
  c.shape(0, out);
  c.shape(1, out);
}

inline void infer_global_pool(inference& c) {
  auto d = c.dims(0);
  for (std::size_t i = 2; d && i < d->size(); ++i) (*d)[i] = 1;
  c.set(0, c.type(0), d);
}

inline void infer_max_unpool(inference& c) {
  c.type(0, c.type(0));
  if (auto const s = c.expressions(2)) c.shape(0, *s);
  else if (c.ranked(0)) {
    dimensions d{(*c.dims(0))[0], (*c.dims(0))[1]};
    for (std::size_t i = 2; i < c.dims(0)->size(); ++i) d.push_back(c.fresh(0, i));
    c.shape(0, d);
  }
}

inline void infer_roi_align(inference& c) {
  c.type(0, c.type(0));
  if (!c.ranked(0) || !c.ranked(1) || c.dims(0)->size() != 4 || c.dims(1)->empty()) return;
  c.shape(0, dimensions{(*c.dims(1))[0], (*c.dims(0))[1], c.node.get<std::int64_t>("output_height", 1),
                        c.node.get<std::int64_t>("output_width", 1)});
}

/// ⌊dim·scale⌋, exact for symbols when the scale is a fraction of small powers of two.
inline expression scaled(inference& c, expression const& dim, std::optional<quantity> const& scale, std::size_t axis) {
  if (scale && !scale->real && scale->top.is_number()) return floor_div(dim * scale->top, scale->bottom);
  if (scale && scale->number() && dim.is_number())  // as ONNX Runtime: float arithmetic
    return static_cast<std::int64_t>(
        std::floor(static_cast<float>(dim.constant()) * static_cast<float>(*scale->number())));
  if (scale && scale->whole() && scale->top.range().low >= 0) return dim * scale->top;
  return c.fresh(0, axis);
}

/// The policies that keep the ratio: one scale for all resized axes, the least or the greatest that fits.
inline void keep_ratio(dimensions& out, dimensions const& in, std::vector<std::size_t> const& axes,
                       std::string_view policy) {
  std::optional<float> scale;
  for (auto const a : axes) {
    if (!out[a].is_number() || !in[a].is_number() || in[a].is(0)) return;
    auto const s = static_cast<float>(out[a].constant()) / static_cast<float>(in[a].constant());
    if (!scale || (policy == "not_larger" ? s < *scale : s > *scale)) scale = s;
  }
  for (auto const a : axes)
    out[a] = static_cast<std::int64_t>(std::round(*scale * static_cast<float>(in[a].constant())));
}

inline void infer_resize(inference& c) {
  c.type(0, c.type(0));
  auto const& d = c.dims(0);
  if (!d) return;
  bool const old = c.opset < 11;  // (x, scales)
  std::size_t const scales_at = old ? 1 : 2, sizes_at = 3;
  std::vector<std::size_t> axes;
  if (auto const* a = c.node.get<std::vector<std::int64_t>>("axes"))
    for (auto const x : *a) axes.push_back(axis_index(x, d->size()));
  else
    for (std::size_t i = 0; i < d->size(); ++i) axes.push_back(i);
  dimensions out = *d;
  if (!old && c.has(sizes_at)) {
    auto const& v = c.in(sizes_at).values;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      bool const known = v && i < v->size() && (*v)[i] && (*v)[i]->whole() && (*v)[i]->top.range().low >= 0;
      out[axes[i]] = known ? (*v)[i]->top : c.fresh(0, axes[i]);
    }
    if (auto const policy = c.node.get<std::string>("keep_aspect_ratio_policy", "stretch"); policy != "stretch")
      keep_ratio(out, *d, axes, policy);
  } else if (c.has(scales_at)) {
    auto const& v = c.in(scales_at).values;
    for (std::size_t i = 0; i < axes.size(); ++i)
      out[axes[i]] = scaled(c, (*d)[axes[i]], v && i < v->size() ? (*v)[i] : std::nullopt, axes[i]);
  } else return;
  c.shape(0, out);
}

inline void infer_upsample(inference& c) {
  c.type(0, c.type(0));
  auto const& d = c.dims(0);
  if (!d) return;
  std::optional<quantities> v = c.in(1).values;
  if (auto const* s = c.node.get<std::vector<float>>("scales")) {
    v.emplace();
    for (auto const x : *s) v->push_back(quantity_of(x));
  }
  dimensions out;
  for (std::size_t i = 0; i < d->size(); ++i)
    out.push_back(scaled(c, (*d)[i], v && i < v->size() ? (*v)[i] : std::nullopt, i));
  c.shape(0, out);
}

inline void infer_grid_sample(inference& c) {
  c.type(0, c.type(0));
  if (!c.ranked(0) || !c.ranked(1) || c.dims(0)->size() < 3 || c.dims(1)->size() != c.dims(0)->size()) return;
  dimensions d{(*c.dims(0))[0], (*c.dims(0))[1]};
  d.insert(d.end(), c.dims(1)->begin() + 1, c.dims(1)->end() - 1);
  c.shape(0, d);
}

inline constexpr inference_entry pool_inference[] = {
    {"MaxPool", "", &infer_pool},
    {"AveragePool", "", &infer_pool},
    {"LpPool", "", &infer_pool},
    {"GlobalAveragePool", "", &infer_global_pool},
    {"GlobalMaxPool", "", &infer_global_pool},
    {"GlobalLpPool", "", &infer_global_pool},
    {"MaxUnpool", "", &infer_max_unpool},
    {"RoiAlign", "", &infer_roi_align},
    {"Resize", "", &infer_resize},
    {"Upsample", "", &infer_upsample},
    {"GridSample", "", &infer_grid_sample},
};

}  // namespace octet::detail
