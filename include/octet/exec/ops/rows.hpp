// Passes over one row of floating point numbers that reductions, softmax and the normalizations share. Sums are taken
// in vector lanes over pieces of fixed length and continued in double: their order depends on the row's length alone.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <octet/exec/ops/math.hpp>

namespace octet::detail {

/// Σ f(x[i]) for a function that takes batches (and, for double, scalars).
template <class T, class F>
double row_sum_of(T const* x, std::int64_t n, F const& f) {
  double total = 0;
  if constexpr (std::is_same_v<T, float>) {
    constexpr std::int64_t piece = 1024;
    for (std::int64_t at = 0; at < n; at += piece) {
      auto const stop = std::min(n, at + piece);
      floats a(0.0f), b(0.0f);
      auto i = at;
      for (; i + 2 * float_lanes <= stop; i += 2 * float_lanes) {
        a += f(floats::load_unaligned(x + i));
        b += f(floats::load_unaligned(x + i + float_lanes));
      }
      for (; i + float_lanes <= stop; i += float_lanes) a += f(floats::load_unaligned(x + i));
      double sum = double(xsimd::reduce_add(a + b));
      if (i < stop) {
        float some[floats::size];
        f(load_part(x + i, stop - i)).store_unaligned(some);
        for (std::int64_t k = 0; k < stop - i; ++k) sum += double(some[k]);
      }
      total += sum;
    }
  } else {
    for (std::int64_t i = 0; i < n; ++i) total += f(x[i]);
  }
  return total;
}

template <class T>
double row_sum(T const* x, std::int64_t n) {
  return row_sum_of(x, n, [](auto v) { return v; });
}
template <class T>
double row_sum_of_squares(T const* x, std::int64_t n) {
  return row_sum_of(x, n, [](auto v) { return v * v; });
}
/// Σ (x − mean)²
template <class T>
double row_deviation(T const* x, std::int64_t n, double mean) {
  T const near = static_cast<T>(mean);
  double const rest = mean - double(near);
  double const sum = row_sum_of(x, n, [near](auto v) {
    auto const d = v - decltype(v)(near);
    return d * d;
  });
  return std::max(sum - double(n) * rest * rest, 0.0);
}

/// Op over a row, from `start`: the largest or smallest value.
template <class Op, class T>
T row_extreme(T const* x, std::int64_t n, T start) {
  Op const op;
  std::int64_t i = 0;
  if constexpr (std::is_same_v<T, float>) {
    if (n >= float_lanes) {
      floats v = floats::load_unaligned(x);
      for (i = float_lanes; i + float_lanes <= n; i += float_lanes) v = op(v, floats::load_unaligned(x + i));
      float some[floats::size];
      v.store_unaligned(some);
      for (float const y : some) start = op(start, y);
    }
  }
  for (; i < n; ++i) start = op(start, x[i]);
  return start;
}

/// y[i] = f(x[i]) for float by batches, for double one by one.
template <class T, class F>
void map_row(T const* x, T* y, std::int64_t n, F const& f) {
  if constexpr (std::is_same_v<T, float>) map_floats(x, y, n, f);
  else
    for (std::int64_t i = 0; i < n; ++i) y[i] = f(x[i]);
}

/// y = x · scale + shift
template <class T>
void scale_row(T const* x, T* y, std::int64_t n, T scale, T shift) {
  map_row(x, y, n, [=](auto v) { return v * decltype(v)(scale) + decltype(v)(shift); });
}

/// y = (x − mean) · factor · scale[i] + bias[i]; `bias` may be null.
template <class T>
void normalize_row(T const* x, T* y, std::int64_t n, T mean, T factor, T const* scale, T const* bias) {
  std::int64_t i = 0;
  if constexpr (std::is_same_v<T, float>) {
    floats const m(mean), f(factor);
    for (; i + float_lanes <= n; i += float_lanes) {
      auto v = (floats::load_unaligned(x + i) - m) * f * floats::load_unaligned(scale + i);
      if (bias != nullptr) v += floats::load_unaligned(bias + i);
      v.store_unaligned(y + i);
    }
  }
  for (; i < n; ++i) {
    T const v = (x[i] - mean) * factor * scale[i];
    y[i] = bias != nullptr ? v + bias[i] : v;
  }
}

}  // namespace octet::detail
