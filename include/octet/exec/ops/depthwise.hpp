// Convolution of single channels: every tap is a vector multiplied by one weight.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <octet/exec/ops/simd.hpp>
#include <octet/exec/ops/window.hpp>

namespace octet::detail {

/// One channel's input, padded and split by phase of the stride, so that each tap of neighbouring outputs reads
/// neighbouring values: value (y, x) of phase (p, q) is the padded input at (y·stride + p, x·stride + q).
struct phase_planes {
  std::int64_t rows = 0, columns = 0, size = 0;  ///< of one phase
  window_axis h{}, w{};
  std::vector<float> data{};
  std::vector<std::int64_t> offsets{};  ///< of each tap, in `data`

  explicit phase_planes(window const& win) : h{win.axis[1]}, w{win.axis[2]} {
    rows = h.out + (h.extent() - 1) / h.stride;
    columns = w.out + (w.extent() - 1) / w.stride;
    size = (rows + 1) * columns + 4 * float_lanes;  // the last vectors read beyond the last row
    data.assign(static_cast<std::size_t>(size * h.stride * w.stride), 0.f);
    for (std::int64_t ky = 0; ky < h.kernel; ++ky)
      for (std::int64_t kx = 0; kx < w.kernel; ++kx) {
        auto const y = ky * h.dilation, x = kx * w.dilation;
        offsets.push_back((y % h.stride * w.stride + x % w.stride) * size + y / h.stride * columns + x / w.stride);
      }
  }

  /// Padding stays zero from one channel to the next.
  void load(float const* image) {
    for (std::int64_t y = 0; y < h.in; ++y) {
      auto const py = y + h.begin;
      if (py / h.stride >= rows) break;
      auto* const line = data.data() + py % h.stride * w.stride * size + py / h.stride * columns;
      for (std::int64_t q = 0; q < w.stride; ++q) {
        auto const first = ((q - w.begin) % w.stride + w.stride) % w.stride;  // first x of this phase
        auto* to = line + q * size + (first + w.begin) / w.stride;
        auto const count = std::min((w.in - first + w.stride - 1) / w.stride, columns - (first + w.begin) / w.stride);
        for (std::int64_t i = 0; i < count; ++i) to[i] = image[y * w.in + first + i * w.stride];
      }
    }
  }

  /// Outputs in the planes' width: out[y · columns + x].
  void convolve(float const* weights, float bias, float* out) const {
    for (std::int64_t i = 0; i < h.out * columns; i += 4 * float_lanes) {
      floats a{bias}, b{bias}, c{bias}, d{bias};
      for (std::size_t t = 0; t < offsets.size(); ++t) {
        floats const x{weights[t]};
        float const* const p = data.data() + offsets[t] + i;
        a = xsimd::fma(x, floats::load_unaligned(p), a);
        b = xsimd::fma(x, floats::load_unaligned(p + float_lanes), b);
        c = xsimd::fma(x, floats::load_unaligned(p + 2 * float_lanes), c);
        d = xsimd::fma(x, floats::load_unaligned(p + 3 * float_lanes), d);
      }
      a.store_unaligned(out + i), b.store_unaligned(out + i + float_lanes);
      c.store_unaligned(out + i + 2 * float_lanes), d.store_unaligned(out + i + 3 * float_lanes);
    }
  }
};

/// Each of `channels` input channels with `multiplier` filters of its own; two spatial dimensions.
inline void depthwise_f32(thread_pool& pool, window const& w, float const* x, std::int64_t batch, std::int64_t channels,
                          std::int64_t multiplier, float const* weights, float const* bias, float* y) {
  auto const pixels = w.outputs(), taps = w.taps();
  auto const grain = std::max<std::int64_t>(1, (1 << 15) / (pixels * multiplier + 1));
  parallel_for(pool, batch * channels, grain, [&](std::int64_t begin, std::int64_t end) {
    phase_planes planes{w};
    std::vector<float> wide(static_cast<std::size_t>(planes.size));
    for (auto i = begin; i < end; ++i) {
      planes.load(x + i * w.inputs());
      for (std::int64_t m = 0; m < multiplier; ++m) {
        auto const filter = i % channels * multiplier + m;
        planes.convolve(weights + filter * taps, bias == nullptr ? 0.f : bias[filter], wide.data());
        auto* const to = y + (i * multiplier + m) * pixels;
        for (std::int64_t row = 0; row < w.axis[1].out; ++row)
          std::copy_n(wide.data() + row * planes.columns, w.axis[2].out, to + row * w.axis[2].out);
      }
    }
  });
}

}  // namespace octet::detail
