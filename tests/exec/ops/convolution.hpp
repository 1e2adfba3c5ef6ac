// Conv and ConvTranspose against their definitions in double.
#pragma once

#include <random>
#include <span>
#include <vector>

#include "run_one.hpp"

namespace octet::test {

inline std::mt19937 generator{7};

inline std::vector<float> numbers(std::int64_t n) {
  std::normal_distribution<float> normal;
  std::vector<float> v(static_cast<std::size_t>(n));
  for (auto& x : v) x = normal(generator);
  return v;
}
using list = std::vector<std::int64_t>;

struct geometry {
  std::int64_t batch, groups, in, out, height, width, kernel, stride, dilation, pad;
};

/// y[n][o][oy][ox] of the definition; with `transpose` contributions are scattered instead of gathered.
inline std::vector<float> definition(geometry const& g, std::vector<float> const& x, std::vector<float> const& w,
                                     std::vector<float> const& b, bool transpose, std::int64_t oh, std::int64_t ow) {
  std::vector<double> y(static_cast<std::size_t>(g.batch * g.groups * g.out * oh * ow));
  auto const k = g.kernel;
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = double(b[i / std::size_t(oh * ow) % std::size_t(g.groups * g.out)]);
  for (std::int64_t n = 0; n < g.batch * g.groups; ++n)
    for (std::int64_t o = 0; o < g.out; ++o)
      for (std::int64_t c = 0; c < g.in; ++c)
        for (std::int64_t ky = 0; ky < k; ++ky)
          for (std::int64_t kx = 0; kx < k; ++kx)
            for (std::int64_t sy = 0; sy < (transpose ? g.height : oh); ++sy)
              for (std::int64_t sx = 0; sx < (transpose ? g.width : ow); ++sx) {
                auto const ty = sy * g.stride - g.pad + ky * g.dilation, tx = sx * g.stride - g.pad + kx * g.dilation;
                auto const iy = transpose ? sy : ty, ix = transpose ? sx : tx, oy = transpose ? ty : sy,
                           ox = transpose ? tx : sx;
                if (iy < 0 || iy >= g.height || ix < 0 || ix >= g.width || oy < 0 || oy >= oh || ox < 0 || ox >= ow)
                  continue;
                auto const group = n % g.groups;
                auto const at =
                    transpose ? ((group * g.in + c) * g.out + o) * k * k : ((group * g.out + o) * g.in + c) * k * k;
                y[std::size_t(((n * g.out + o) * oh + oy) * ow + ox)] +=
                    double(x[std::size_t(((n * g.in + c) * g.height + iy) * g.width + ix)]) *
                    double(w[std::size_t(at + ky * k + kx)]);
              }
  return {y.begin(), y.end()};
}

inline void check_convolution(std::span<operator_entry const> table, geometry const& g, bool transpose,
                              unsigned threads) {
  auto const extent = (g.kernel - 1) * g.dilation + 1;
  auto const size = [&](std::int64_t n) {
    return transpose ? (n - 1) * g.stride + extent - 2 * g.pad : (n + 2 * g.pad - extent) / g.stride + 1;
  };
  auto const oh = size(g.height), ow = size(g.width);
  auto const x = numbers(g.batch * g.groups * g.in * g.height * g.width),
             w = numbers(g.groups * g.in * g.out * g.kernel * g.kernel), b = numbers(g.groups * g.out);
  auto const shape_w =
      transpose ? shape{g.groups * g.in, g.out, g.kernel, g.kernel} : shape{g.groups * g.out, g.in, g.kernel, g.kernel};
  auto const y = run({.table = table,
                      .op = transpose ? "ConvTranspose" : "Conv",
                      .inputs = {floats_of({g.batch, g.groups * g.in, g.height, g.width}, x), floats_of(shape_w, w),
                                 floats_of({g.groups * g.out}, b)},
                      .attributes = {{.name = "group", .value = g.groups},
                                     {.name = "strides", .value = list{g.stride, g.stride}},
                                     {.name = "dilations", .value = list{g.dilation, g.dilation}},
                                     {.name = "pads", .value = list(4, g.pad)}},
                      .threads = threads});
  REQUIRE(y[0].dims() == shape{g.batch, g.groups * g.out, oh, ow});
  CHECK(difference(y[0], definition(g, x, w, b, transpose, oh, ow)) < 1e-3);
}

}  // namespace octet::test
