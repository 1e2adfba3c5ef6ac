// Float matrix products of the executor: right-hand sides packed once, results equal for any number of threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <vector>

#include <octet/core/matrix.hpp>
#include <octet/core/parallel.hpp>

namespace octet::detail {

inline constexpr std::ptrdiff_t panel_columns = 16;

/// B of a product A·B, in panels of 16 columns; tails are zero.
struct right_f32 {
  std::ptrdiff_t k = 0, n = 0;
  std::vector<float> data{};

  std::ptrdiff_t panels() const { return (n + panel_columns - 1) / panel_columns; }
  float const* panel(std::ptrdiff_t p) const { return data.data() + p * k * panel_columns; }
};

/// Packs a k × n matrix whose element (i, j) is b[i·row + j·column].
inline right_f32 pack_right(float const* b, std::ptrdiff_t k, std::ptrdiff_t n, std::ptrdiff_t row, std::ptrdiff_t column) {
  right_f32 r{.k = k, .n = n};
  r.data.assign(static_cast<std::size_t>(r.panels() * k * panel_columns), 0.f);
  for (std::ptrdiff_t j = 0; j < n; ++j) {
    float* to = r.data.data() + (j / panel_columns) * k * panel_columns + j % panel_columns;
    for (std::ptrdiff_t i = 0; i < k; ++i) to[i * panel_columns] = b[i * row + j * column];
  }
  return r;
}

/// `R` rows of A by one panel: one chain over k for each element, started from the bias.
template <int R>
void product_tile(float const* a, std::ptrdiff_t a_stride, float const* b, std::ptrdiff_t k, float const* bias, float* out) {
  float acc[R][panel_columns];
  for (int r = 0; r < R; ++r) std::memcpy(acc[r], bias, sizeof acc[r]);
  for (std::ptrdiff_t i = 0; i < k; ++i)
    for (int r = 0; r < R; ++r) {
      float const x = a[r * a_stride + i];
      for (int j = 0; j < panel_columns; ++j) acc[r][j] += x * b[i * panel_columns + j];
    }
  std::memcpy(out, acc, sizeof acc);
}

/// C = A·B + bias; bias has n values or is null.
template <class Executor>
void product(Executor& pool, matrix<float const> a, right_f32 const& b, float const* bias, matrix<float> c) {
  constexpr std::ptrdiff_t rows = 48, panels = 16;
  auto const down = (a.rows + rows - 1) / rows, across = (b.panels() + panels - 1) / panels;
  pool.run(down * across, [&](std::ptrdiff_t t) {
    auto const i0 = t / across * rows, i1 = std::min(i0 + rows, a.rows);
    auto const p0 = t % across * panels, p1 = std::min(p0 + panels, b.panels());
    for (auto p = p0; p < p1; ++p) {
      auto const j = p * panel_columns, width = std::min(panel_columns, b.n - j);
      float start[panel_columns] = {}, tile[4][panel_columns];
      if (bias != nullptr) std::memcpy(start, bias + j, static_cast<std::size_t>(width) * 4);
      for (auto i = i0; i < i1; i += 4) {
        auto const r = std::min<std::ptrdiff_t>(4, i1 - i);
        auto const* from = a.data + i * a.stride;
        if (r == 4) product_tile<4>(from, a.stride, b.panel(p), b.k, start, tile[0]);
        else
          for (std::ptrdiff_t x = 0; x < r; ++x) product_tile<1>(from + x * a.stride, a.stride, b.panel(p), b.k, start, tile[x]);
        for (std::ptrdiff_t x = 0; x < r; ++x) std::memcpy(c.row(i + x) + j, tile[x], static_cast<std::size_t>(width) * 4);
      }
    }
  });
}

/// Columns that one task of a convolution packs and multiplies: some panels of k rows.
struct strip_f32 {
  std::ptrdiff_t k = 0, n = 0;
  float* data = nullptr;

  static std::ptrdiff_t panels_per_task(std::ptrdiff_t k) { return std::clamp<std::ptrdiff_t>((1 << 18) / (k * panel_columns * 4 + 1), 1, 16); }
  std::ptrdiff_t panels() const { return (n + panel_columns - 1) / panel_columns; }
  float* panel(std::ptrdiff_t p) const { return data + p * k * panel_columns; }
};

/// C = A·strip + bias of the row (or null).
inline void product_strip(matrix<float const> a, strip_f32 const& b, float const* row_bias, matrix<float> c) {
  for (std::ptrdiff_t p = 0; p < b.panels(); ++p) {
    auto const j = p * panel_columns, width = std::min(panel_columns, b.n - j);
    float const start[panel_columns] = {};
    float tile[4][panel_columns];
    for (std::ptrdiff_t i = 0; i < a.rows; i += 4) {
      auto const r = std::min<std::ptrdiff_t>(4, a.rows - i);
      auto const* from = a.data + i * a.stride;
      if (r == 4) product_tile<4>(from, a.stride, b.panel(p), b.k, start, tile[0]);
      else
        for (std::ptrdiff_t x = 0; x < r; ++x) product_tile<1>(from + x * a.stride, a.stride, b.panel(p), b.k, start, tile[x]);
      for (std::ptrdiff_t x = 0; x < r; ++x)
        for (std::ptrdiff_t y = 0; y < width; ++y) c(i + x, j + y) = tile[x][y] + (row_bias ? row_bias[i + x] : 0);
    }
  }
}

}  // namespace octet::detail
