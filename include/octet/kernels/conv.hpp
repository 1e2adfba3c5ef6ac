// Convolutions of images whose channels lie side by side, [z][y][x][channel], as matrix products without a copy of
// patches: a line of a window is a run of neighbouring values, so the micro-kernel walks the image itself.
#pragma once

#include <cstddef>
#include <cstring>

#include <octet/kernels/blocking.hpp>
#include <octet/kernels/buffer.hpp>

namespace octet {

namespace kernels {

using octet::detail::section;

/// One dimension: output o and tap k meet at input o·stride − begin + k·dilation.
struct conv_axis {
  std::ptrdiff_t in = 1, out = 1, kernel = 1, stride = 1, dilation = 1, begin = 0;

  OCTET_INLINE std::ptrdiff_t reach() const { return (out - 1) * stride + (kernel - 1) * dilation + 1; }
  OCTET_INLINE bool inside() const { return begin == 0 && reach() <= in; }
  /// Where tap 0 of output `o` stands; below 0 before the image.
  OCTET_INLINE std::ptrdiff_t first(std::ptrdiff_t o) const { return o * stride - begin; }
  /// Taps of output `o` that meet the image.
  OCTET_INLINE section taps(std::ptrdiff_t o) const {
    std::ptrdiff_t const at = first(o), left = in - at;
    std::ptrdiff_t const low = at >= 0 ? 0 : (dilation - 1 - at) / dilation;
    std::ptrdiff_t const high = left <= 0 ? 0 : least(kernel, (left + dilation - 1) / dilation);
    return {least(low, high), high};
  }
  /// Outputs all of whose taps meet the image.
  OCTET_INLINE section whole() const {
    std::ptrdiff_t const low = begin <= 0 ? 0 : least(out, (begin + stride - 1) / stride);
    std::ptrdiff_t const last = in - 1 - (kernel - 1) * dilation + begin;
    std::ptrdiff_t const high = last < 0 ? 0 : least(out, last / stride + 1);
    return {low, high < low ? low : high};
  }
};

/// The geometry of one image: axes z, y, x; `channels` of a pixel, `group` of which belong to one group.
struct conv_form {
  conv_axis axis[3]{};
  std::ptrdiff_t channels = 1, group = 1;

  OCTET_INLINE std::ptrdiff_t taps() const { return axis[0].kernel * axis[1].kernel * axis[2].kernel; }
  OCTET_INLINE std::ptrdiff_t outputs() const { return axis[0].out * axis[1].out * axis[2].out; }
  /// Each pixel alone: the image is the left operand as it is.
  OCTET_INLINE bool pointwise() const {
    bool all = group == channels;
    for (auto const& a : axis) all = all && a.kernel == 1 && a.stride == 1 && a.begin == 0 && a.out == a.in;
    return all;
  }
  /// Whether taps that are neighbours in x are one segment of k.
  OCTET_INLINE bool merged() const { return group == channels && axis[2].dilation == 1; }
  OCTET_INLINE std::ptrdiff_t segments() const {
    return axis[0].kernel * axis[1].kernel * (merged() ? 1 : axis[2].kernel);
  }
  OCTET_INLINE std::ptrdiff_t length() const { return group * (merged() ? axis[2].kernel : 1); }
  /// Elements of k that a segment takes in the packed weights: bytes come in steps of four.
  OCTET_INLINE std::ptrdiff_t packed_length(int size) const {
    return size == 1 && segments() > 1 ? round_up<std::ptrdiff_t>(length(), 4) : length();
  }
  OCTET_INLINE std::ptrdiff_t k(int size) const { return segments() * packed_length(size); }
  /// Where element `at` of k stands in the weights [channel of the group][z][y][x] of one output; −1: padding.
  OCTET_INLINE std::ptrdiff_t weight(std::ptrdiff_t at, int size) const {
    std::ptrdiff_t const segment = at / packed_length(size), i = at % packed_length(size);
    if (i >= length()) return -1;
    return i % group * taps() + (merged() ? segment * axis[2].kernel + i / group : segment);
  }
};

/// How a convolution walks its image, which is padded first where windows leave it.
struct conv_walk {
  conv_form form{};
  int size = 4;                                     ///< bytes of an element
  bool copies = false;                              ///< `pad_image` must be called
  std::ptrdiff_t extent[3]{};                       ///< pixels of the image that is walked
  std::ptrdiff_t across = 0, down = 0, planes = 0;  ///< output pixels of a line, lines of a plane
  std::ptrdiff_t row = 0, line = 0, plane = 0;      ///< bytes between neighbours of these
  buffer<std::ptrdiff_t> offsets{};                 ///< bytes, of each segment

  conv_walk() = default;
  OCTET_INLINE conv_walk(conv_form const& f, int bytes) : form{f}, size{bytes} {
    auto const& a = f.axis;
    copies = !(a[0].inside() && a[1].inside() && a[2].inside()) ||
             (size == 1 && f.segments() > 1 && f.length() % 4 != 0);  // reads up to three bytes more
    for (int i = 0; i < 3; ++i) extent[i] = copies ? a[i].reach() : a[i].in;
    std::ptrdiff_t const pixel = f.channels * size, next_line = extent[2] * pixel, next_plane = extent[1] * next_line;
    across = a[2].out, down = a[1].out, planes = a[0].out;
    row = a[2].stride * pixel, line = a[1].stride * next_line, plane = a[0].stride * next_plane;
    if (a[2].kernel == 1 && a[2].stride == 1 && a[1].stride == 1 && extent[2] == a[2].out)
      across *= down, down = 1;  // lines follow one another
    offsets.resize(f.segments());
    std::ptrdiff_t const xs = f.merged() ? 1 : a[2].kernel;
    for (std::ptrdiff_t s = 0; s < offsets.size(); ++s)
      offsets[s] = s / xs / a[1].kernel * a[0].dilation * next_plane +
                   s / xs % a[1].kernel * a[1].dilation * next_line + s % xs * a[2].dilation * pixel;
  }

  /// Elements of the padded image.
  OCTET_INLINE std::ptrdiff_t padded() const { return extent[0] * extent[1] * extent[2] * form.channels; }
};

/// Copies an image into one of `walk.padded()` elements.
template <class T>
OCTET_INLINE void pad_image(conv_walk const& walk, T const* image, T pad, T* to) {
  auto const& a = walk.form.axis;
  std::ptrdiff_t const c = walk.form.channels, width = walk.extent[2];
  std::ptrdiff_t const left = least(a[2].begin, width), right = least(a[2].begin + a[2].in, width);
  auto const fill = [&](std::ptrdiff_t pixels) OCTET_INLINE_LAMBDA {
    for (std::ptrdiff_t i = 0; i < pixels * c; ++i) to[i] = pad;
    to += pixels * c;
  };
  for (std::ptrdiff_t z = -a[0].begin; z < walk.extent[0] - a[0].begin; ++z)
    for (std::ptrdiff_t y = -a[1].begin; y < walk.extent[1] - a[1].begin; ++y) {
      if (z < 0 || z >= a[0].in || y < 0 || y >= a[1].in) {
        fill(width);
        continue;
      }
      fill(left);
      std::memcpy(to, image + (z * a[1].in + y) * a[2].in * c,
                  static_cast<std::size_t>((right - left) * c) * sizeof(T));
      to += (right - left) * c;
      fill(width - right);
    }
}

}  // namespace kernels

namespace detail {

/// Output pixels of whole lines, each cut into tiles of equal height.
template <class Dot>
struct image_rows {
  left_source a;
  kernels::conv_walk const& walk;
  section lines;
  std::ptrdiff_t each, tiles;

  OCTET_INLINE image_rows(left_source all, kernels::conv_walk const& w, section of)
      : a{all}, walk{w}, lines{of}, each{(w.across + Dot::rows - 1) / Dot::rows}, tiles{each * (of.end - of.begin)} {}
  OCTET_INLINE std::ptrdiff_t line(std::ptrdiff_t t) const { return lines.begin + t / each; }
  OCTET_INLINE std::ptrdiff_t x(std::ptrdiff_t t) const { return walk.across * (t % each) / each; }
  OCTET_INLINE std::ptrdiff_t first(std::ptrdiff_t t) const { return line(t) * walk.across + x(t); }
  OCTET_INLINE int height(std::ptrdiff_t t) const {
    return static_cast<int>(walk.across * (t % each + 1) / each - x(t));
  }
  OCTET_INLINE left_source tile(std::ptrdiff_t t) const {
    left_source s = a;
    s.base += line(t) / walk.down * walk.plane + line(t) % walk.down * walk.line + x(t) * a.row;
    return s;
  }
  OCTET_INLINE bool single() const { return false; }
  OCTET_INLINE bool copies() const { return false; }
};

/// The convolution of one image, from channel `first` of its pixels on, as rows of output pixels. Tasks are cut by
/// shape alone.
template <class Dot, class T, class B, class Output, class Pool>
void walk_image(kernels::conv_walk const& w, std::byte const* image, B const& b, start<T> s, Output const& output,
                Pool& pool) {
  std::ptrdiff_t const lines = w.planes * w.down, pixels = lines * w.across;
  if (pixels <= 0 || b.n <= 0) return;
  if constexpr (gains_by_widening<Dot>)
    if (b.panels() > 1) return walk_image<kernels::widened<Dot>, T>(w, image, b, s, output, pool);
  std::ptrdiff_t const segments = w.form.segments(), length = w.form.length();
  bool const bytes = Dot::step > 1, one = segments == 1;
  left_source a{image, w.row, 4, bytes ? (one ? length / 4 : (length + 3) / 4) : length,
                static_cast<int>(bytes && one ? length % 4 : 0)};
  a.segments = segments;
  a.offsets = w.offsets.data();
  task_grid grid;
  if (pixels * b.n * (b.k + 1) > (1 << 17))
    grid = task_grid::of(lines, w.planes * w.down * w.line, b.panels(), b.panels() * b.panel_bytes());
  grid.run(pool, lines, b.panels(), [&](section down, section across) {
    image_rows<Dot> const rows{a, w, down};
    rectangle<Dot, T, image_rows<Dot>, B, Output>{rows, b, s, output, across}.run();
  });
}

}  // namespace detail
}  // namespace octet
