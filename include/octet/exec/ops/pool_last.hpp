// Pools of channels-last tensors, inside the executor's chains and of com.microsoft: the lanes of a vector are
// channels.
#pragma once

#include <algorithm>
#include <vector>

#include <octet/exec/ops/contrib_quantized.hpp>
#include <octet/exec/ops/pool.hpp>

namespace octet {
namespace detail {

/// best[i] = x[i] where that is larger.
template <class T>
void max_into(T* best, T const* x, std::int64_t n) {
  using batch = xsimd::batch<T>;
  constexpr auto lanes = static_cast<std::int64_t>(batch::size);
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    batch const a = batch::load_unaligned(best + i), b = batch::load_unaligned(x + i);
    xsimd::select(b > a, b, a).store_unaligned(best + i);
  }
  for (; i < n; ++i) best[i] = x[i] > best[i] ? x[i] : best[i];
}

/// The window of a pool over an input [batch, spatial…, channels], and the output's shape.
inline window window_last(op_label const& who, window_attributes const& a, shape const& x, shape& output) {
  if (x.rank() < 3) who.invalid("an input of shape " + x.text() + " has no spatial dimensions");
  shape first = x;
  std::rotate(first.begin() + 1, first.end() - 1, first.end());
  auto const w = make_window(who, a, first);
  output = x;
  for (std::size_t i = 0; i < w.rank; ++i) output[i + 1] = w.axis[3 - w.rank + i].out;
  return w;
}

inline operation prepare_max_pool_last(preparation const& p) {
  expect_inputs(p, 1, 1);
  return [a = window_attributes{p}, who = op_label{p}](call& c) {
    tensor const x = std::move(c.inputs[0]);
    shape output;
    auto const w = window_last(who, a, x.dims(), output);
    auto const channels = output[output.rank() - 1];
    auto& out = c.make(0, x.type(), output);
    visit(who, x.type(), types<float, std::uint8_t, std::int8_t>{}, [&]<class T>(T) {
      auto const* const from = x.as<T>().data();
      auto* const to = out.mutable_as<T>().data();
      for_rows(c.pool, x.dims()[0], w.outputs() * w.taps() * channels, [&](std::int64_t begin, std::int64_t end) {
        for (auto n = begin; n < end; ++n)
          for_windows(w, [&](std::int64_t i, tap_range const& tz, tap_range const& ty, tap_range const& tx) {
            T* const best = to + (n * w.outputs() + i) * channels;
            bool any = false;
            for_tap_rows(w, tz, ty, [&](std::int64_t row) {
              for (auto k = tx.first; k < tx.last; ++k, any = true) {
                auto const* const at = from + (n * w.inputs() + row + tx.start + k * w.axis[2].dilation) * channels;
                if (any) max_into(best, at, channels);
                else std::copy_n(at, channels, best);
              }
            });
            if (!any) std::fill_n(best, channels, lowest_value<T>());
          });
      });
    });
  };
}

/// Sums over the pixels of one image, for some vectors of channels: in blocks, so that few are added to many.
template <int Vectors, class Load>
OCTET_INLINE void sum_pixels(std::int64_t pixels, Load const& load, floats (&total)[Vectors]) {
  constexpr std::int64_t block = 64;
  for (auto& t : total) t = floats(0.f);
  for (std::int64_t p = 0; p < pixels; p += block) {
    floats some[Vectors];
    for (auto& t : some) t = floats(0.f);
    for (auto i = p; i < std::min(pixels, p + block); ++i)
      kernels::unroll<Vectors>([&](auto v) OCTET_INLINE_LAMBDA { some[v] += load(i, v * float_lanes); });
    kernels::unroll<Vectors>([&](auto v) OCTET_INLINE_LAMBDA { total[v] += some[v]; });
  }
}

inline shape pooled_shape(op_label const& who, shape const& x) {
  if (x.rank() < 3) who.invalid("an input of shape " + x.text() + " has no spatial dimensions");
  shape s = x;
  std::fill(s.begin() + 1, s.end() - 1, 1);
  return s;
}

inline operation prepare_global_average_last(preparation const& p) {
  expect_inputs(p, 1, 1);
  return [who = op_label{p}](call& c) {
    tensor const x = std::move(c.inputs[0]);
    auto const from = x.as<float>();
    auto const dims = pooled_shape(who, x.dims());
    auto const n = dims[dims.rank() - 1], pixels = x.dims().product(1, x.rank() - 1);
    auto const to = c.make(0, element::f32, dims).mutable_as<float>();
    for (std::int64_t b = 0; b < dims[0]; ++b) {
      auto* const sums = to.data() + b * n;
      auto const* const image = from.data() + b * pixels * n;
      std::int64_t at = 0;
      for (floats t[4]; at + 4 * float_lanes <= n; at += 4 * float_lanes) {
        sum_pixels(pixels, [&](std::int64_t i, auto v) { return floats::load_unaligned(image + i * n + at + v); }, t);
        kernels::unroll<4>([&](auto v) OCTET_INLINE_LAMBDA { t[v].store_unaligned(sums + at + v * float_lanes); });
      }
      for (floats t[1]; at < n; at += float_lanes) {
        auto const some = std::min(n - at, float_lanes);
        sum_pixels(
            pixels,
            [&](std::int64_t i, auto) {
              bool const whole = (pixels - i) * n - at >= float_lanes;  // what follows the channels is not used
              return whole ? floats::load_unaligned(image + i * n + at) : load_part(image + i * n + at, some);
            },
            t);
        if (some == float_lanes) t[0].store_unaligned(sums + at);
        else store_part(t[0], sums + at, some);
      }
      floats const count(static_cast<float>(pixels));
      map_floats(sums, sums, n, [&](floats v) { return v / count; });
    }
  };
}

/// X, X_scale, X_zero, Y_scale, Y_zero: sums of integers are exact, the mean is rounded to float once.
inline operation prepare_global_average_last_8(preparation const& p) {
  return [who = op_label{p}](call& c) {
    tensor const x = operand_8(who, c, 0);
    auto const gx = scalar_grid(who, c, 1, x.type()), gy = scalar_grid(who, c, 3, x.type());
    auto const dims = pooled_shape(who, x.dims());
    auto const n = dims[dims.rank() - 1], pixels = x.dims().product(1, x.rank() - 1);
    tensor y = c.memory.make(element::f32, dims);
    auto const to = y.mutable_as<float>();
    visit(who, x.type(), types<std::uint8_t, std::int8_t>{}, [&]<class T>(T) {
      using ints = xsimd::batch<std::int32_t>;
      constexpr auto lanes = static_cast<std::int64_t>(ints::size);
      auto const* from = x.as<T>().data();
      for (std::int64_t b = 0; b < dims[0]; ++b, from += pixels * n)
        for (std::int64_t at = 0; at < n; at += lanes) {
          ints sum(0);
          alignas(64) T part[64] = {};
          for (std::int64_t i = 0; i < pixels; ++i) {
            auto const* q = from + i * n + at;  // what follows the channel is not used
            if ((pixels - i) * n - at < lanes) std::copy_n(q, std::min(n - at, lanes), part), q = part;
            sum += kernels::narrow<xsimd::default_arch>::widen(q);
          }
          alignas(64) std::int32_t all[lanes];
          sum.store_aligned(all);
          for (std::int64_t j = 0; j < std::min(n - at, lanes); ++j) {
            double const exact = double(all[j]) - double(pixels) * double(gx.zero_point);
            to[std::size_t(b * n + at + j)] = static_cast<float>(exact / double(pixels) * double(gx.scale));
          }
        }
    });
    quantize_output(c, y, gy);
  };
}

}  // namespace detail

inline constexpr operator_entry pool_last_operators[] = {
    {"MaxPool", "octet", 1, &detail::prepare_max_pool_last},
    {"NhwcMaxPool", "com.microsoft", 1, &detail::prepare_max_pool_last},
    {"GlobalAveragePool", "octet", 1, &detail::prepare_global_average_last},
    {"QLinearGlobalAveragePool", "octet", 1, &detail::prepare_global_average_last_8},
};

}  // namespace octet
