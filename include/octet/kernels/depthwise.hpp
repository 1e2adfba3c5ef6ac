// Convolutions of single channels in images whose channels lie side by side: the lanes of a vector are channels.
#pragma once

#include <cstddef>

#include <octet/core/serial.hpp>
#include <octet/kernels/conv.hpp>
#include <octet/kernels/epilogue.hpp>

namespace octet {

namespace detail {

/// Pixels × taps of one vector of channels, taps of a line known: what neighbours share is loaded once.
template <class Arch, int Pixels, int Width, int Stride>
OCTET_INLINE void depthwise_line(float const* in, std::ptrdiff_t pixel, float const* w, std::ptrdiff_t w_stride,
                                 xsimd::batch<float, Arch> (&c)[Pixels]) {
  using values = xsimd::batch<float, Arch>;
  constexpr int loads = (Pixels - 1) * Stride + Width;
  values v[loads];
  kernels::unroll<loads>([&](auto i) OCTET_INLINE_LAMBDA { v[i] = values::load_unaligned(in + i * pixel); });
  kernels::unroll<Width>([&](auto k) OCTET_INLINE_LAMBDA {
    values const x = values::load_unaligned(w + k * w_stride);
    kernels::unroll<Pixels>([&](auto p)
                                OCTET_INLINE_LAMBDA { c[p] = kernels::fma1<Arch>::dot(c[p], v[p * Stride + k], x); });
  });
}

/// One line of outputs of one image. Taps beyond the image are left out: they would add nothing.
template <class Arch>
struct depthwise_row {
  using values = xsimd::batch<float, Arch>;
  static constexpr std::ptrdiff_t lanes = static_cast<std::ptrdiff_t>(values::size);

  kernels::conv_form const& form;
  float const *image = nullptr, *weights = nullptr,
              *bias = nullptr;  ///< weights are [tap][channels, rounded up to whole vectors]
  std::ptrdiff_t stride = 0;    ///< of the weights
  values low{}, high{};
  section deep, down;                  ///< taps of z and y that meet the image
  std::ptrdiff_t below = 0;            ///< the image's line that tap 0 of the next line of outputs meets
  std::ptrdiff_t start = 0;            ///< where tap 0 of output 0 stands in the image, which may be before it
  std::ptrdiff_t plane = 0, line = 0;  ///< from tap to tap in z and y
  float* end = nullptr;                ///< of the line: what is stored beyond it would be another task's

  OCTET_INLINE depthwise_row(kernels::conv_form const& f, std::ptrdiff_t number)
      : form{f}, deep{f.axis[0].taps(number / f.axis[1].out)}, down{f.axis[1].taps(number % f.axis[1].out)} {
    auto const& a = f.axis;
    std::ptrdiff_t const row = a[2].in * f.channels;
    below = a[1].first(number % a[1].out) + a[1].stride;
    line = a[1].dilation * row, plane = a[0].dilation * a[1].in * row;
    start = (a[0].first(number / a[1].out) * a[1].in + a[1].first(number % a[1].out)) * row - a[2].begin * f.channels;
  }

  OCTET_INLINE void store(values x, float* to) const {
    x = clamp(x, low, high);
    if (end - to >= lanes) return x.store_unaligned(to);
    alignas(64) float t[lanes];
    x.store_aligned(t);
    kernels::copy_part<sizeof t>(to, t, (end - to) * std::ptrdiff_t{sizeof(float)});
  }

  /// f(offset in the image, first weight) for each line of taps.
  template <class F>
  OCTET_INLINE void each_line(std::ptrdiff_t at, F f) const {
    for (std::ptrdiff_t z = deep.begin; z < deep.end; ++z)
      for (std::ptrdiff_t y = down.begin; y < down.end; ++y)
        f(at + z * plane + y * line, weights + (z * form.axis[1].kernel + y) * form.axis[2].kernel * stride);
  }

  /// A vector of channels from `c` on of some pixels, all of whose taps in x meet the image.
  template <int Pixels>
  OCTET_INLINE void pixels(std::ptrdiff_t at, std::ptrdiff_t c, float* to) const {
    auto const& x = form.axis[2];
    std::ptrdiff_t const pixel = form.channels;
    values sum[Pixels];
    kernels::unroll<Pixels>([&](auto p) OCTET_INLINE_LAMBDA { sum[p] = values::load_unaligned(bias + c); });
    auto const known = [&]<int Width, int Stride>(std::integer_sequence<int, Width, Stride>) OCTET_INLINE_LAMBDA {
      each_line(at + c, [&](std::ptrdiff_t from, float const* w) OCTET_INLINE_LAMBDA {
        depthwise_line<Arch, Pixels, Width, Stride>(image + from, pixel, w + c, stride, sum);
      });
    };
    if (x.dilation == 1 && x.kernel == 3 && x.stride == 1) known(std::integer_sequence<int, 3, 1>{});
    else if (x.dilation == 1 && x.kernel == 3 && x.stride == 2) known(std::integer_sequence<int, 3, 2>{});
    else if (x.dilation == 1 && x.kernel == 5 && x.stride == 1) known(std::integer_sequence<int, 5, 1>{});
    else
      each_line(at + c, [&](std::ptrdiff_t from, float const* w) OCTET_INLINE_LAMBDA {
        for (std::ptrdiff_t k = 0; k < x.kernel; ++k, from += x.dilation * pixel, w += stride)
          kernels::unroll<Pixels>([&](auto p) OCTET_INLINE_LAMBDA {
            auto const* const in = image + from + p * x.stride * pixel;
            sum[p] = kernels::fma1<Arch>::dot(sum[p], values::load_unaligned(in), values::load_unaligned(w + c));
          });
      });
    kernels::unroll<Pixels>([&](auto p) OCTET_INLINE_LAMBDA { store(sum[p], to + p * pixel + c); });
  }

  /// Some vectors of channels of a pixel that has the taps `x` only.
  template <int Vectors>
  OCTET_INLINE void part(std::ptrdiff_t at, std::ptrdiff_t c, section x, float* to) const {
    values sum[Vectors];
    kernels::unroll<Vectors>([&](auto v)
                                 OCTET_INLINE_LAMBDA { sum[v] = values::load_unaligned(bias + c + v * lanes); });
    each_line(at + c, [&](std::ptrdiff_t from, float const* w) OCTET_INLINE_LAMBDA {
      for (std::ptrdiff_t k = x.begin; k < x.end; ++k) {
        auto const* const in = image + (from + k * form.axis[2].dilation * form.channels);
        kernels::unroll<Vectors>([&](auto v) OCTET_INLINE_LAMBDA {
          sum[v] = kernels::fma1<Arch>::dot(sum[v], values::load_unaligned(in + v * lanes),
                                            values::load_unaligned(w + k * stride + c + v * lanes));
        });
      }
    });
    kernels::unroll<Vectors>([&](auto v) OCTET_INLINE_LAMBDA { store(sum[v], to + c + v * lanes); });
  }

  OCTET_INLINE void border(std::ptrdiff_t begin, std::ptrdiff_t count, float* to) const {
    std::ptrdiff_t const pixel = form.channels, step = form.axis[2].stride * pixel;
    for (std::ptrdiff_t i = begin; i < count; ++i) {
      section const x = form.axis[2].taps(i);
      std::ptrdiff_t c = 0;
      for (; c + 4 * lanes <= pixel; c += 4 * lanes) part<4>(start + i * step, c, x, to + i * pixel);
      for (; c < pixel; c += lanes) part<1>(start + i * step, c, x, to + i * pixel);
    }
  }

  /// Asks for what the next line of outputs reads below outputs [i, i + 4) and this one does not, and for where the
  /// four outputs behind these go.
  OCTET_INLINE void ask(std::ptrdiff_t i, float const* to) const {
    auto const &y = form.axis[1], &x = form.axis[2];
    std::ptrdiff_t const pixel = form.channels, next = start + y.stride * x.in * pixel + deep.begin * plane;
    for (auto tap = y.kernel - kernels::least(y.kernel, y.stride); tap < y.kernel; ++tap) {
      std::ptrdiff_t const at = below + tap * y.dilation;
      if (at < 0 || at >= y.in || deep.begin == deep.end) continue;
      kernels::fetch<false>(image + (next + tap * line + i * x.stride * pixel), 4 * x.stride * pixel);
    }
    kernels::fetch<true>(to + 4 * pixel, 4 * pixel);
  }

  /// From left to right, and of some pixels the last vector of channels first: what one writes beyond its pixel, the
  /// next ones overwrite.
  void run(float* to) const {
    auto const& x = form.axis[2];
    std::ptrdiff_t const pixel = form.channels, step = x.stride * pixel, last = (pixel - 1) / lanes * lanes;
    section const whole = x.whole();
    border(0, whole.begin, to);
    std::ptrdiff_t i = whole.begin;
    for (; i + 4 <= whole.end; i += 4) {
      ask(i, to + i * pixel);
      for (std::ptrdiff_t c = last; c >= 0; c -= lanes) pixels<4>(start + i * step, c, to + i * pixel);
    }
    for (; i < whole.end; ++i)
      for (std::ptrdiff_t c = last; c >= 0; c -= lanes) pixels<1>(start + i * step, c, to + i * pixel);
    border(whole.end, x.out, to);
  }
};

}  // namespace detail

namespace kernels {

/// Floats of a weight or bias row: the channels, rounded up to whole vectors.
template <class Arch = xsimd::default_arch>
OCTET_INLINE constexpr std::ptrdiff_t depthwise_room(std::ptrdiff_t channels) {
  return round_up<std::ptrdiff_t>(channels, static_cast<std::ptrdiff_t>(xsimd::batch<float, Arch>::size));
}

/// y = then(clamp(Σ taps x · w + bias)), every channel by itself; `form` has group 1. Weights are [tap][room], bias
/// [room], with room = depthwise_room(channels); the image may be read 64 bytes beyond its end. One chain of fused
/// multiply-adds over the taps that meet the image, starting from the bias.
template <class Arch = xsimd::default_arch, class Pool = serial>
void depthwise_f32(conv_form const& form, float const* image, float const* weights, float const* bias, float low,
                   float high, float* y, Pool&& pool = {}, row_function then = {}) {
  using values = xsimd::batch<float, Arch>;
  auto const& a = form.axis;
  std::ptrdiff_t const line = a[2].out * form.channels;
  if (form.channels == 0) return;
  std::ptrdiff_t const grain = (1 << 15) / (line * form.taps() + 1) + 1;
  parallel_for(pool, a[0].out * a[1].out, grain, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t l = begin; l < end; ++l) {
      octet::detail::depthwise_row<Arch> row{form, l};
      row.image = image, row.weights = weights, row.bias = bias, row.stride = depthwise_room<Arch>(form.channels);
      row.low = values(low), row.high = values(high), row.end = y + (l + 1) * line;
      row.run(y + l * line);
      then(y + l * line, line);
    }
  });
}

}  // namespace kernels
}  // namespace octet
