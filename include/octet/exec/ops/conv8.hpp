// Integer convolutions: ConvInteger and QLinearConv.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include <octet/exec/ops/conv.hpp>
#include <octet/exec/ops/integer.hpp>

namespace octet {
namespace detail {

/// An integer convolution: operands, zero points, and where the channels' accumulators go.
struct conv_8 {
  window win{};
  conv_groups groups{};
  tensor x{}, w{};
  std::int32_t x_zero = 0;
  std::vector<std::int32_t> w_zeros{};  ///< one, or one for each output channel
};

/// Packs the columns of output pixels [begin, end) of one image.
inline void pack_columns_of(conv_8 const& v, std::uint8_t const* image, std::int64_t begin, std::int64_t end,
                            right_8& to) {
  auto const k = v.groups.in * v.win.taps(), n = end - begin;
  if (v.win.pointwise()) return repack_right_8(to, v.x.type(), {image + begin, k, n, v.win.inputs()}, false, serial{});
  thread_local kernels::buffer<std::uint8_t> rows;
  rows.resize(k * n);
  std::vector<pixel_run> runs;
  runs_of(v.win, begin, end, runs);
  fill_columns(v.win, image, v.groups.in, runs, rows.data(), n, static_cast<std::uint8_t>(v.x_zero));
  repack_right_8(to, v.x.type(), {rows.data(), k, n}, false, serial{});
}

/// The weights are the left operand, so what is subtracted from a row is one zero point: rows are cut where it changes.
template <class Output>
void convolve_8(thread_pool& pool, conv_8 const& v, Output const& output) {
  auto const& g = v.groups;
  auto const k = g.in * v.win.taps(), pixels = v.win.outputs();
  auto const t = conv_tasks::of(pixels, g.out, g.batch * g.groups, k, panel_columns_8);
  pool.run(g.batch * g.groups * t.strips * t.blocks, [&](std::ptrdiff_t task) {
    auto const block = task % t.blocks * t.channels, first = task / t.blocks % t.strips * t.pixels;
    auto const image = task / t.blocks / t.strips;
    auto const last = std::min(first + t.pixels, pixels), end = std::min(block + t.channels, g.out);
    thread_local right_8 strip;
    pack_columns_of(v, bytes_of(v.x, 1, 1).data + image * g.in * v.win.inputs(), first, last, strip);
    auto const zero = [&](std::int64_t i) {
      return v.w_zeros[v.w_zeros.size() == 1 ? 0 : std::size_t(image % g.groups * g.out + i)];
    };
    for (auto i = block, next = i; i < end; i = next) {
      while (next < end && zero(next) == zero(i)) ++next;
      auto const channel = image % g.groups * g.out + i;
      matrix<std::uint8_t const> const rows{bytes_of(v.w, 1, 1).data + channel * k, next - i, k};
      serial s;
      product_8(s, v.w.type(), rows, strip, {.a_zero = zero(i), .b_zero = v.x_zero},
                output(image, i, next - i, first, last - first));
    }
  });
}

inline std::vector<float> minus_zero(tensor const& t, std::vector<std::int32_t> const& zeros, std::int64_t each) {
  std::vector<float> r(static_cast<std::size_t>(t.size()));
  for (std::size_t i = 0; i < r.size(); ++i) {
    auto const x =
        t.type() == element::u8 ? std::int32_t{t.as<std::uint8_t>()[i]} : std::int32_t{t.as<std::int8_t>()[i]};
    r[i] = static_cast<float>(x - zeros[zeros.size() == 1 ? 0 : i / std::size_t(each)]);
  }
  return r;
}

/// Single channels: products of 9-bit integers and their sums are exact in float up to 256 taps.
inline bool depthwise_8(conv_8 const& v) {
  auto const& w = v.win;
  return v.groups.in == 1 && v.groups.groups > 1 && w.axis[0].in == 1 && w.axis[0].kernel == 1 && w.taps() <= 256;
}

/// Accumulators of single-channel convolutions, as floats without fraction.
inline std::vector<float> depthwise_sums(call& c, conv_8 const& v) {
  auto const& g = v.groups;
  auto const x = minus_zero(v.x, {v.x_zero}, 1), w = minus_zero(v.w, v.w_zeros, v.win.taps());
  std::vector<float> y(static_cast<std::size_t>(g.batch * g.groups * g.out * v.win.outputs()));
  depthwise_f32(c.pool, v.win, x.data(), g.batch, g.groups, g.out, w.data(), nullptr, y.data());
  return y;
}

/// Reads and checks what both operators share; `at` are the positions of x, w and their zero points.
struct conv_8_inputs {
  std::size_t x, w, x_zero, w_zero;
};
inline conv_8 read_conv_8(op_label const& who, call const& c, window_attributes a, std::int64_t groups,
                          conv_8_inputs at, tensor const* bias) {
  conv_8 v{.x = c.inputs[at.x], .w = c.inputs[at.w]};
  expect_8_bit(who, v.x, "the input"), expect_8_bit(who, v.w, "the weights");
  v.groups = check_conv(who, v.x.dims(), v.w.dims(), groups, bias, false);
  complete_kernel(who, a, v.w.dims());
  v.win = make_window(who, a, v.x.dims());
  v.x_zero = zero_points(who, input_of(c, at.x_zero), v.x.type(), 1, "the input")[0];
  v.w_zeros = zero_points(who, input_of(c, at.w_zero), v.w.type(), v.w.dims()[0], "the weights");
  return v;
}

inline operation prepare_conv_integer(preparation const& p) {
  expect_inputs(p, 2, 4);
  return [a = window_attributes{p}, groups = p.get("group", std::int64_t{1}), who = op_label{p}](call& c) {
    auto const v = read_conv_8(who, c, a, groups, {0, 1, 2, 3}, nullptr);
    auto const channels = v.groups.out * v.groups.groups, pixels = v.win.outputs();
    auto* const y = c.make(0, element::s32, v.win.output(v.groups.batch, channels)).mutable_as<std::int32_t>().data();
    if (depthwise_8(v)) {
      auto const sums = depthwise_sums(c, v);
      std::transform(sums.begin(), sums.end(), y, [](float s) { return static_cast<std::int32_t>(s); });
      return;
    }
    convolve_8(
        c.pool, v,
        [&](std::int64_t image, std::int64_t channel, std::int64_t rows, std::int64_t first, std::int64_t count) {
          return kernels::store<std::int32_t>{
              matrix<std::int32_t>{y + (image * v.groups.out + channel) * pixels + first, rows, count, pixels}};
        });
  };
}

/// Requantizes float sums without fraction, channel by channel, as the integer path does.
template <class T>
void requantize_planes(thread_pool& pool, std::vector<float> const& sums, std::int64_t planes, std::int64_t pixels,
                       std::int64_t channels, requantize_rows<T> const& e, T* y) {
  for_rows(pool, planes, pixels, [&](std::int64_t begin, std::int64_t end) {
    std::vector<std::int32_t> row(static_cast<std::size_t>(pixels) + 64);
    for (auto i = begin; i < end; ++i) {
      auto const* const from = sums.data() + i * pixels;
      for (std::int64_t j = 0; j < pixels; ++j) row[std::size_t(j)] = static_cast<std::int32_t>(from[j]);
      auto const channel = i % channels;
      requantize_rows<T> const one{
          {y + i * pixels, 1, pixels}, e.multipliers + channel, e.bias == nullptr ? nullptr : e.bias + channel, e.zero};
      one.template apply<xsimd::default_arch>(row.data(), pixels, 0, 1, 0, pixels);
    }
  });
}

inline operation prepare_qlinear_conv(preparation const& p) {
  expect_inputs(p, 8, 9);
  return [a = window_attributes{p}, groups = p.get("group", std::int64_t{1}), who = op_label{p}](call& c) {
    auto const* bias = input_of(c, 8);
    auto const v = read_conv_8(who, c, a, groups, {0, 3, 2, 5}, bias);
    auto const channels = v.groups.out * v.groups.groups, pixels = v.win.outputs();
    auto const xs = scales_of(who, c.inputs[1], 1, "the input"),
               ws = scales_of(who, c.inputs[4], channels, "the weights"),
               ys = scales_of(who, c.inputs[6], 1, "the output");
    expect_8_bit(who, c.inputs[7], "the zero point of the output");
    auto const m = multipliers(xs[0], ws, ys[0], channels);
    auto const zero = output_zero(who, &c.inputs[7]);
    std::int32_t const* const b = bias == nullptr ? nullptr : bias->as<std::int32_t>().data();
    auto& out = c.make(0, c.inputs[7].type(), v.win.output(v.groups.batch, channels));
    visit(who, out.type(), types<std::uint8_t, std::int8_t>{}, [&]<class T>(T) {
      auto* const y = out.mutable_as<T>().data();
      if (depthwise_8(v)) {
        return requantize_planes<T>(c.pool, depthwise_sums(c, v), v.groups.batch * channels, pixels, channels,
                                    {{}, m.data(), b, zero}, y);
      }
      convolve_8(
          c.pool, v,
          [&](std::int64_t image, std::int64_t channel, std::int64_t rows, std::int64_t first, std::int64_t count) {
            auto const at = image % v.groups.groups * v.groups.out + channel;
            return requantize_rows<T>{{y + (image * v.groups.out + channel) * pixels + first, rows, count, pixels},
                                      m.data() + at,
                                      b == nullptr ? nullptr : b + at,
                                      zero};
          });
    });
  };
}

}  // namespace detail

inline constexpr operator_entry conv8_operators[] = {
    {"ConvInteger", "", 10, &detail::prepare_conv_integer},
    {"QLinearConv", "", 10, &detail::prepare_qlinear_conv},
};

}  // namespace octet
