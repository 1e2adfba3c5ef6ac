// Grids of constant tensors: one, one for each channel, one for each block of a channel.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

#include <octet/core/config.hpp>
#include <octet/numeric/grid.hpp>

namespace octet {

namespace detail {
/// As `merge`, but NaN on either side stays.
inline range merge_nan(range a, range b) { return std::isnan(b.low) ? b : merge(a, b); }  // a NaN loses no comparison

/// Ranges of N · 4 streams of numbers side by side, with the compiler's own vectors: these run below the kernels.
template <int N>
struct lane_ranges {
  typedef float floats __attribute__((vector_size(16)));
  typedef std::int32_t ints __attribute__((vector_size(16)));
  floats low[N], high[N];
  ints nan[N] = {};

  lane_ranges() {
    for (int v = 0; v < N; ++v) {
      low[v] = floats{} + std::numeric_limits<float>::infinity();
      high[v] = -low[v];
    }
  }
  void add(float const* x) {
    for (int v = 0; v < N; ++v) {
      floats y;
      std::memcpy(&y, x + 4 * v, sizeof y);
      low[v] = y < low[v] ? y : low[v];
      high[v] = y > high[v] ? y : high[v];
      nan[v] |= y != y;
    }
  }
  range lane(std::ptrdiff_t i) const {
    float const n = std::numeric_limits<float>::quiet_NaN();
    return nan[i / 4][i % 4] ? range{n, n} : range{low[i / 4][i % 4], high[i / 4][i % 4]};
  }
  range merged() const {
    range r;
    for (std::ptrdiff_t i = 0; i < 4 * N; ++i) r = merge_nan(r, lane(i));
    return r;
  }
};
}  // namespace detail

namespace numeric {

/// A tensor seen from one of its axes: the dimensions before it, it, and those after it, multiplied.
struct axis_view {
  std::ptrdiff_t outer = 1, length = 1, inner = 1;
  constexpr std::ptrdiff_t size() const { return outer * length * inner; }
};

/// Least and greatest element; a NaN among them makes both NaN, so that choosing a grid throws.
inline range range_of(std::span<float const> x) {
  octet::detail::lane_ranges<4> r;
  std::size_t i = 0;
  for (; i + 16 <= x.size(); i += 16) r.add(x.data() + i);
  range all = r.merged();
  for (; i < x.size(); ++i) all = octet::detail::merge_nan(all, {x[i], x[i]});
  return all;
}

/// Ranges of the `length` channels, NaN as above.
inline void ranges_of(std::span<float const> x, axis_view v, std::span<range> out) {
  OCTET_ASSERT(x.size() == std::size_t(v.size()) && out.size() == std::size_t(v.length));
  for (range& r : out) r = {};
  if (v.inner != 1) {
    float const* p = x.data();
    for (std::ptrdiff_t o = 0; o < v.outer; ++o)
      for (range& r : out) {
        r = octet::detail::merge_nan(r, range_of({p, std::size_t(v.inner)}));
        p += v.inner;
      }
    return;
  }
  std::vector<octet::detail::lane_ranges<4>> lanes(std::size_t(v.length / 16));  // channels innermost: row by row
  for (std::ptrdiff_t o = 0; o < v.outer; ++o)
    for (std::size_t b = 0; b < lanes.size(); ++b) lanes[b].add(x.data() + o * v.length + std::ptrdiff_t(b) * 16);
  std::ptrdiff_t c = 0;
  for (; c < v.length / 16 * 16; ++c) out[std::size_t(c)] = lanes[std::size_t(c / 16)].lane(c % 16);
  for (; c < v.length; ++c)
    for (std::ptrdiff_t o = 0; o < v.outer; ++o) {
      float const y = x[std::size_t(o * v.length + c)];
      out[std::size_t(c)] = octet::detail::merge_nan(out[std::size_t(c)], {y, y});
    }
}

/// One grid for each range; throws `invalid` for NaN and infinities.
inline void choose_each(std::span<range const> ranges, element e, symmetry s, bool reduce_range, std::span<grid> out,
                        double min_real_range = 0) {
  OCTET_ASSERT(ranges.size() == out.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = choose(ranges[i], e, s, reduce_range, min_real_range);
}

/// The grid of one block. Unlike `choose` it subtracts in float and divides by the rounded scale: the reference does.
inline grid choose_block(range r, element e, symmetry s, bool reduce_range = false) {
  if (!std::isnan(r.low) && !std::isnan(r.high)) r = including_zero(r);
  octet::detail::check_range(r, e);
  if (s == symmetry::symmetric) {
    float const most = r.high > -r.low ? r.high : -r.low;
    r = {-most, most};
  }
  integers const q = used_of(e, s, reduce_range);
  float const width = r.high - r.low;
  if (std::isinf(width))
    octet::detail::raise(error_kind::invalid, "the range of a block is wider than float",
                         "quantize this tensor per tensor or per channel");
  auto const scale = static_cast<float>(double{width} / (double(q.high) - double(q.low)));
  bool const degenerate = scale < std::numeric_limits<float>::min();
  float const stored = degenerate ? 1.f : scale;
  if (s == symmetry::symmetric) return {stored, octet::detail::middle(q), e};
  if (degenerate) return {1, 0, e};
  double const zero = std::nearbyint(q.low - double{r.low} / double{stored});
  return {stored, static_cast<std::int32_t>(zero < q.low ? q.low : zero > q.high ? q.high : zero), e};
}

/// Number of blocks along the axis; the last one may be shorter.
constexpr std::ptrdiff_t blocks(axis_view v, std::ptrdiff_t block) { return (v.length + block - 1) / block; }

/// One grid for each block of `block` elements along the axis: `out` is outer × blocks × inner.
inline void choose_blocked(std::span<float const> x, axis_view v, std::ptrdiff_t block, element e, symmetry s,
                           std::span<grid> out, bool reduce_range = false) {
  OCTET_ASSERT(block > 0 && x.size() == std::size_t(v.size()));
  std::ptrdiff_t const n = blocks(v, block);
  OCTET_ASSERT(out.size() == std::size_t(v.outer * n * v.inner));
  for (std::ptrdiff_t o = 0; o < v.outer; ++o)
    for (std::ptrdiff_t b = 0; b < n; ++b)
      for (std::ptrdiff_t i = 0; i < v.inner; ++i) {
        range r;
        for (std::ptrdiff_t k = b * block; k < v.length && k < (b + 1) * block; ++k) {
          float const y = x[std::size_t((o * v.length + k) * v.inner + i)];
          if (y != y) r = {y, y};
          r.add(y);
        }
        out[std::size_t((o * n + b) * v.inner + i)] = choose_block(r, e, s, reduce_range);
      }
}

}  // namespace numeric
}  // namespace octet
