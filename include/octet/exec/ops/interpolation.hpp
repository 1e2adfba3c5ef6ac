// One dimension of Resize: which elements of the input, with which weights, make an element of the result.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <octet/exec/ops/visit.hpp>

namespace octet::detail {

enum class coordinates : std::uint8_t {
  half_pixel,
  half_pixel_symmetric,
  pytorch_half_pixel,
  align_corners,
  asymmetric,
  tf_half_pixel_for_nn,
  tf_crop_and_resize
};
enum class interpolation : std::uint8_t { nearest, linear, cubic };
/// Nearest element for a coordinate; `simple` is what models before opset 11 meant.
enum class nearest_rule : std::uint8_t { round_prefer_floor, round_prefer_ceil, floor, ceil, simple };

struct resize_options {
  coordinates where = coordinates::half_pixel;
  interpolation mode = interpolation::nearest;
  nearest_rule nearest = nearest_rule::round_prefer_floor;
  float cubic = -0.75f, extrapolation = 0;
  bool exclude_outside = false, antialias = false;
};

/// One dimension: n elements become m, at `scale`; roi is the part [start, end] of tf_crop_and_resize.
struct resize_axis {
  std::int64_t n = 1, m = 1;
  float scale = 1, start = 0, end = 1;

  bool same(coordinates where) const { return n == m && scale == 1.0f && where != coordinates::tf_crop_and_resize; }

  /// The place in the input of result k, in single precision as the runtimes do it.
  float place(coordinates where, std::int64_t k) const {
    float const x = float(k), length = scale * float(n), last = float(n - 1);
    switch (where) {
      case coordinates::asymmetric:
        return x / scale;
      case coordinates::align_corners:
        return length == 1.0f ? 0.0f : x * last / (length - 1);
      case coordinates::tf_half_pixel_for_nn:
        return (x + 0.5f) / scale;
      case coordinates::pytorch_half_pixel:
        return length > 1 || m > 1 ? (x + 0.5f) / scale - 0.5f : 0.0f;
      case coordinates::tf_crop_and_resize:
        return m > 1 ? start * last + x * (end - start) * last / float(m - 1) : 0.5f * (start + end) * last;
      case coordinates::half_pixel_symmetric:
        return float(n) / 2 * (1 - float(m) / length) + (x + 0.5f) / scale - 0.5f;
      case coordinates::half_pixel:
        break;
    }
    return (x + 0.5f) / scale - 0.5f;
  }
};

/// Index of the element that stands for coordinate x, not clamped.
inline std::int64_t nearest_index(float x, nearest_rule rule, float scale) {
  switch (rule) {
    case nearest_rule::round_prefer_floor:
      return std::int64_t(std::ceil(x - 0.5f));
    case nearest_rule::round_prefer_ceil:
      return std::int64_t(std::floor(x + 0.5f));
    case nearest_rule::floor:
      return std::int64_t(std::floor(x));
    case nearest_rule::ceil:
      return std::int64_t(std::ceil(x));
    case nearest_rule::simple:
      break;
  }
  return std::int64_t(scale < 1 ? std::ceil(x) : std::floor(x));
}

/// A coordinate that an index can be made of; broken scales give NaN or infinity.
inline float bounded(op_label const& who, float x) {
  if (!(x > -1e15f && x < 1e15f)) who.invalid("a coordinate is not finite");
  return x;
}

/// For each result its input element, −1 where the extrapolation value stands.
inline std::vector<std::int64_t> nearest_places(op_label const& who, resize_axis const& a, resize_options const& o) {
  std::vector<std::int64_t> r(std::size_t(a.m));
  for (std::int64_t k = 0; k < a.m; ++k) {
    float const x = bounded(who, a.place(o.where, k));
    bool const outside = o.where == coordinates::tf_crop_and_resize && (x < 0 || x > float(a.n - 1));
    r[std::size_t(k)] = outside ? -1 : std::clamp<std::int64_t>(nearest_index(x, o.nearest, a.scale), 0, a.n - 1);
  }
  return r;
}

/// Weights of `count` input elements for each result; a result outside has the weight NaN first.
struct taps {
  std::int64_t count = 0;
  std::vector<std::int64_t> index{};
  std::vector<float> weight{};
};

inline double cubic_weight(double x, double a) {
  x = std::fabs(x);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

inline taps weighted_places(op_label const& who, resize_axis const& a, resize_options const& o) {
  taps t;
  double const reach = o.mode == interpolation::linear ? 1 : 2,
               shrink = o.antialias ? std::min(1.0, double(a.scale)) : 1;
  double const first = std::floor(-reach / shrink) + 1;
  if (!(first > -1e6)) who.unsupported("a scale of " + std::to_string(a.scale) + " is too small to smooth");
  t.count = 2 - 2 * std::int64_t(first);
  if (t.count * a.m > (std::int64_t{1} << 28)) who.unsupported("the scales need too many weights");
  std::vector<double> w(std::size_t(t.count));
  for (std::int64_t k = 0; k < a.m; ++k) {
    float const x = bounded(who, a.place(o.where, k));
    auto const base = std::int64_t(std::floor(x));
    double const ratio = double(x) - double(base);
    double sum = 0;
    for (std::int64_t i = 0; i < t.count; ++i) {
      double const distance = (double(std::int64_t(first) + i) - ratio) * shrink;
      w[std::size_t(i)] = o.mode == interpolation::linear ? std::max(0.0, 1 - std::fabs(distance))
                                                          : cubic_weight(distance, double(o.cubic));
      auto const at = base + std::int64_t(first) + i;
      if (o.exclude_outside && (at < 0 || at >= a.n)) w[std::size_t(i)] = 0;
      sum += w[std::size_t(i)];
      t.index.push_back(std::clamp<std::int64_t>(at, 0, a.n - 1));
    }
    bool const outside = o.where == coordinates::tf_crop_and_resize && (x < 0 || x > float(a.n - 1));
    for (std::int64_t i = 0; i < t.count; ++i)
      t.weight.push_back(
          outside ? std::numeric_limits<float>::quiet_NaN()
                  : static_cast<float>(o.antialias || o.exclude_outside ? w[std::size_t(i)] / sum : w[std::size_t(i)]));
  }
  return t;
}

}  // namespace octet::detail
