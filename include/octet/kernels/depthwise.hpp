// Convolutions of single channels in images whose channels lie side by side: the lanes of a vector are channels.
#pragma once

#include <cstddef>

#include <octet/core/serial.hpp>
#include <octet/kernels/conv.hpp>

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

/// One channel vector of one line of outputs.
template <class Arch>
struct depthwise_row {
  using values = xsimd::batch<float, Arch>;
  static constexpr std::ptrdiff_t lanes = static_cast<std::ptrdiff_t>(values::size);

  kernels::conv_walk const& walk;
  float const* weights;   ///< [tap][channels, rounded up to whole vectors]
  std::ptrdiff_t stride;  ///< of the weights
  values low, high;
  float* end;  ///< of the line: what is stored beyond it would be another task's

  OCTET_INLINE void store(values x, float* to) const {
    x = xsimd::select(x < low, low, xsimd::select(x > high, high, x));
    if (end - to >= lanes) return x.store_unaligned(to);
    alignas(64) float t[lanes];
    x.store_aligned(t);
    std::memcpy(to, t, static_cast<std::size_t>(end - to) * sizeof(float));
  }

  template <int Pixels>
  OCTET_INLINE void pixels(float const* in, float const* w, values bias, float* to) const {
    auto const& x = walk.form.axis[2];
    std::ptrdiff_t const pixel = walk.form.channels, lines = walk.form.taps() / x.kernel;
    values c[Pixels];
    kernels::unroll<Pixels>([&](auto p) OCTET_INLINE_LAMBDA { c[p] = bias; });
    auto const each_line = [&](auto&& f) OCTET_INLINE_LAMBDA {
      for (std::ptrdiff_t l = 0; l < lines; ++l) f(in + walk.offsets[l * x.kernel] / 4, w + l * x.kernel * stride);
    };
    auto const known = [&]<int Width, int Stride>(std::integer_sequence<int, Width, Stride>) OCTET_INLINE_LAMBDA {
      each_line([&](float const* p, float const* q)
                    OCTET_INLINE_LAMBDA { depthwise_line<Arch, Pixels, Width, Stride>(p, pixel, q, stride, c); });
    };
    if (x.dilation == 1 && x.kernel == 3 && x.stride == 1) {
      known(std::integer_sequence<int, 3, 1>{});
    } else if (x.dilation == 1 && x.kernel == 3 && x.stride == 2) {
      known(std::integer_sequence<int, 3, 2>{});
    } else if (x.dilation == 1 && x.kernel == 5 && x.stride == 1) {
      known(std::integer_sequence<int, 5, 1>{});
    } else {
      for (std::ptrdiff_t t = 0; t < walk.form.taps(); ++t) {
        values const y = values::load_unaligned(w + t * stride);
        kernels::unroll<Pixels>([&](auto p) OCTET_INLINE_LAMBDA {
          auto const* const at = in + walk.offsets[t] / 4 + p * x.stride * pixel;
          c[p] = kernels::fma1<Arch>::dot(c[p], values::load_unaligned(at), y);
        });
      }
    }
    kernels::unroll<Pixels>([&](auto p) OCTET_INLINE_LAMBDA { store(c[p], to + p * pixel); });
  }

  /// Vectors of channels from the last to the first: what one writes beyond its pixel, the next ones overwrite.
  void run(float const* in, float const* bias, float* to, std::ptrdiff_t count) {
    std::ptrdiff_t const pixel = walk.form.channels, step = walk.form.axis[2].stride * pixel;
    for (std::ptrdiff_t c = (pixel - 1) / lanes * lanes; c >= 0; c -= lanes) {
      values const b = values::load_unaligned(bias + c);
      std::ptrdiff_t i = 0;
      for (; i + 4 <= count; i += 4) pixels<4>(in + i * step + c, weights + c, b, to + i * pixel + c);
      for (; i < count; ++i) pixels<1>(in + i * step + c, weights + c, b, to + i * pixel + c);
    }
  }
};

}  // namespace detail

namespace kernels {

/// Floats of a weight or bias row: the channels, rounded up to whole vectors.
template <class Arch = xsimd::default_arch>
OCTET_INLINE constexpr std::ptrdiff_t depthwise_room(std::ptrdiff_t channels) {
  return round_up<std::ptrdiff_t>(channels, static_cast<std::ptrdiff_t>(xsimd::batch<float, Arch>::size));
}

/// y = clamp(Σ taps x · w + bias), every channel by itself; `walk` of a form with group 1 and an image that has been
/// padded. Weights are [tap][room], bias [room], with room = depthwise_room(channels); the image may be read 64 bytes
/// beyond its end. One chain of fused multiply-adds over the taps, starting from the bias.
template <class Arch = xsimd::default_arch, class Pool = serial>
void depthwise_f32(conv_walk const& walk, float const* image, float const* weights, float const* bias, float low,
                   float high, float* y, Pool&& pool = {}) {
  auto const& a = walk.form.axis;
  std::ptrdiff_t const pixel = walk.form.channels, line = a[2].out * pixel, down = a[1].out;
  if (pixel == 0) return;
  std::ptrdiff_t const grain = (1 << 15) / (line * walk.form.taps() + 1) + 1;
  parallel_for(pool, a[0].out * down, grain, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    using values = xsimd::batch<float, Arch>;
    for (std::ptrdiff_t l = begin; l < end; ++l) {
      auto const* const in =
          image + (l / down * a[0].stride * walk.extent[1] + l % down * a[1].stride) * walk.extent[2] * pixel;
      octet::detail::depthwise_row<Arch> row{walk,        weights,      depthwise_room<Arch>(pixel),
                                             values(low), values(high), y + (l + 1) * line};
      row.run(in, bias, y + l * line, a[2].out);
    }
  });
}

}  // namespace kernels
}  // namespace octet
