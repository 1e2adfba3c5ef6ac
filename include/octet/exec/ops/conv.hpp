// Convolutions of the executor: Conv and ConvTranspose in float, one to three spatial dimensions.
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

/// y = w · columns(x) + bias for each image and group; weights are [groups · out, in · taps].
inline void convolve_f32(thread_pool& pool, window const& w, bool transpose, conv_groups const& g, float const* x, float const* weights,
                         float const* bias, float* y) {
  auto const k = g.in * w.taps(), pixels = w.outputs();
  auto const strip = strip_f32::panels_per_task(k) * panel_columns, strips = (pixels + strip - 1) / strip;
  pool.run(g.batch * g.groups * strips, [&](std::ptrdiff_t task) {
    auto const image = task / strips, first = task % strips * strip, last = std::min(first + strip, pixels), group = image % g.groups;
    thread_local std::vector<float> store;
    strip_f32 s{.k = k, .n = last - first};
    store.resize(static_cast<std::size_t>(s.panels() * k * panel_columns));
    s.data = store.data();
    std::vector<pixel_run> runs;
    for (std::ptrdiff_t p = 0; p < s.panels(); ++p) {
      auto const j = first + p * panel_columns;
      runs_of(w, j, std::min(j + panel_columns, last), runs);
      fill_columns(w, transpose, x + image * g.in * w.inputs(), g.in, runs, s.panel(p), panel_columns, 0.f);
    }
    product_strip(matrix<float const>{weights + group * g.out * k, g.out, k}, s, bias == nullptr ? nullptr : bias + group * g.out,
                  matrix<float>{y + image * g.out * pixels + first, g.out, last - first, pixels});
  });
}

/// Checks weights [out, in / groups, kernel…] (transposed: [in, out / groups, kernel…]) and an optional bias against x.
inline conv_groups check_conv(op_label const& who, shape const& x, shape const& w, std::int64_t groups, tensor const* bias, bool transpose) {
  if (w.rank() != x.rank() || x.rank() < 3) who.invalid("input " + x.text() + " and weights " + w.text() + " do not fit");
  if (groups < 1 || x[1] % groups != 0 || w[0] % groups != 0) who.invalid(std::to_string(groups) + " groups do not divide the channels");
  conv_groups g{x[0], groups, x[1] / groups, transpose ? w[1] : w[0] / groups};
  if (transpose ? w[0] != x[1] : w[1] != g.in) who.invalid("input " + x.text() + " and weights " + w.text() + " do not fit");
  if (bias != nullptr && (bias->rank() != 1 || bias->dims()[0] != g.out * groups))
    who.invalid("a bias of shape " + bias->dims().text() + " does not fit " + std::to_string(g.out * groups) + " channels");
  return g;
}

inline void complete_kernel(op_label const& who, window_attributes& a, shape const& weights) {
  std::vector<std::int64_t> const spatial(weights.begin() + 2, weights.end());
  if (!a.kernel.empty() && a.kernel != spatial) who.invalid("kernel_shape differs from weights of shape " + weights.text());
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
    auto const *from = x.as<float>().data(), *weights = w.as<float>().data(), *b = bias == nullptr ? nullptr : bias->as<float>().data();
    auto* const to = c.make(0, element::f32, win.output(g.batch, g.out * g.groups)).mutable_as<float>().data();
    if (g.in == 1 && g.groups > 1 && win.axis[0].in == 1 && win.axis[0].kernel == 1)
      return depthwise_f32(c.pool, win, from, g.batch, g.groups, g.out, weights, b, to);
    convolve_f32(c.pool, win, false, g, from, weights, b, to);
  };
}

/// The window of a transposed convolution: `in` is its input, and output size follows from pads or output_shape.
inline window transposed_window(op_label const& who, window_attributes const& a, std::vector<std::int64_t> const& extra,
                                std::vector<std::int64_t> const& wanted, shape const& x) {
  if (x.rank() > 5) who.invalid("an input of shape " + x.text() + " has more than 3 spatial dimensions");
  window w{.rank = x.rank() - 2};
  if ((!a.pads.empty() && a.pads.size() != 2 * w.rank) || (!wanted.empty() && wanted.size() < w.rank)) who.invalid("pads or output_shape has the wrong length");
  for (std::size_t i = 0; i < w.rank; ++i) {
    auto& s = w.axis[3 - w.rank + i] = read_axis(who, a, i, w.rank, x[i + 2]);
    auto const more = window_value(who, extra, i, 0, 0, "output padding");
    auto const full = s.stride * (s.in - 1) + more + s.extent();
    bool const same = a.auto_pad == "SAME_UPPER" || a.auto_pad == "SAME_LOWER";
    if (!wanted.empty() || same) {
      s.out = wanted.empty() ? s.in * s.stride : wanted[wanted.size() - w.rank + i];
      auto const total = full - s.out;
      split_padding(s, total, a.auto_pad == "SAME_UPPER");
    } else {
      s.out = full - s.begin - s.end;
    }
    if (s.out < 0 || s.out > std::int64_t{1} << 40) who.invalid("output size " + std::to_string(s.out) + " is out of range");
  }
  return w;
}

/// Weights [in, out, taps] of each group as [out, in, taps].
inline std::vector<float> transposed_weights(conv_groups const& g, std::int64_t taps, float const* w) {
  std::vector<float> r(static_cast<std::size_t>(g.groups * g.in * g.out * taps));
  for (std::int64_t n = 0; n < g.groups; ++n)
    for (std::int64_t i = 0; i < g.in; ++i)
      for (std::int64_t o = 0; o < g.out; ++o)
        std::copy_n(w + ((n * g.in + i) * g.out + o) * taps, taps, r.data() + ((n * g.out + o) * g.in + i) * taps);
  return r;
}

inline operation prepare_conv_transpose(preparation const& p) {
  expect_inputs(p, 2, 3);
  using list = std::vector<std::int64_t>;
  return [a = window_attributes{p}, groups = p.get("group", std::int64_t{1}), extra = p.get("output_padding", list{}),
          wanted = p.get("output_shape", list{}), who = op_label{p}](call& c) {
    auto const &x = c.inputs[0], &w = c.inputs[1];
    auto const* bias = c.has(2) ? &c.inputs[2] : nullptr;
    auto const g = check_conv(who, x.dims(), w.dims(), groups, bias, true);
    auto attributes = a;
    complete_kernel(who, attributes, w.dims());
    auto const win = transposed_window(who, attributes, extra, wanted, x.dims());
    auto const weights = transposed_weights(g, win.taps(), w.as<float>().data());
    auto const* from = x.as<float>().data();
    auto* const to = c.make(0, element::f32, win.output(g.batch, g.out * g.groups)).mutable_as<float>().data();
    convolve_f32(c.pool, win, true, g, from, weights.data(), bias == nullptr ? nullptr : bias->as<float>().data(), to);
  };
}

}  // namespace detail

inline constexpr operator_entry conv_operators[] = {
    {"Conv", "", 1, &detail::prepare_as_float<&detail::prepare_conv>},
    {"ConvTranspose", "", 1, &detail::prepare_as_float<&detail::prepare_conv_transpose>},
};

}  // namespace octet
