#include <octet/exec/ops/conv_transpose.hpp>

#include "convolution.hpp"

using namespace octet;
using namespace octet::test;

TEST_CASE("transposed convolutions: strides, dilations, pads, groups, strips that overlap, taps between the inputs") {
  for (auto const& g : {geometry{1, 1, 3, 2, 4, 5, 3, 1, 1, 0}, geometry{2, 1, 2, 3, 4, 4, 3, 2, 1, 1},
                        geometry{1, 2, 2, 2, 3, 4, 2, 2, 1, 0}, geometry{1, 1, 2, 2, 4, 4, 3, 3, 2, 1},
                        geometry{1, 1, 3, 40, 50, 41, 4, 2, 1, 1}, geometry{1, 1, 2, 3, 5, 6, 2, 5, 1, 0},
                        geometry{1, 1, 3, 1, 6, 7, 5, 4, 3, 3}, geometry{1, 6, 1, 1, 90, 30, 4, 2, 1, 1},
                        geometry{1, 1, 1, 2, 1, 1, 3, 2, 1, 1}})
    for (unsigned threads : {1u, 2u}) check_convolution(conv_transpose_operators, g, true, threads);
}

TEST_CASE("one and three spatial dimensions, transposed") {
  auto const of = [](shape const& x, shape const& w, std::vector<float> values, list strides) {
    std::vector<float> const ones(static_cast<std::size_t>(w.size()), 1.f);
    return run({.table = conv_transpose_operators,
                .op = "ConvTranspose",
                .inputs = {floats_of(x, values), floats_of(w, ones)},
                .attributes = {{.name = "strides", .value = strides}}})[0];
  };
  CHECK(values<float>(of({1, 1, 3}, {1, 1, 3}, {1, 2, 3}, {2})) == std::vector<float>{1, 1, 3, 2, 5, 3, 3});
  auto const cube = of({1, 1, 2, 1, 1}, {1, 1, 2, 1, 2}, {1, 10}, {1, 1, 1});
  CHECK(cube.dims() == shape{1, 1, 3, 1, 2});
  CHECK(values<float>(cube) == std::vector<float>{1, 1, 11, 11, 10, 10});
  std::vector<float> line(5000);
  for (std::size_t i = 0; i < line.size(); ++i) line[i] = float(i % 17);
  auto const y = values<float>(of({1, 1, 5000}, {1, 1, 7}, line, {3}));
  REQUIRE(y.size() == 4999 * 3 + 7);
  for (std::size_t o = 0; o < y.size(); ++o) {
    float want = 0;
    for (std::size_t k = o % 3; k < 7 && k <= o; k += 3) want += (o - k) / 3 < line.size() ? line[(o - k) / 3] : 0;
    REQUIRE(y[o] == want);
  }
}

TEST_CASE("output_shape and output_padding of ConvTranspose") {
  auto const out = [&](std::vector<attribute> a) {
    return run({.table = conv_transpose_operators,
                .op = "ConvTranspose",
                .inputs = {floats_of({1, 1, 3}, {1, 2, 3}), floats_of({1, 1, 3}, {1, 1, 1})},
                .attributes = std::move(a)})[0];
  };
  CHECK(out({{.name = "strides", .value = list{2}}, {.name = "output_padding", .value = list{1}}}).dims() ==
        shape{1, 1, 8});
  CHECK(out({{.name = "strides", .value = list{2}}, {.name = "output_shape", .value = list{6}}}).dims() ==
        shape{1, 1, 6});
}
