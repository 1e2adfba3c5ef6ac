// Convolutions of the executor in float, one to three spatial dimensions.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include <octet/exec/ops/columns.hpp>
#include <octet/exec/ops/depthwise.hpp>
#include <octet/exec/ops/gemm.hpp>
#include <octet/exec/ops/half.hpp>

namespace octet {
namespace detail {

/// Channels of a grouped convolution: `in` and `out` count one group.
struct conv_groups {
  std::int64_t batch = 1, groups = 1, in = 1, out = 1;
};

/// How the products of a convolution are cut into tasks: pixels and output channels of one image and group.
struct conv_tasks {
  std::int64_t pixels = 0, channels = 0, strips = 0, blocks = 0;  ///< `pixels` and `channels` are those of one task

  /// `row_bytes`: what one pixel takes in packed form.
  static conv_tasks of(std::int64_t all_pixels, std::int64_t all_channels, std::int64_t images, std::int64_t row_bytes,
                       std::int64_t panel) {
    conv_tasks t;
    auto const panels = std::clamp<std::int64_t>((1 << 18) / (row_bytes * panel + 1), 1, 16);
    t.pixels = panels * panel, t.strips = (all_pixels + t.pixels - 1) / t.pixels;
    t.channels = t.strips * images >= 8 ? all_channels : std::min<std::int64_t>(all_channels, 168);
    t.blocks = t.channels == 0 ? 0 : (all_channels + t.channels - 1) / t.channels;
    return t;
  }
};

/// Packs the columns of output pixels [begin, end) of one image.
inline void pack_columns_of(window const& w, float const* image, std::int64_t channels, std::int64_t begin,
                            std::int64_t end, right_f32& to) {
  to.resize(channels * w.taps(), end - begin);
  std::vector<pixel_run> runs;
  for (std::ptrdiff_t p = 0; p < to.panels(); ++p) {
    auto const j = begin + p * panel_columns, last = std::min(j + panel_columns, end);
    auto* const panel = reinterpret_cast<float*>(to.panel(p));
    runs_of(w, j, last, runs);
    fill_columns(w, image, channels, runs, panel, panel_columns, 0.f);
    if (last - j < panel_columns)
      for (std::ptrdiff_t k = 0; k < to.k; ++k)
        std::fill(panel + k * panel_columns + last - j, panel + (k + 1) * panel_columns, 0.f);
  }
}

/// y = w · columns(x) + bias for each image and group; weights are [groups · out, in · taps].
inline void convolve_f32(thread_pool& pool, window const& w, conv_groups const& g, float const* x, float const* weights,
                         float const* bias, float* y) {
  auto const k = g.in * w.taps(), pixels = w.outputs();
  auto const t = conv_tasks::of(pixels, g.out, g.batch * g.groups, k * 4, panel_columns);
  pool.run(g.batch * g.groups * t.strips * t.blocks, [&](std::ptrdiff_t task) {
    auto const block = task % t.blocks * t.channels, first = task / t.blocks % t.strips * t.pixels;
    auto const image = task / t.blocks / t.strips, channel = image % g.groups * g.out + block;
    auto const last = std::min(first + t.pixels, pixels), channels = std::min(t.channels, g.out - block);
    thread_local right_f32 strip;
    pack_columns_of(w, x + image * g.in * w.inputs(), g.in, first, last, strip);
    std::span<float const> const row_bias =
        bias == nullptr ? std::span<float const>{} : std::span{bias + channel, std::size_t(channels)};
    kernels::gemm_f32(matrix<float const>{weights + channel * k, channels, k}, strip,
                      matrix<float>{y + (image * g.out + block) * pixels + first, channels, last - first, pixels},
                      {.row_bias = row_bias});
  });
}

/// Checks weights [out, in / groups, kernel…] (transposed: [in, out / groups, kernel…]) and an optional bias against x.
inline conv_groups check_conv(op_label const& who, shape const& x, shape const& w, std::int64_t groups,
                              tensor const* bias, bool transpose) {
  if (w.rank() != x.rank() || x.rank() < 3)
    who.invalid("input " + x.text() + " and weights " + w.text() + " do not fit");
  if (groups < 1 || x[1] % groups != 0 || w[0] % groups != 0)
    who.invalid(std::to_string(groups) + " groups do not divide the channels");
  conv_groups g{x[0], groups, x[1] / groups, transpose ? w[1] : w[0] / groups};
  if (transpose ? w[0] != x[1] : w[1] != g.in)
    who.invalid("input " + x.text() + " and weights " + w.text() + " do not fit");
  if (bias != nullptr && (bias->rank() != 1 || bias->dims()[0] != g.out * groups))
    who.invalid("a bias of shape " + bias->dims().text() + " does not fit " + std::to_string(g.out * groups) +
                " channels");
  return g;
}

inline void complete_kernel(op_label const& who, window_attributes& a, shape const& weights) {
  std::vector<std::int64_t> const spatial(weights.begin() + 2, weights.end());
  if (!a.kernel.empty() && a.kernel != spatial)
    who.invalid("kernel_shape differs from weights of shape " + weights.text());
  a.kernel = spatial;
}

inline operation prepare_conv(preparation const& p) {
  expect_inputs(p, 2, 3);
  return [a = window_attributes{p}, groups = p.get("group", std::int64_t{1}), who = op_label{p}](call& c) {
    auto const &x = c.inputs[0], &w = c.inputs[1];
    auto const* bias = c.has(2) ? &c.inputs[2] : nullptr;
    auto const g = check_conv(who, x.dims(), w.dims(), groups, bias, false);
    auto attributes = a;
    complete_kernel(who, attributes, w.dims());
    auto const win = make_window(who, attributes, x.dims());
    auto const *from = x.as<float>().data(), *weights = w.as<float>().data(),
               *b = bias == nullptr ? nullptr : bias->as<float>().data();
    auto* const to = c.make(0, element::f32, win.output(g.batch, g.out * g.groups)).mutable_as<float>().data();
    if (g.in == 1 && g.groups > 1 && win.axis[0].in == 1 && win.axis[0].kernel == 1)
      return depthwise_f32(c.pool, win, from, g.batch, g.groups, g.out, weights, b, to);
    convolve_f32(c.pool, win, g, from, weights, b, to);
  };
}

}  // namespace detail

inline constexpr operator_entry conv_operators[] = {
    {"Conv", "", 1, &detail::prepare_as_float<&detail::prepare_conv>},
};

}  // namespace octet
