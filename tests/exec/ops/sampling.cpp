#include "exec/ops/run_one.hpp"

#include <octet/exec/ops/sampling.hpp>

using namespace octet;
using octet::test::floats_of;
using octet::test::ints_of;
using octet::test::run;
using octet::test::values;

namespace {
std::span<operator_entry const> const table = sampling_operators;
using f32 = std::vector<float>;
attribute word(std::string name, std::string v) { return {.name = std::move(name), .value = std::move(v)}; }
attribute corners() { return {.name = "align_corners", .value = std::int64_t{1}}; }
/// Four elements 0 10 20 30 read at x.
f32 sampled(f32 const& x, std::string mode, std::string padding) {
  f32 grid;
  for (float const v : x) grid.push_back(v), grid.push_back(0);
  return values<float>(
      run({table,
           "GridSample",
           20,
           {floats_of({1, 1, 1, 4}, {0, 10, 20, 30}), floats_of({1, 1, std::int64_t(x.size()), 2}, grid)},
           {word("mode", std::move(mode)), word("padding_mode", std::move(padding)), corners()}})[0]);
}
}  // namespace

TEST_CASE("corners aligned, coordinates from -1 to 1 reach from the first element to the last") {
  CHECK(sampled({-1, 1, 0}, "linear", "zeros") == f32{0, 30, 15});
  CHECK(sampled({-1, -0.1f, 0.1f}, "nearest", "zeros") == f32{0, 10, 20});
  CHECK(sampled({-1, 1}, "cubic", "border") == f32{0, 30});
}

TEST_CASE("outside are zeros, the border, or a reflection") {
  float const beyond = 1 + 2.0f / 3;  // one element behind the last
  CHECK(sampled({beyond, -5}, "nearest", "zeros") == f32{0, 0});
  CHECK(sampled({beyond, -5}, "nearest", "border") == f32{30, 0});
  CHECK(sampled({beyond, -beyond}, "nearest", "reflection") == f32{20, 10});
  CHECK(sampled({NAN, INFINITY}, "linear", "zeros") == f32{0, 0});
}

TEST_CASE("without aligned corners half an element lies outside") {
  auto const r = run({table,
                      "GridSample",
                      16,
                      {floats_of({1, 1, 1, 2}, {4, 8}), floats_of({1, 1, 2, 2}, {-1, 0, 0, 0})},
                      {word("mode", "bilinear")}})[0];
  CHECK(values<float>(r) == f32{2, 6});
}

TEST_CASE("grids that do not fit are refused") {
  auto const x = floats_of({1, 1, 1, 2}, {4, 8});
  CHECK(test::failure({table, "GridSample", 16, {x, floats_of({1, 1, 1, 3}, {0, 0, 0})}}) == error_kind::invalid);
  CHECK(test::failure({table, "GridSample", 16, {x, floats_of({2, 1, 1, 2}, {0, 0, 0, 0})}}) == error_kind::invalid);
  CHECK(
      test::failure({table, "GridSample", 16, {tensor{element::f32, {1, 1, 0, 2}}, floats_of({1, 1, 1, 2}, {0, 0})}}) ==
      error_kind::invalid);
  CHECK(test::failure({table, "GridSample", 16, {x, x}, {word("mode", "area")}}) == error_kind::invalid);
}

TEST_CASE("an affine grid moves the places of the elements") {
  auto const theta = floats_of({1, 2, 3}, {1, 0, 0.5f, 0, -1, 0});
  auto const r = run({table, "AffineGrid", 20, {theta, ints_of({4}, {1, 1, 2, 2})}})[0];
  CHECK(r.dims() == shape{1, 2, 2, 2});
  CHECK(values<float>(r) == f32{0, 0.5f, 1, 0.5f, 0, -0.5f, 1, -0.5f});
  CHECK(values<float>(run({table, "AffineGrid", 20, {theta, ints_of({4}, {1, 1, 1, 2})}, {corners()}})[0]) ==
        f32{-0.5f, 1, 1.5f, 1});
  CHECK(test::failure({table, "AffineGrid", 20, {theta, ints_of({5}, {1, 1, 2, 2, 2})}}) == error_kind::invalid);
  CHECK(test::failure({table, "AffineGrid", 20, {theta, ints_of({4}, {1, 1, -2, 2})}}) == error_kind::invalid);
}
