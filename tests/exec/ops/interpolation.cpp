#include "exec/ops/run_one.hpp"

#include <octet/exec/ops/interpolation.hpp>

using namespace octet;
using namespace octet::detail;

namespace {
op_label const who{preparation{.node = node{}}};
}  // namespace

TEST_CASE("coordinates follow the formulas of ONNX") {
  resize_axis a;
  a.n = 4, a.m = 8, a.scale = 2;
  CHECK(a.place(coordinates::half_pixel, 3) == 1.25f);
  CHECK(a.place(coordinates::asymmetric, 3) == 1.5f);
  CHECK(a.place(coordinates::align_corners, 7) == 3.0f);
  CHECK(a.place(coordinates::tf_half_pixel_for_nn, 3) == 1.75f);
  CHECK(a.place(coordinates::half_pixel_symmetric, 3) == 1.25f);
  a.start = 0.5f, a.end = 1;
  CHECK(a.place(coordinates::tf_crop_and_resize, 0) == 1.5f);
  CHECK(a.place(coordinates::tf_crop_and_resize, 7) == 3.0f);
  a.m = 1, a.scale = 0.25f;
  CHECK(a.place(coordinates::pytorch_half_pixel, 0) == 0);
  CHECK(a.place(coordinates::align_corners, 0) == 0);
}

TEST_CASE("the nearest element is chosen by rule, also in the middle and below zero") {
  CHECK(nearest_index(1.5f, nearest_rule::round_prefer_floor, 1) == 1);
  CHECK(nearest_index(1.5f, nearest_rule::round_prefer_ceil, 1) == 2);
  CHECK(nearest_index(-0.5f, nearest_rule::round_prefer_floor, 1) == -1);
  CHECK(nearest_index(1.2f, nearest_rule::ceil, 1) == 2);
  CHECK(nearest_index(1.8f, nearest_rule::floor, 1) == 1);
  CHECK(nearest_index(1.2f, nearest_rule::simple, 2) == 1);
  CHECK(nearest_index(1.2f, nearest_rule::simple, 0.5f) == 2);
}

TEST_CASE("weights of every kind sum to one and stay inside") {
  for (auto const mode : {interpolation::linear, interpolation::cubic})
    for (bool const antialias : {false, true})
      for (bool const exclude : {false, true})
        for (std::int64_t const m : {2, 3, 5, 11}) {
          resize_options o;
          o.mode = mode, o.antialias = antialias, o.exclude_outside = exclude;
          resize_axis a;
          a.n = 5, a.m = m, a.scale = float(m) / 5;
          auto const t = weighted_places(who, a, o);
          REQUIRE(std::int64_t(t.weight.size()) == m * t.count);
          for (std::int64_t k = 0; k < m; ++k) {
            double sum = 0;
            for (std::int64_t i = 0; i < t.count; ++i) {
              sum += double(t.weight[std::size_t(k * t.count + i)]);
              CHECK(t.index[std::size_t(k * t.count + i)] >= 0);
              CHECK(t.index[std::size_t(k * t.count + i)] < 5);
            }
            CHECK(sum == doctest::Approx(1).epsilon(1e-5));
          }
        }
}

TEST_CASE("broken scales are errors") {
  resize_axis a;
  a.n = 4, a.m = 4, a.scale = 0;
  CHECK_THROWS_AS(nearest_places(who, a, {}), error);
  resize_options o;
  o.mode = interpolation::cubic, o.antialias = true;
  a.scale = 1e-9f;
  CHECK_THROWS_AS(weighted_places(who, a, o), error);
}
