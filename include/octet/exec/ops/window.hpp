// Sliding windows over up to three spatial dimensions: the geometry that convolutions and pools share.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <octet/exec/ops/visit.hpp>

namespace octet::detail {

/// The window attributes of a node as written; dimensions may still be unknown.
struct window_attributes {
  std::vector<std::int64_t> kernel{}, strides{}, dilations{}, pads{};
  std::string auto_pad = "NOTSET";
  bool ceil = false;

  explicit window_attributes(preparation const& p)
      : kernel{p.get("kernel_shape", std::vector<std::int64_t>{})},
        strides{p.get("strides", std::vector<std::int64_t>{})},
        dilations{p.get("dilations", std::vector<std::int64_t>{})},
        pads{p.get("pads", std::vector<std::int64_t>{})},
        auto_pad{p.get("auto_pad", std::string{"NOTSET"})},
        ceil{p.get("ceil_mode", std::int64_t{0}) != 0} {}
};

/// One dimension of a window: output o and tap k meet at input o·stride − begin + k·dilation.
struct window_axis {
  std::int64_t in = 1, kernel = 1, stride = 1, dilation = 1, begin = 0, end = 0, out = 1;

  std::int64_t extent() const { return (kernel - 1) * dilation + 1; }
};

/// Three axes, depth, height, width; missing ones come first and have size 1.
struct window {
  std::size_t rank = 0;
  std::array<window_axis, 3> axis{};

  std::int64_t taps() const { return axis[0].kernel * axis[1].kernel * axis[2].kernel; }
  std::int64_t inputs() const { return axis[0].in * axis[1].in * axis[2].in; }
  std::int64_t outputs() const { return axis[0].out * axis[1].out * axis[2].out; }
  bool pointwise() const {
    return std::all_of(axis.begin(), axis.end(), [](window_axis const& a) {
      return a.kernel == 1 && a.stride == 1 && a.begin == 0 && a.end == 0;
    });
  }
  /// `lead` followed by the output's spatial dimensions.
  shape output(std::int64_t batch, std::int64_t channels) const {
    shape s{batch, channels};
    for (std::size_t i = 3 - rank; i < 3; ++i) s.push_back(axis[i].out);
    return s;
  }
};

inline std::int64_t window_value(op_label const& who, std::vector<std::int64_t> const& v, std::size_t i,
                                 std::int64_t otherwise, std::int64_t least, char const* what) {
  std::int64_t const x = i < v.size() ? v[i] : otherwise;
  if (x < least || x > std::int64_t{1} << 20)
    who.invalid(std::string{what} + " " + std::to_string(x) + " is out of range");
  return x;
}

/// Sizes of an axis from the attributes, before the output is known.
inline window_axis read_axis(op_label const& who, window_attributes const& a, std::size_t i, std::size_t rank,
                             std::int64_t in) {
  window_axis x{.in = in};
  x.kernel = window_value(who, a.kernel, i, 1, 1, "kernel size");
  x.stride = window_value(who, a.strides, i, 1, 1, "stride");
  x.dilation = window_value(who, a.dilations, i, 1, 1, "dilation");
  if (a.auto_pad == "NOTSET") {
    x.begin = window_value(who, a.pads, i, 0, 0, "pad");
    x.end = window_value(who, a.pads, i + rank, 0, 0, "pad");
  }
  return x;
}

inline void split_padding(window_axis& x, std::int64_t total, bool upper) {
  total = std::max<std::int64_t>(total, 0);
  x.begin = upper ? total / 2 : total - total / 2;
  x.end = total - x.begin;
}

/// The window over an input of dims [batch, channels, spatial…]. Throws `invalid` where it does not fit.
inline window make_window(op_label const& who, window_attributes const& a, shape const& input) {
  if (input.rank() < 3 || input.rank() > 5)
    who.invalid("an input of shape " + input.text() + " has not 1 to 3 spatial dimensions");
  window w{.rank = input.rank() - 2};
  auto const check = [&](std::vector<std::int64_t> const& v, std::size_t n, char const* what) {
    if (!v.empty() && v.size() != n)
      who.invalid(std::string{what} + " has " + std::to_string(v.size()) + " values for input " + input.text());
  };
  check(a.kernel, w.rank, "kernel_shape"), check(a.strides, w.rank, "strides"), check(a.dilations, w.rank, "dilations");
  check(a.pads, 2 * w.rank, "pads");
  bool const same = a.auto_pad == "SAME_UPPER" || a.auto_pad == "SAME_LOWER";
  if (!same && a.auto_pad != "VALID" && a.auto_pad != "NOTSET" && !a.auto_pad.empty())
    who.invalid("auto_pad '" + a.auto_pad + "' is unknown");
  for (std::size_t i = 0; i < w.rank; ++i) {
    auto& x = w.axis[3 - w.rank + i] = read_axis(who, a, i, w.rank, input[i + 2]);
    if (same) {
      x.out = (x.in + x.stride - 1) / x.stride;
      split_padding(x, (x.out - 1) * x.stride + x.extent() - x.in, a.auto_pad == "SAME_UPPER");
      continue;
    }
    auto const room = x.in + x.begin + x.end - x.extent();
    if (room < 0) who.invalid("a window of " + std::to_string(x.extent()) + " does not fit into input " + input.text());
    x.out = (a.ceil ? room + x.stride - 1 : room) / x.stride + 1;
    if (a.ceil && (x.out - 1) * x.stride >= x.in + x.begin) --x.out;
  }
  return w;
}

}  // namespace octet::detail
