// Images read and written at named places, on values that can be followed by hand.
#include <octet/exec/ops/region.hpp>

#include "run_one.hpp"

using namespace octet;
using namespace octet::test;

namespace {
auto const& table = region_operators;
attribute whole(std::string name, std::int64_t v) { return {.name = std::move(name), .value = v}; }
attribute wholes(std::string name, std::vector<std::int64_t> v) {
  return {.name = std::move(name), .value = std::move(v)};
}
/// Element (y, x) is 10·y + x: bilinear interpolation gives the same of real places.
tensor ramp(std::int64_t height, std::int64_t width) {
  std::vector<float> v;
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x) v.push_back(float(10 * y + x));
  return floats_of({1, 1, height, width}, v);
}
}  // namespace

TEST_CASE("RoiAlign averages samples inside of each bin") {
  auto const region = floats_of({1, 4}, {1, 1, 5, 3});
  auto const y =
      run({.table = table,
           .op = "RoiAlign",
           .opset = 16,
           .inputs = {ramp(6, 8), region, ints_of({1}, {0})},
           .attributes = {whole("output_height", 1), whole("output_width", 2), whole("sampling_ratio", 2)}})[0];
  // half pixels: x from 0.5 to 4.5 and y from 0.5 to 2.5; bins are centred at x 1.5 and 3.5, y 1.5
  CHECK(difference(y, {16.5f, 18.5f}) < 1e-5);
  auto const old = run({.table = table,
                        .op = "RoiAlign",
                        .opset = 10,
                        .inputs = {ramp(6, 8), region, ints_of({1}, {0})},
                        .attributes = {whole("output_height", 1), whole("output_width", 2)}})[0];
  CHECK(difference(old, {22, 24}) < 1e-5);
  auto const largest =
      run({.table = table,
           .op = "RoiAlign",
           .opset = 10,
           .inputs = {ramp(6, 8), floats_of({1, 4}, {1, 1, 3, 3}), ints_of({1}, {0})},
           .attributes = {whole("sampling_ratio", 2), {.name = "mode", .value = std::string{"max"}}}})[0];
  CHECK(difference(largest, {33 * 0.25f}) < 1e-5);  // of weighted corners: (3, 3), a quarter, for (2.5, 2.5)
  CHECK(failure({.table = table, .op = "RoiAlign", .opset = 16, .inputs = {ramp(6, 8), region, ints_of({1}, {1})}}) ==
        error_kind::runtime);
}

TEST_CASE("MaxUnpool puts elements where the pool found them") {
  auto const x = floats_of({1, 1, 2, 2}, {1, 2, 3, 4});
  auto const at = ints_of({1, 1, 2, 2}, {5, 7, 13, 15});
  std::vector<attribute> const a{wholes("kernel_shape", {2, 2}), wholes("strides", {2, 2})};
  CHECK(difference(run({.table = table, .op = "MaxUnpool", .opset = 11, .inputs = {x, at}, .attributes = a})[0],
                   {0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4}) == 0);
  auto const wider = run({.table = table,
                          .op = "MaxUnpool",
                          .opset = 11,
                          .inputs = {x, at, ints_of({4}, {1, 1, 4, 5})},
                          .attributes = a})[0];
  CHECK(difference(wider, {0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 4, 0}) == 0);
  CHECK(failure({.table = table,
                 .op = "MaxUnpool",
                 .opset = 11,
                 .inputs = {x, ints_of({1, 1, 2, 2}, {5, 7, 13, 16})},
                 .attributes = a}) == error_kind::runtime);
}

TEST_CASE("Col2Im adds blocks where they overlap") {
  // two blocks of 1 × 2 in an image of 1 × 3: [1, 2] and [10, 20]
  auto const y = run({.table = table,
                      .op = "Col2Im",
                      .inputs = {floats_of({1, 2, 2}, {1, 10, 2, 20}), ints_of({2}, {1, 3}), ints_of({2}, {1, 2})}})[0];
  CHECK(y.dims() == shape{1, 1, 1, 3});
  CHECK(difference(y, {1, 12, 20}) == 0);
  auto const padded = run({.table = table,
                           .op = "Col2Im",
                           .inputs = {floats_of({1, 2, 2}, {1, 10, 2, 20}), ints_of({2}, {1, 2}), ints_of({2}, {1, 2})},
                           .attributes = {wholes("pads", {0, 1, 0, 0})}})[0];
  CHECK(difference(padded, {12, 20}) == 0);
  CHECK(failure({.table = table,
                 .op = "Col2Im",
                 .inputs = {floats_of({1, 2, 3}, std::vector<float>(6)), ints_of({2}, {1, 3}),
                            ints_of({2}, {1, 2})}}) == error_kind::invalid);
}

TEST_CASE("DeformConv reads each tap where its offset says, weighted by the mask; outside of the plane is 0") {
  // one tap, which moves by half a pixel right, then down, then out of the plane
  auto const w = floats_of({1, 1, 1, 1}, {2});
  std::vector<float> offset(2 * 9, 0.f);
  offset[9 + 0] = 0.5f;  // (0, 0.5)
  offset[4] = 1;         // (2, 1)
  offset[8] = 5;
  auto const in = [&](std::vector<tensor> more) {
    std::vector<tensor> all{ramp(3, 3), w, floats_of({1, 2, 3, 3}, offset)};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  CHECK(difference(run({.table = table, .op = "DeformConv", .opset = 19, .inputs = in({})})[0],
                   {1, 2, 4, 20, 42, 24, 40, 42, 0}) < 1e-5);
  std::vector<float> mask(9, 0.5f);
  CHECK(difference(run({.table = table,
                        .op = "DeformConv",
                        .opset = 19,
                        .inputs = in({floats_of({1}, {100}), floats_of({1, 1, 3, 3}, mask)})})[0],
                   {100.5f, 101, 102, 110, 121, 112, 120, 121, 100}) < 1e-5);
  CHECK(failure({.table = table,
                 .op = "DeformConv",
                 .opset = 19,
                 .inputs = {ramp(3, 3), w, floats_of({1, 2, 2, 3}, std::vector<float>(12))}}) == error_kind::invalid);
}
