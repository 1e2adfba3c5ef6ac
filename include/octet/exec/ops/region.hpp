// Operators that read or write an image at places which tensors name: RoiAlign, MaxUnpool, Col2Im, DeformConv.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <octet/exec/ops/arguments.hpp>
#include <octet/exec/ops/half.hpp>
#include <octet/exec/ops/window.hpp>

namespace octet::detail {

/// Four pixels around a place and their weights.
struct bilinear_place {
  std::int64_t at[4] = {};
  float weight[4] = {};

  template <class F>
  void for_each(float const* plane, F f) const {
    for (int i = 0; i < 4; ++i) f(weight[i] * plane[at[i]]);
  }
  float sum(float const* plane) const {
    float s = 0;
    for_each(plane, [&](float v) { s += v; });
    return s;
  }
};

/// RoiAlign: places up to one pixel outside count as the edge, others as nothing.
inline bilinear_place place_in_region(float y, float x, std::int64_t height, std::int64_t width) {
  bilinear_place p;
  if (!(y >= -1 && y <= float(height) && x >= -1 && x <= float(width))) return p;
  y = std::min(std::max(y, 0.f), float(height - 1)), x = std::min(std::max(x, 0.f), float(width - 1));
  auto const top = static_cast<std::int64_t>(y), left = static_cast<std::int64_t>(x);
  auto const bottom = std::min(top + 1, height - 1), right = std::min(left + 1, width - 1);
  float const fy = y - float(top), fx = x - float(left);
  return {{top * width + left, top * width + right, bottom * width + left, bottom * width + right},
          {(1 - fy) * (1 - fx), (1 - fy) * fx, fy * (1 - fx), fy * fx}};
}

struct roi_options {
  std::int64_t height = 1, width = 1, sampling = 0;
  float scale = 1;
  bool half_pixel = true, largest = false;

  explicit roi_options(preparation const& p)
      : height{p.get("output_height", std::int64_t{1})},
        width{p.get("output_width", std::int64_t{1})},
        sampling{p.get("sampling_ratio", std::int64_t{0})},
        scale{p.get("spatial_scale", 1.f)},
        half_pixel{p.opset >= 16 && p.get("coordinate_transformation_mode", std::string{"half_pixel"}) == "half_pixel"},
        largest{p.get("mode", std::string{"avg"}) == "max"} {
    constexpr std::int64_t most = 1 << 16;
    if (height < 1 || width < 1 || height > most || width > most || sampling < 0 || sampling > most)
      op_label{p}.invalid("a size is out of range");
  }
};

/// The places that one region is read at: [output pixel][sample].
struct roi_places {
  std::int64_t samples = 0;
  std::vector<bilinear_place> all{};

  roi_places(op_label const& who, roi_options const& o, float const* box, std::int64_t height, std::int64_t width) {
    float const shift = o.half_pixel ? 0.5f : 0.f;
    float const x0 = box[0] * o.scale - shift, y0 = box[1] * o.scale - shift;
    float w = box[2] * o.scale - shift - x0, h = box[3] * o.scale - shift - y0;
    if (!o.half_pixel) w = std::max(w, 1.f), h = std::max(h, 1.f);
    float const bin_h = h / float(o.height), bin_w = w / float(o.width);
    auto const grid = [&](float bin) {
      if (o.sampling > 0) return o.sampling;
      if (!(bin < 4096)) who.invalid("a region is too large");
      return std::max<std::int64_t>(static_cast<std::int64_t>(std::ceil(bin)), 0);
    };
    auto const down = grid(bin_h), across = grid(bin_w);
    samples = down * across;
    if (samples > (std::int64_t{1} << 26) / (o.height * o.width)) who.invalid("a region has too many samples");
    all.reserve(static_cast<std::size_t>(samples * o.height * o.width));
    for (std::int64_t i = 0; i < o.height; ++i)
      for (std::int64_t j = 0; j < o.width; ++j)
        for (std::int64_t iy = 0; iy < down; ++iy)
          for (std::int64_t ix = 0; ix < across; ++ix)
            all.push_back(place_in_region(y0 + float(i) * bin_h + (float(iy) + 0.5f) * bin_h / float(down),
                                          x0 + float(j) * bin_w + (float(ix) + 0.5f) * bin_w / float(across), height,
                                          width));
  }
  float value(bool largest, float const* plane, std::int64_t pixel) const {
    auto const* const p = all.data() + pixel * samples;
    float y = 0;
    for (std::int64_t i = 0; i < samples; ++i) {
      if (!largest) y += p[i].sum(plane);
      else
        p[i].for_each(plane, [&, first = i == 0](float v) mutable {
          y = first ? v : std::max(y, v);
          first = false;
        });
    }
    return largest ? y : y / float(std::max<std::int64_t>(samples, 1));
  }
};

/// X [batch, channels, height, width], rois [n, 4] (x1, y1, x2, y2), batch_indices [n].
inline operation prepare_roi_align(preparation const& p) {
  expect_inputs(p, 3, 3);
  return with_half([who = op_label{p}, o = roi_options{p}](call& c) {
    auto const &x = c.inputs[0], &rois = c.inputs[1];
    auto const& d = x.dims();
    auto const batch = integers_of(who, c.inputs[2]);
    auto const n = static_cast<std::int64_t>(batch.size());
    if (d.rank() != 4 || d[2] < 1 || d[3] < 1 || rois.dims() != shape{n, 4})
      who.invalid("X of shape " + d.text() + " and rois of shape " + rois.dims().text() + " do not fit");
    auto const pixels = o.height * o.width, plane = d[2] * d[3];
    auto const *const from = x.as<float>().data(), *const boxes = rois.as<float>().data();
    auto* const to = c.make(0, element::f32, {n, d[1], o.height, o.width}).mutable_as<float>().data();
    c.pool.run(n, [&](std::ptrdiff_t r) {
      auto const image = checked_index(who, batch[std::size_t(r)], d[0]);
      roi_places const places{who, o, boxes + 4 * r, d[2], d[3]};
      for (std::int64_t k = 0; k < d[1]; ++k)
        for (std::int64_t i = 0; i < pixels; ++i)
          to[(r * d[1] + k) * pixels + i] = places.value(o.largest, from + (image * d[1] + k) * plane, i);
    });
  });
}

/// X, I (places in the tensor that the pool had), output_shape.
inline operation prepare_max_unpool(preparation const& p) {
  expect_inputs(p, 2, 3);
  return with_half([who = op_label{p}, a = window_attributes{p}](call& c) {
    auto const &x = c.inputs[0], &places = c.inputs[1];
    auto const& d = x.dims();
    auto const axes = static_cast<std::int64_t>(a.kernel.size());
    if (d.rank() != a.kernel.size() + 2 || places.dims() != d) who.invalid("X of shape " + d.text() + " does not fit");
    auto inner = d;
    for (std::int64_t i = 0; i < axes; ++i) {
      auto const at = [&](std::vector<std::int64_t> const& v, std::int64_t k, std::int64_t otherwise,
                          char const* what) { return window_value(who, v, std::size_t(k), otherwise, 0, what); };
      auto& n = inner[std::size_t(i + 2)];
      n = (n - 1) * at(a.strides, i, 1, "stride") - at(a.pads, i, 0, "pad") - at(a.pads, i + axes, 0, "pad") +
          at(a.kernel, i, 1, "kernel size");
      if (n < 0) who.invalid("the output has a negative size");
    }
    auto out = inner;
    if (c.has(2)) {
      out = shape_of(integers_of(who, c.inputs[2]));
      bool fits = out.rank() == inner.rank();
      for (std::size_t i = 0; fits && i < out.rank(); ++i) fits = out[i] >= inner[i];
      if (!fits) who.invalid("an output of shape " + out.text() + " does not hold " + inner.text());
    }
    auto const size = inner.size();
    auto const to = c.make(0, element::f32, out).mutable_as<float>();
    std::fill(to.begin(), to.end(), 0.f);
    auto const from = x.as<float>();
    auto const at = places.as<std::int64_t>();
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (at[i] < 0 || at[i] >= size) who.failed("an index of " + std::to_string(at[i]) + " is outside of the output");
      std::int64_t rest = at[i], place = 0, step = 1;  // a place in `inner` as one in `out`
      for (auto k = inner.rank(); k-- > 0; rest /= inner[k], step *= out[k]) place += rest % inner[k] * step;
      to[std::size_t(place)] = from[i];
    }
  });
}

/// input [batch, channels · block, blocks], image_shape, block_shape: blocks are added where they overlap.
inline operation prepare_col2im(preparation const& p) {
  expect_inputs(p, 3, 3);
  return with_half([who = op_label{p}, a = window_attributes{p}](call& c) {
    auto const& x = c.inputs[0];
    auto const image = integers_of(who, c.inputs[1]), block = integers_of(who, c.inputs[2]);
    auto const n = image.size();
    if (x.rank() != 3 || n < 1 || n > 8 || block.size() != n) who.invalid("an input of shape " + x.dims().text());
    std::vector<window_axis> axis;
    shape blocks, taps, output;
    for (std::size_t i = 0; i < n; ++i) {
      window_axis w{.in = window_value(who, image, i, 1, 0, "size"),
                    .kernel = window_value(who, block, i, 1, 1, "block")};
      w.stride = window_value(who, a.strides, i, 1, 1, "stride");
      w.dilation = window_value(who, a.dilations, i, 1, 1, "dilation");
      w.begin = window_value(who, a.pads, i, 0, 0, "pad"), w.end = window_value(who, a.pads, i + n, 0, 0, "pad");
      w.out = (w.in + w.begin + w.end - w.extent()) / w.stride + 1;
      if (w.in + w.begin + w.end < w.extent()) who.invalid("a block is larger than the image");
      axis.push_back(w), blocks.push_back(w.out), taps.push_back(w.kernel), output.push_back(w.in);
    }
    auto const per = taps.size(), count = blocks.size(), pixels = output.size();
    if (x.dims()[1] % per != 0 || x.dims()[2] != count)
      who.invalid("an input of shape " + x.dims().text() + " does not hold " + std::to_string(count) + " blocks of " +
                  std::to_string(per));
    auto const channels = x.dims()[1] / per, planes = x.dims()[0] * channels;
    shape out{x.dims()[0], channels};
    for (auto const i : image) out.push_back(i);
    auto const to = c.make(0, element::f32, out).mutable_as<float>();
    std::fill(to.begin(), to.end(), 0.f);
    auto const* const from = x.as<float>().data();
    for_rows(c.pool, planes, per * count, [&](std::int64_t begin, std::int64_t end) {
      for (auto plane = begin; plane < end; ++plane)
        for (std::int64_t t = 0; t < per; ++t)
          for (std::int64_t b = 0; b < count; ++b) {
            std::int64_t place = 0, step = 1, tap = t, at = b;
            bool inside = true;
            for (auto i = n; i-- > 0; step *= axis[i].in, tap /= taps[i], at /= blocks[i]) {
              auto const v = at % blocks[i] * axis[i].stride - axis[i].begin + tap % taps[i] * axis[i].dilation;
              inside &= v >= 0 && v < axis[i].in;
              place += v * step;
            }
            if (inside) to[std::size_t(plane * pixels + place)] += from[(plane * per + t) * count + b];
          }
    });
  });
}

/// Four pixels around a place; those outside of the plane count as 0.
inline bilinear_place place_in_plane(float y, float x, std::int64_t height, std::int64_t width) {
  bilinear_place p;
  if (!(y > -1 && y < float(height) && x > -1 && x < float(width))) return p;
  auto const top = static_cast<std::int64_t>(std::floor(y)), left = static_cast<std::int64_t>(std::floor(x));
  for (int i = 0; i < 4; ++i) {
    auto const r = top + i / 2, c = left + i % 2;
    if (r < 0 || r >= height || c < 0 || c >= width) continue;
    p.at[i] = r * width + c;
    p.weight[i] = (1 - std::fabs(y - float(r))) * (1 - std::fabs(x - float(c)));
  }
  return p;
}

/// Sizes of one DeformConv: X [batch, channels, height, width], W, offset, B, mask.
struct deformed_conv {
  window win{};
  std::int64_t batch, channels, outputs, groups, offset_groups, in, out;

  deformed_conv(op_label const& who, call const& c, window_attributes a, std::int64_t g, std::int64_t og)
      : groups{g}, offset_groups{og} {
    auto const &x = c.inputs[0].dims(), &w = c.inputs[1].dims(), &offset = c.inputs[2].dims();
    if (x.rank() != 4 || w.rank() != 4 || offset.rank() != 4 || g < 1 || og < 1 || x[1] != w[1] * g || w[0] % g != 0 ||
        x[1] % og != 0)
      who.invalid("X of shape " + x.text() + " and W of shape " + w.text() + " do not fit");
    if (a.kernel.empty()) a.kernel = {w[2], w[3]};
    win = make_window(who, a, x);
    batch = x[0], channels = x[1], outputs = w[0], in = w[1], out = w[0] / g;
    auto const& v = win.axis;
    bool const fits = offset == shape{batch, og * win.taps() * 2, v[1].out, v[2].out} && a.kernel.size() == 2 &&
                      a.kernel[0] == w[2] && a.kernel[1] == w[3] && (!c.has(3) || c.inputs[3].size() == outputs) &&
                      (!c.has(4) || c.inputs[4].dims() == shape{batch, og * win.taps(), v[1].out, v[2].out});
    if (!fits) who.invalid("an offset of shape " + offset.text() + ", the bias or the mask does not fit");
  }

  /// The samples of channel k of image b, [taps, pixels], weighted by the mask.
  void sample(float const* plane, float const* offset, float const* mask, float* to) const {
    auto const pixels = win.outputs(), taps = win.taps();
    auto const &v = win.axis[1], &h = win.axis[2];
    for (std::int64_t t = 0; t < taps; ++t)
      for (std::int64_t i = 0; i < pixels; ++i) {
        float const y = float(i / h.out * v.stride - v.begin + t / h.kernel * v.dilation) + offset[2 * t * pixels + i];
        float const x =
            float(i % h.out * h.stride - h.begin + t % h.kernel * h.dilation) + offset[(2 * t + 1) * pixels + i];
        to[t * pixels + i] =
            place_in_plane(y, x, v.in, h.in).sum(plane) * (mask == nullptr ? 1.f : mask[t * pixels + i]);
      }
  }
  void run(call& c) const {
    auto const pixels = win.outputs(), taps = win.taps(), plane = win.inputs();
    auto const *const x = c.inputs[0].as<float>().data(), *const w = c.inputs[1].as<float>().data();
    auto const* const offset = c.inputs[2].as<float>().data();
    auto const* const mask = c.has(4) ? c.inputs[4].as<float>().data() : nullptr;
    auto const* const bias = c.has(3) ? c.inputs[3].as<float>().data() : nullptr;
    auto* const y = c.make(0, element::f32, win.output(batch, outputs)).mutable_as<float>().data();
    c.pool.run(batch * groups, [&](std::ptrdiff_t task) {
      auto const b = task / groups, g = task % groups;
      auto* const to = y + (b * outputs + g * out) * pixels;
      std::vector<float> samples(static_cast<std::size_t>(taps * pixels));
      for (std::int64_t o = 0; o < out; ++o)
        std::fill_n(to + o * pixels, pixels, bias == nullptr ? 0.f : bias[g * out + o]);
      for (std::int64_t k = 0; k < in; ++k) {
        auto const channel = g * in + k, og = b * offset_groups + channel / (channels / offset_groups);
        sample(x + (b * channels + channel) * plane, offset + og * taps * 2 * pixels,
               mask == nullptr ? nullptr : mask + og * taps * pixels, samples.data());
        for (std::int64_t o = 0; o < out; ++o)
          for (std::int64_t t = 0; t < taps; ++t) {
            float const factor = w[((g * out + o) * in + k) * taps + t];
            for (std::int64_t i = 0; i < pixels; ++i)
              to[o * pixels + i] += factor * samples[std::size_t(t * pixels + i)];
          }
      }
    });
  }
};

inline operation prepare_deform_conv(preparation const& p) {
  expect_inputs(p, 3, 5);
  return with_half([who = op_label{p}, a = window_attributes{p}, g = p.get("group", std::int64_t{1}),
                    og = p.get("offset_group", std::int64_t{1})](call& c) { deformed_conv{who, c, a, g, og}.run(c); });
}

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry region_operators[] = {
    {"Col2Im", "", 18, &detail::prepare_col2im},
    {"DeformConv", "", 19, &detail::prepare_deform_conv},
    {"MaxUnpool", "", 9, &detail::prepare_max_unpool},
    {"RoiAlign", "", 10, &detail::prepare_roi_align},
};

}  // namespace octet
