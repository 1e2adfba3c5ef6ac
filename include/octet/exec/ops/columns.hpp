// The right-hand side of a convolution as a matrix product, made strip by strip: never the whole image as columns.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include <octet/exec/ops/window.hpp>

namespace octet::detail {

/// Where window position `o` and tap `k` read the input, or −1.
inline std::int64_t window_source(window_axis const& a, std::int64_t o, std::int64_t k) {
  auto const i = o * a.stride - a.begin + k * a.dilation;
  return i >= 0 && i < a.in ? i : -1;
}

/// A run of neighbouring output pixels in one row.
struct pixel_run {
  std::int64_t z = 0, y = 0, x = 0, count = 0;
};

/// Output pixels [begin, end) in row-major order as runs.
inline void runs_of(window const& w, std::int64_t begin, std::int64_t end, std::vector<pixel_run>& runs) {
  runs.clear();
  auto const width = w.axis[2].out, height = w.axis[1].out;
  while (begin < end) {
    auto const x = begin % width, count = std::min(width - x, end - begin);
    runs.push_back({begin / width / height, begin / width % height, x, count});
    begin += count;
  }
}

/// Copies what tap `k` of the width axis reads for a run; `row` is the input row, null outside of the image.
template <class T>
void copy_run(window_axis const& a, pixel_run const& r, std::int64_t k, T const* row, T* to, T pad) {
  if (row == nullptr) {
    std::fill(to, to + r.count, pad);
    return;
  }
  auto const first = r.x * a.stride - a.begin + k * a.dilation;
  std::int64_t const low = first >= 0 ? 0 : std::min(r.count, (-first + a.stride - 1) / a.stride);
  std::int64_t const high = first >= a.in ? low : std::max(low, std::min(r.count, (a.in - 1 - first) / a.stride + 1));
  std::fill(to, to + low, pad);
  if (a.stride == 1) std::memcpy(to + low, row + first + low, static_cast<std::size_t>(high - low) * sizeof(T));
  else
    for (auto i = low; i < high; ++i) to[i] = row[first + i * a.stride];
  std::fill(to + high, to + r.count, pad);
}

/// Writes pixels of `runs` for all `channels` of `image` into `to`: row k starts at to + k · stride.
template <class T>
void fill_columns(window const& w, T const* image, std::int64_t channels, std::vector<pixel_run> const& runs, T* to,
                  std::int64_t stride, T pad) {
  auto const &d = w.axis[0], &h = w.axis[1], &x = w.axis[2];
  auto const plane = w.inputs();
  for (std::int64_t c = 0; c < channels; ++c, image += plane)
    for (std::int64_t kz = 0; kz < d.kernel; ++kz)
      for (std::int64_t ky = 0; ky < h.kernel; ++ky) {
        T* at = to;
        for (auto const& r : runs) {
          auto const z = window_source(d, r.z, kz), y = window_source(h, r.y, ky);
          T const* const row = z < 0 || y < 0 ? nullptr : image + (z * h.in + y) * x.in;
          for (std::int64_t kx = 0; kx < x.kernel; ++kx) copy_run(x, r, kx, row, at + kx * stride, pad);
          at += r.count;
        }
        to += x.kernel * stride;
      }
}

}  // namespace octet::detail
