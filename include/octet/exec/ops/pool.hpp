// Pools of the executor: the maximum, average or norm under a window, or over all of a channel.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <octet/exec/ops/half.hpp>
#include <octet/exec/ops/window.hpp>

namespace octet {
namespace detail {

/// Taps [first, last) of an axis that lie inside the input, for output o; `start` is where tap 0 reads.
struct tap_range {
  std::int64_t start = 0, first = 0, last = 0;

  static tap_range of(window_axis const& a, std::int64_t o) {
    tap_range r{.start = o * a.stride - a.begin};
    r.first = r.start >= 0 ? 0 : (-r.start + a.dilation - 1) / a.dilation;
    r.last =
        r.start >= a.in ? r.first : std::clamp<std::int64_t>((a.in - 1 - r.start) / a.dilation + 1, r.first, a.kernel);
    if (r.first > a.kernel) r.first = r.last = a.kernel;
    return r;
  }
};

/// Calls f(output index, z, y, x ranges) for each output pixel of a plane.
template <class F>
void for_windows(window const& w, F&& f) {
  std::int64_t i = 0;
  for (std::int64_t z = 0; z < w.axis[0].out; ++z) {
    auto const tz = tap_range::of(w.axis[0], z);
    for (std::int64_t y = 0; y < w.axis[1].out; ++y) {
      auto const ty = tap_range::of(w.axis[1], y);
      for (std::int64_t x = 0; x < w.axis[2].out; ++x, ++i) f(i, tz, ty, tap_range::of(w.axis[2], x));
    }
  }
}

/// Calls f(offset of the row in the plane, x range) for the rows of taps inside the input.
template <class F>
void for_tap_rows(window const& w, tap_range const& tz, tap_range const& ty, F&& f) {
  for (auto kz = tz.first; kz < tz.last; ++kz)
    for (auto ky = ty.first; ky < ty.last; ++ky)
      f(((tz.start + kz * w.axis[0].dilation) * w.axis[1].in + ty.start + ky * w.axis[1].dilation) * w.axis[2].in);
}

/// Runs f(plane) for each channel of each image.
template <class F>
void for_planes(call& c, window const& w, shape const& x, F const& f) {
  for_rows(c.pool, x[0] * x[1], w.outputs() * w.taps(), [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) f(i);
  });
}

template <class T>
constexpr T lowest_value() {
  if constexpr (std::numeric_limits<T>::has_infinity) return -std::numeric_limits<T>::infinity();
  else return std::numeric_limits<T>::lowest();
}

template <class T>
void max_pool_plane(window const& w, T const* x, T* y, std::int64_t* at) {
  auto const step = w.axis[2].dilation;
  for_windows(w, [&](std::int64_t i, tap_range const& tz, tap_range const& ty, tap_range const& tx) {
    T best = lowest_value<T>();
    std::int64_t where = -1;
    for_tap_rows(w, tz, ty, [&](std::int64_t row) {
      for (auto k = tx.first; k < tx.last; ++k) {
        auto const j = row + tx.start + k * step;
        if (x[j] > best || where < 0) best = x[j], where = j;
      }
    });
    y[i] = best;
    if (at != nullptr) at[i] = where;
  });
}

/// Positions in row-major order as positions in column-major order.
inline std::int64_t column_major(window const& w, std::int64_t i) {
  auto const &d = w.axis[0], &h = w.axis[1], &x = w.axis[2];
  auto const column = i % x.in, row = i / x.in % h.in, slice = i / x.in / h.in;
  return w.rank == 3 ? (column * h.in + row) * d.in + slice : w.rank == 2 ? column * h.in + row : column;
}

inline operation prepare_max_pool(preparation const& p) {
  expect_inputs(p, 1, 1);
  return [a = window_attributes{p}, columns = p.get("storage_order", std::int64_t{0}) != 0, indices = p.has_output(1),
          who = op_label{p}](call& c) {
    auto const x = c.inputs[0];
    if (a.kernel.empty()) who.invalid("kernel_shape is missing");
    auto const w = make_window(who, a, x.dims());
    auto const dims = w.output(x.dims()[0], x.dims()[1]);
    auto& y = c.make(0, x.type(), dims);
    std::int64_t* at = indices ? c.make(1, element::s64, dims).mutable_as<std::int64_t>().data() : nullptr;
    visit(who, x.type(), types<float, double, std::uint8_t, std::int8_t>{}, [&]<class T>(T) {
      auto const* const from = x.as<T>().data();
      auto* const to = y.mutable_as<T>().data();
      for_planes(c, w, x.dims(), [&](std::int64_t i) {
        auto* const places = at == nullptr ? nullptr : at + i * w.outputs();
        max_pool_plane(w, from + i * w.inputs(), to + i * w.outputs(), places);
        for (std::int64_t j = 0; places != nullptr && j < w.outputs(); ++j)
          places[j] = i * w.inputs() + (columns ? column_major(w, places[j]) : places[j]);
      });
    });
  };
}

/// Taps of an axis that count for an average with padding: those inside of the input and its padding.
inline std::int64_t padded_taps(window_axis const& a, tap_range const& t) {
  auto const room = a.in + a.end - t.start;
  return std::min(a.kernel, (room - 1) / a.dilation + 1);
}

inline void average_pool_plane(window const& w, bool with_padding, float const* x, float* y) {
  auto const step = w.axis[2].dilation;
  for_windows(w, [&](std::int64_t i, tap_range const& tz, tap_range const& ty, tap_range const& tx) {
    float sum = 0;
    for_tap_rows(w, tz, ty, [&](std::int64_t row) {
      for (auto k = tx.first; k < tx.last; ++k) sum += x[row + tx.start + k * step];
    });
    auto const inside = (tz.last - tz.first) * (ty.last - ty.first) * (tx.last - tx.first);
    auto const all = padded_taps(w.axis[0], tz) * padded_taps(w.axis[1], ty) * padded_taps(w.axis[2], tx);
    auto const n = with_padding ? all : inside;
    y[i] = n == 0 ? 0.f : sum / static_cast<float>(n);
  });
}

inline operation prepare_average_pool(preparation const& p) {
  expect_inputs(p, 1, 1);
  return [a = window_attributes{p}, with_padding = p.get("count_include_pad", std::int64_t{0}) != 0,
          who = op_label{p}](call& c) {
    auto const x = c.inputs[0];
    if (a.kernel.empty()) who.invalid("kernel_shape is missing");
    auto const w = make_window(who, a, x.dims());
    auto const* const from = x.as<float>().data();
    auto* const to = c.make(0, x.type(), w.output(x.dims()[0], x.dims()[1])).mutable_as<float>().data();
    for_planes(c, w, x.dims(), [&](std::int64_t i) {
      average_pool_plane(w, with_padding, from + i * w.inputs(), to + i * w.outputs());
    });
  };
}

inline operation prepare_lp_pool(preparation const& p) {
  expect_inputs(p, 1, 1);
  return
      [a = window_attributes{p}, power = static_cast<float>(p.get("p", std::int64_t{2})), who = op_label{p}](call& c) {
        auto const x = c.inputs[0];
        if (a.kernel.empty()) who.invalid("kernel_shape is missing");
        auto const w = make_window(who, a, x.dims());
        auto const* const from = x.as<float>().data();
        auto* const to = c.make(0, x.type(), w.output(x.dims()[0], x.dims()[1])).mutable_as<float>().data();
        for_planes(c, w, x.dims(), [&](std::int64_t plane) {
          auto const* const in = from + plane * w.inputs();
          for_windows(w, [&](std::int64_t i, tap_range const& tz, tap_range const& ty, tap_range const& tx) {
            float sum = 0;
            for_tap_rows(w, tz, ty, [&](std::int64_t row) {
              for (auto k = tx.first; k < tx.last; ++k)
                sum += std::pow(std::abs(in[row + tx.start + k * w.axis[2].dilation]), power);
            });
            to[plane * w.outputs() + i] = std::pow(sum, 1 / power);
          });
        });
      };
}

/// What a global pool makes of the n values of a channel.
using channel_function = float (*)(float const*, std::int64_t n, float p);

inline float channel_average(float const* x, std::int64_t n, float) {
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum += x[i];
  return static_cast<float>(sum / static_cast<double>(n));
}
inline float channel_max(float const* x, std::int64_t n, float) {
  float best = lowest_value<float>();
  for (std::int64_t i = 0; i < n; ++i) best = x[i] > best ? x[i] : best;
  return best;
}
inline float channel_norm(float const* x, std::int64_t n, float p) {
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum += std::pow(std::abs(x[i]), p);
  return static_cast<float>(std::pow(sum, 1.0 / static_cast<double>(p)));
}

template <channel_function F>
operation prepare_global_pool(preparation const& p) {
  expect_inputs(p, 1, 1);
  return [power = static_cast<float>(p.get("p", std::int64_t{2})), who = op_label{p}](call& c) {
    auto const x = c.inputs[0];
    if (x.rank() < 2) who.invalid("an input of shape " + x.dims().text() + " has no channels");
    shape dims{x.dims()[0], x.dims()[1]};
    for (std::size_t i = 2; i < x.rank(); ++i) dims.push_back(1);
    auto const rows = x.dims()[0] * x.dims()[1], n = x.dims().product(2, x.rank());
    auto const from = x.as<float>();
    auto const to = c.make(0, x.type(), dims).mutable_as<float>();
    for_rows(c.pool, rows, n, [&](std::int64_t begin, std::int64_t end) {
      for (auto i = begin; i < end; ++i) to[std::size_t(i)] = F(from.data() + i * n, n, power);
    });
  };
}

}  // namespace detail

inline constexpr operator_entry pool_operators[] = {
    {"MaxPool", "", 1, &detail::prepare_as_float<&detail::prepare_max_pool>},
    {"AveragePool", "", 1, &detail::prepare_as_float<&detail::prepare_average_pool>},
    {"LpPool", "", 1, &detail::prepare_as_float<&detail::prepare_lp_pool>},
    {"GlobalAveragePool", "", 1, &detail::prepare_as_float<&detail::prepare_global_pool<&detail::channel_average>>},
    {"GlobalMaxPool", "", 1, &detail::prepare_as_float<&detail::prepare_global_pool<&detail::channel_max>>},
    {"GlobalLpPool", "", 2, &detail::prepare_as_float<&detail::prepare_global_pool<&detail::channel_norm>>},
};

}  // namespace octet
