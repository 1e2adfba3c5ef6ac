// A model of one convolution and what follows it, and the convolution's definition, for tests of the executor's chains.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <octet/exec/session.hpp>

namespace chain_model {

using namespace octet;

/// Two spatial dimensions, NCHW.
struct geometry {
  std::int64_t batch = 1, in = 3, out = 5, groups = 1, height = 7, width = 9, kernel = 3, stride = 1, pad = 1;

  std::int64_t out_height() const { return (height + 2 * pad - kernel) / stride + 1; }
  std::int64_t out_width() const { return (width + 2 * pad - kernel) / stride + 1; }
  shape input() const { return {batch, in, height, width}; }
  shape output() const { return {batch, out, out_height(), out_width()}; }
  shape weights() const { return {out, in / groups, kernel, kernel}; }
  std::vector<attribute> attributes() const {
    using list = std::vector<std::int64_t>;
    return {{.name = "group", .value = groups},
            {.name = "strides", .value = list{stride, stride}},
            {.name = "pads", .value = list{pad, pad, pad, pad}}};
  }
};

inline std::vector<geometry> geometries() {
  return {{},
          {.batch = 2, .in = 4, .out = 7, .kernel = 1, .pad = 0},
          {.in = 16, .out = 33, .kernel = 1, .stride = 2, .pad = 0},
          {.in = 6, .out = 8, .groups = 2},
          {.in = 20, .out = 20, .groups = 20},
          {.in = 20, .out = 20, .groups = 20, .kernel = 5, .stride = 2, .pad = 2},
          {.batch = 2, .in = 8, .out = 8, .groups = 8, .stride = 2},
          {.in = 1, .out = 4, .kernel = 5, .stride = 2, .pad = 2},
          {.in = 4, .out = 8, .groups = 4}};
}

/// Σ x · w over the window of output (n, o, y, x), in double; x(i) and w(i) give element i, outside is 0.
template <class X, class W>
double window_sum(geometry const& g, std::int64_t i, X const& x, W const& w) {
  auto const wide = g.out_width(), high = g.out_height(), each = g.in / g.groups;
  auto const ox = i % wide, oy = i / wide % high, o = i / wide / high % g.out, n = i / wide / high / g.out;
  double sum = 0;
  for (std::int64_t c = 0; c < each; ++c)
    for (std::int64_t ky = 0; ky < g.kernel; ++ky)
      for (std::int64_t kx = 0; kx < g.kernel; ++kx) {
        auto const y = oy * g.stride - g.pad + ky, z = ox * g.stride - g.pad + kx;
        if (y < 0 || y >= g.height || z < 0 || z >= g.width) continue;
        auto const channel = o / (g.out / g.groups) * each + c;
        sum += double(x(((n * g.in + channel) * g.height + y) * g.width + z)) *
               double(w(((o * each + c) * g.kernel + ky) * g.kernel + kx));
      }
  return sum;
}
/// The channel of element i of the output.
inline std::int64_t channel_of(geometry const& g, std::int64_t i) { return i / g.out_width() / g.out_height() % g.out; }

template <class T>
tensor random_tensor(std::mt19937& random, shape const& dims) {
  tensor t{element_of<T>(), dims};
  for (auto& x : t.mutable_as<T>())
    if constexpr (std::is_same_v<T, float>) x = std::normal_distribution<float>()(random);
    else x = static_cast<T>(random());
  return t;
}

}  // namespace chain_model
