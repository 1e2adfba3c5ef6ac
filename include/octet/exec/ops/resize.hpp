// Resize in all its forms, and Upsample. Nearest moves elements of any type; linear and cubic go axis by axis in float.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <octet/exec/ops/interpolation.hpp>
#include <octet/exec/ops/rows.hpp>
#include <octet/exec/ops/slicing.hpp>

namespace octet::detail {

/// out[o, k, i] = Σ weight · in[o, index, i]
inline void interpolate(call& c, float const* in, float* out, std::int64_t outer, resize_axis const& a,
                        std::int64_t inner, taps const& t, float outside) {
  for_rows(c.pool, outer * a.m, inner * t.count, [&](std::int64_t begin, std::int64_t end) {
    for (auto r = begin; r < end; ++r) {
      auto const o = r / a.m, k = r % a.m;
      auto const* const w = t.weight.data() + k * t.count;
      auto const* const at = t.index.data() + k * t.count;
      float const* const x = in + o * a.n * inner;
      float* const y = out + r * inner;
      if (std::isnan(w[0])) {
        std::fill(y, y + inner, outside);
      } else if (inner == 1) {
        float sum = 0;
        for (std::int64_t j = 0; j < t.count; ++j) sum += w[j] * x[at[j]];
        *y = sum;
      } else {
        scale_row(x + at[0] * inner, y, inner, w[0], 0.0f);
        for (std::int64_t j = 1; j < t.count; ++j)
          map_floats(y, false, x + at[j] * inner, false, y, inner,
                     [f = floats(w[j])](floats s, floats v) { return s + f * v; });
      }
    }
  });
}

inline tensor resize_linear(call& c, op_label const& who, tensor in, std::vector<resize_axis> const& axes,
                            resize_options const& o) {
  for (std::size_t d = axes.size(); d-- != 0;) {
    auto const& a = axes[d];
    if (a.same(o.where)) continue;
    shape dims = in.dims();
    dims[d] = a.m;
    tensor out = c.memory.make(element::f32, dims);
    auto const t = weighted_places(who, a, o);
    interpolate(c, in.as<float>().data(), out.mutable_as<float>().data(), dims.product(0, d), a,
                dims.product(d + 1, dims.rank()), t, o.extrapolation);
    in = out;
  }
  return in;
}

inline void resize_nearest(call& c, op_label const& who, tensor const& in, std::vector<resize_axis> const& axes,
                           resize_options const& o, tensor& out) {
  std::vector<integers> places;
  for (auto const& a : axes) places.push_back(nearest_places(who, a, o));
  tensor const fill = convert(c, tensor::scalar(o.extrapolation), in.type());
  visit_width(who, in.type(), [&]<class T>(T) {
    pad_elements(c, reinterpret_cast<T const*>(in.bytes().data()), in.dims(),
                 reinterpret_cast<T*>(out.mutable_bytes().data()), out.dims(), places,
                 *reinterpret_cast<T const*>(fill.bytes().data()));
  });
}

/// Resizes by prepared axes; integers are interpolated in float and rounded.
inline tensor resize(call& c, op_label const& who, tensor const& in, std::vector<resize_axis> const& axes,
                     resize_options const& o) {
  shape dims = in.dims();
  for (std::size_t i = 0; i < axes.size(); ++i) dims[i] = axes[i].m;
  tensor out = c.memory.make(in.type(), dims);  // before the tables, which are no larger than it
  if (out.size() == 0) return out;
  if (in.size() == 0) who.invalid("an empty tensor cannot be resized to " + dims.text());
  if (std::all_of(axes.begin(), axes.end(), [&](auto const& a) { return a.same(o.where); })) return in;
  if (o.mode == interpolation::nearest) {
    resize_nearest(c, who, in, axes, o, out);
    return out;
  }
  tensor r = resize_linear(c, who, convert(c, in, element::f32), axes, o);
  if (in.type() == element::f32) return r;
  if (carrier_of(in.type()) == carrier::s64) {
    bool const wraps = is_signed(in.type()) || bits(in.type()) >= 32;
    float const low = wraps && bits(in.type()) < 32 ? -std::ldexp(1.0f, bits(in.type()) - 1)
                      : bits(in.type()) < 32        ? 0.0f
                                                    : -2147483648.0f;
    float const high = bits(in.type()) < 32 ? low + std::ldexp(1.0f, bits(in.type())) - 1 : 2147483520.0f;
    auto* const y = r.mutable_as<float>().data();
    for (std::int64_t i = 0; i < r.size(); ++i) y[i] = std::clamp(std::nearbyint(y[i]), low, high);
  }
  return convert(c, r, in.type());
}

template <class E, std::size_t N>
E choice(preparation const& p, std::string_view key, std::string_view otherwise,
         std::pair<std::string_view, E> const (&known)[N]) {
  auto const text = p.get<std::string>(key, std::string{otherwise});
  for (auto const& [name, value] : known)
    if (name == text) return value;
  op_label{p}.unsupported(std::string{key} + " is \"" + text + "\"");
}

inline resize_options resize_options_of(preparation const& p) {
  using c = coordinates;
  using i = interpolation;
  using r = nearest_rule;
  resize_options o;
  o.mode = choice<i>(p, "mode", "nearest",
                     {{"nearest", i::nearest}, {"linear", i::linear}, {"bilinear", i::linear}, {"cubic", i::cubic}});
  if (p.opset < 11 || p.node.op == "Upsample") {
    o.where = c::asymmetric, o.nearest = r::simple;
    return o;
  }
  o.where = choice<c>(p, "coordinate_transformation_mode", "half_pixel",
                      {{"half_pixel", c::half_pixel},
                       {"half_pixel_symmetric", c::half_pixel_symmetric},
                       {"pytorch_half_pixel", c::pytorch_half_pixel},
                       {"align_corners", c::align_corners},
                       {"asymmetric", c::asymmetric},
                       {"tf_half_pixel_for_nn", c::tf_half_pixel_for_nn},
                       {"tf_crop_and_resize", c::tf_crop_and_resize}});
  o.nearest = choice<r>(p, "nearest_mode", "round_prefer_floor",
                        {{"round_prefer_floor", r::round_prefer_floor},
                         {"round_prefer_ceil", r::round_prefer_ceil},
                         {"floor", r::floor},
                         {"ceil", r::ceil}});
  o.cubic = p.get("cubic_coeff_a", -0.75f);
  o.extrapolation = p.get("extrapolation_value", 0.0f);
  o.exclude_outside = p.get<std::int64_t>("exclude_outside", 0) != 0;
  o.antialias = p.get<std::int64_t>("antialias", 0) != 0;
  return o;
}

/// An optional list of floats: nothing when it is absent or empty.
inline std::vector<float> floats_of(op_label const& who, call& c, std::size_t i) {
  if (!c.has(i) || c.inputs[i].size() == 0) return {};
  auto const type = c.inputs[i].type();
  if (c.inputs[i].rank() != 1 || (type != element::f32 && type != element::f64 && !is_half(type)))
    who.invalid("input " + std::to_string(i) + " is not a list of floats");
  tensor const t = convert(c, c.inputs[i], element::f32);
  return {t.as<float>().begin(), t.as<float>().end()};
}

/// How sizes that would distort are changed.
enum class aspect : std::uint8_t { stretch, not_larger, not_smaller };

/// Sets one dimension by its scale.
inline void set_scale(op_label const& who, resize_axis& a, float scale) {
  double const m = std::floor(double(float(a.n) * scale));
  if (!(scale > 0) || !(m < 9e15)) who.invalid("a scale is " + std::to_string(scale));
  a.scale = scale, a.m = std::int64_t(m);
}

inline void set_sizes(op_label const& who, std::vector<resize_axis>& axes, std::vector<std::size_t> const& on,
                      integers sizes, aspect policy) {
  if (sizes.size() != on.size())
    who.invalid("has " + std::to_string(sizes.size()) + " sizes for " + std::to_string(on.size()) + " axes");
  float common = 0;
  for (std::size_t i = 0; i < on.size(); ++i) {
    if (sizes[i] < 0) who.invalid("a size is negative");
    float const s = float(sizes[i]) / float(axes[on[i]].n);
    common = i == 0 ? s : policy == aspect::not_larger ? std::min(common, s) : std::max(common, s);
  }
  for (std::size_t i = 0; i < on.size(); ++i) {
    auto& a = axes[on[i]];
    a.m = sizes[i], a.scale = float(a.m) / float(a.n);
    if (policy == aspect::stretch) continue;
    double const m = std::floor(double(common) * double(a.n) + 0.5);
    if (!(m < 9e15)) who.invalid("a size is too large");
    a.m = std::int64_t(m), a.scale = common;
  }
}

inline operation prepare_resize(preparation const& p) {
  bool const old = p.opset < 11;
  expect_inputs(p, old ? 2 : 1, old ? 2 : 4);
  auto const policy = choice<aspect>(
      p, "keep_aspect_ratio_policy", "stretch",
      {{"stretch", aspect::stretch}, {"not_larger", aspect::not_larger}, {"not_smaller", aspect::not_smaller}});
  auto const* given = p.node.get<integers>("axes");
  std::size_t const at = old ? 1 : 2;
  return with_any_element([who = op_label{p}, o = resize_options_of(p), policy, at, some = given != nullptr,
                           list = given ? *given : integers{}](call& c) {
    auto const& in = c.inputs[0];
    std::vector<resize_axis> axes;
    std::vector<std::size_t> on;
    for (std::size_t i = 0; i < in.rank(); ++i) axes.push_back({in.dims()[i], in.dims()[i]}), on.push_back(i);
    if (some) on = axes_of(who, list, in.rank());
    if (o.where == coordinates::tf_crop_and_resize) {
      auto const roi = floats_of(who, c, 1);
      if (roi.size() != 2 * on.size()) who.invalid("the region of interest does not name every axis");
      for (std::size_t i = 0; i < on.size(); ++i) axes[on[i]].start = roi[i], axes[on[i]].end = roi[i + on.size()];
    }
    auto const scales = floats_of(who, c, at);
    if (scales.empty()) {
      if (!c.has(3)) who.invalid("has neither scales nor sizes");
      set_sizes(who, axes, on, integers_of(who, c.inputs[3]), policy);
    } else {
      if (scales.size() != on.size())
        who.invalid("has " + std::to_string(scales.size()) + " scales for " + std::to_string(on.size()) + " axes");
      for (std::size_t i = 0; i < on.size(); ++i) set_scale(who, axes[on[i]], scales[i]);
    }
    c.outputs[0] = resize(c, who, in, axes, o);
  });
}

inline operation prepare_upsample(preparation const& p) {
  bool const input = p.opset >= 9;
  expect_inputs(p, input ? 2 : 1, 2);
  return with_any_element(
      [who = op_label{p}, o = resize_options_of(p), input, given = p.get("scales", std::vector<float>{})](call& c) {
        auto const scales = input ? floats_of(who, c, 1) : given;
        std::vector<resize_axis> axes;
        if (scales.size() != c.inputs[0].rank()) who.invalid("has " + std::to_string(scales.size()) + " scales");
        for (std::size_t i = 0; i < scales.size(); ++i) {
          axes.push_back({c.inputs[0].dims()[i], 1});
          set_scale(who, axes.back(), scales[i]);
        }
        c.outputs[0] = resize(c, who, c.inputs[0], axes, o);
      });
}

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry resize_operators[] = {
    {"Resize", "", 10, &detail::prepare_resize},
    {"Upsample", "", 7, &detail::prepare_upsample},
};

}  // namespace octet
