// ConvTranspose of the executor, in float. One product gives what every input pixel adds to the output; rows of the
// output are then put together from it, strip by strip, so that it stays in the cache.
#pragma once

#include <algorithm>
#include <vector>

#include <octet/exec/ops/conv.hpp>
#include <octet/exec/ops/simd.hpp>
#include <octet/kernels/transpose.hpp>

namespace octet {
namespace detail {

/// The window of a transposed convolution: input i and tap k meet at output i·stride − begin + k·dilation. The size of
/// the output follows from pads or output_shape.
inline window transposed_window(op_label const& who, window_attributes const& a, std::vector<std::int64_t> const& extra,
                                std::vector<std::int64_t> const& wanted, shape const& x) {
  if (x.rank() > 5) who.invalid("an input of shape " + x.text() + " has more than 3 spatial dimensions");
  window w{.rank = x.rank() - 2};
  if ((!a.pads.empty() && a.pads.size() != 2 * w.rank) || (!wanted.empty() && wanted.size() < w.rank))
    who.invalid("pads or output_shape has the wrong length");
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
    if (s.out < 0 || s.out > std::int64_t{1} << 40)
      who.invalid("output size " + std::to_string(s.out) + " is out of range");
  }
  return w;
}

constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0); }
constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return -floor_div(-a, b); }

/// Neighbouring inputs or outputs along an axis.
struct axis_part {
  std::int64_t first = 0, last = 0;

  std::int64_t size() const { return std::max<std::int64_t>(last - first, 0); }
};
/// The inputs that reach any of these outputs.
inline axis_part inputs_of(window_axis const& a, axis_part out) {
  return {std::max<std::int64_t>(ceil_div(out.first + a.begin - (a.kernel - 1) * a.dilation, a.stride), 0),
          std::min(floor_div(out.last - 1 + a.begin, a.stride) + 1, a.in)};
}
/// The input that tap k brings to output o, or −1.
inline std::int64_t input_of(window_axis const& a, axis_part in, std::int64_t o, std::int64_t k) {
  auto const t = o + a.begin - k * a.dilation;
  return t >= 0 && t % a.stride == 0 && t / a.stride >= in.first && t / a.stride < in.last ? t / a.stride : -1;
}

/// How the work is cut: a task makes outputs [i·step, (i+1)·step) of one axis for some channels of one image and group.
struct transposed_tasks {
  std::size_t axis = 2;  ///< the first that is longer than 1
  std::int64_t step = 1, strips = 1, channels = 1, blocks = 1;

  static transposed_tasks of(window const& w, std::int64_t channels) {
    constexpr std::int64_t room = 1 << 15;  // floats of the product: half a second-level cache
    transposed_tasks t;
    for (t.axis = 0; t.axis < 2 && w.axis[t.axis].in == 1 && w.axis[t.axis].out == 1;) ++t.axis;
    auto const& a = w.axis[t.axis];
    auto const inner = std::max<std::int64_t>(w.inputs() / std::max<std::int64_t>(a.in, 1), 1);
    auto const reach = (a.extent() - 1) / a.stride;  // inputs that two neighbouring strips need
    auto const least = std::max(4 * reach, (64 + inner - 1) / inner);
    t.channels = std::clamp<std::int64_t>(room / (w.taps() * inner * least), 1, std::max<std::int64_t>(channels, 1));
    t.step = std::max(room / (t.channels * w.taps() * inner), least) * a.stride;
    t.strips = ceil_div(a.out, t.step);
    t.blocks = ceil_div(channels, t.channels);
    return t;
  }
};

/// One strip of the output, from the product's rows [channel][tap] and columns [input pixel].
class transposed_strip {
 public:
  transposed_strip(window const& w, std::size_t axis, axis_part out) : w_{w}, axis_{axis} {
    for (std::size_t i = 0; i < 3; ++i) out_[i] = {0, w.axis[i].out}, in_[i] = {0, w.axis[i].in};
    out_[axis] = out, in_[axis] = inputs_of(w.axis[axis], out);
  }

  std::int64_t columns() const { return in_[0].size() * in_[1].size() * in_[2].size(); }
  /// Where the columns begin in an image: axes before the cut one have a single element.
  std::int64_t first_input() const { return in_[axis_].first * (w_.inputs() / w_.axis[axis_].in); }

  /// Puts one channel together; `y` is its whole plane.
  void write(float const* product, float bias, float* y) {
    for (auto z = out_[0].first; z < out_[0].last; ++z)
      for (auto v = out_[1].first; v < out_[1].last; ++v)
        write_row(product, z, v, bias, y + (z * w_.axis[1].out + v) * w_.axis[2].out + out_[2].first);
  }

 private:
  /// Outputs one stride apart have the same taps: each such phase is a sum of rows, which are then interleaved.
  void write_row(float const* product, std::int64_t z, std::int64_t v, float bias, float* y) {
    auto const& a = w_.axis[2];
    auto const count = out_[2].size(), whole = count / a.stride, n = ceil_div(count, a.stride);
    if (a.stride > 1) phases_.resize(static_cast<std::size_t>(a.stride * n));
    auto* const sums = a.stride > 1 ? phases_.data() : y;
    std::fill_n(sums, a.stride * n, bias);
    for (std::int64_t kz = 0; kz < w_.axis[0].kernel; ++kz)
      for (std::int64_t ky = 0; ky < w_.axis[1].kernel; ++ky) {
        auto const iz = input_of(w_.axis[0], in_[0], z, kz), iy = input_of(w_.axis[1], in_[1], v, ky);
        if (iz < 0 || iy < 0) continue;
        auto const at = ((iz - in_[0].first) * in_[1].size() + iy - in_[1].first) * in_[2].size();
        add_taps(product + (kz * w_.axis[1].kernel + ky) * a.kernel * columns() + at, sums, n);
      }
    if (a.stride == 1) return;
    kernels::transpose(matrix<float const>{sums, a.stride, whole, n}, y, a.stride);
    for (auto o = whole * a.stride; o < count; ++o) y[o] = sums[o % a.stride * n + whole];
  }
  /// Adds the taps of one row of the kernel, whose products lie columns() apart, to the phases, which have n outputs.
  void add_taps(float const* row, float* sums, std::int64_t n) const {
    auto const& a = w_.axis[2];
    for (std::int64_t k = 0; k < a.kernel; ++k, row += columns()) {
      auto const o = in_[2].first * a.stride - a.begin + k * a.dilation - out_[2].first;  // of the row's first input
      auto const place = floor_div(o, a.stride), phase = o - place * a.stride;
      auto const from = std::max<std::int64_t>(-place, 0), to = std::min(in_[2].size(), n - place);
      if (from >= to) continue;
      auto* const s = sums + (phase * n + place + from);
      map_floats(s, false, row + from, false, s, to - from, [](floats x, floats y) { return x + y; });
    }
  }

  window const& w_;
  std::size_t axis_;
  axis_part in_[3], out_[3];
  std::vector<float> phases_{};
};

/// Weights are [groups · in, out, taps]: for each group already the transposed left operand of the product.
inline void convolve_transposed(thread_pool& pool, window const& w, conv_groups const& g, float const* x,
                                float const* weights, float const* bias, float* y) {
  auto const t = transposed_tasks::of(w, g.out);
  auto const taps = w.taps(), plane = w.outputs();
  pool.run(g.batch * g.groups * t.strips * t.blocks, [&](std::ptrdiff_t task) {
    auto const block = task % t.blocks * t.channels, image = task / t.blocks / t.strips, group = image % g.groups;
    auto const first = task / t.blocks % t.strips * t.step, channels = std::min(t.channels, g.out - block);
    transposed_strip strip{w, t.axis, {first, std::min(first + t.step, w.axis[t.axis].out)}};
    auto const n = strip.columns();
    thread_local right_f32 pixels;
    thread_local std::vector<float> product;
    product.resize(std::max(product.size(), static_cast<std::size_t>(channels * taps * n)));
    if (n != 0) {
      repack_right(pixels, x + image * g.in * w.inputs() + strip.first_input(), g.in, n, w.inputs(), 1, serial{});
      kernels::gemm_f32(
          matrix<float const>{weights + (group * g.in * g.out + block) * taps, g.in, channels * taps, g.out * taps},
          pixels, matrix<float>{product.data(), channels * taps, n}, {.transposed = true});
    }
    for (std::int64_t c = 0; c < channels; ++c)
      strip.write(product.data() + c * taps * n, bias == nullptr ? 0.f : bias[group * g.out + block + c],
                  y + (image * g.out + block + c) * plane);
  });
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
    auto& y = c.make(0, element::f32, win.output(g.batch, g.out * g.groups));
    convolve_transposed(c.pool, win, g, x.as<float>().data(), w.as<float>().data(),
                        bias == nullptr ? nullptr : bias->as<float>().data(), y.mutable_as<float>().data());
  };
}

}  // namespace detail

inline constexpr operator_entry conv_transpose_operators[] = {
    {"ConvTranspose", "", 1, &detail::prepare_as_float<&detail::prepare_conv_transpose>},
};

}  // namespace octet
