#include <octet/quantize/grid_source.hpp>

#include <doctest/doctest.h>

#include <octet/quantize/planner.hpp>

#include "quantize/planned.hpp"

using namespace octet;

namespace {
test::sample_model addition(float low, float high) {
  test::maker m{"m"};
  m.output(m.op("Add", {m.input("x", {2, 4}), m.weight("c", {4}, low, high)}), 2);
  return m.done();
}
}  // namespace

TEST_CASE("an addend that is constant has the type of activations and a grid from its values") {
  auto const r = test::plan_for(addition(0, 2), scheme{u8s8});
  CHECK(r.at("c")->type == element::u8);
  CHECK(r.at("c")->grids[0].zero_point == 0);  // nothing negative
}

TEST_CASE("D12: constants of element-wise operators follow the symmetry of activations") {
  CHECK(test::plan_for(addition(0, 2), scheme{s8s8}).at("c")->grids[0].zero_point == -128);
  CHECK(test::plan_for(addition(0, 2), scheme{s8s8.symmetric()}).at("c")->grids[0].zero_point == 0);
}

TEST_CASE("a minimum width widens activations and constants") {
  quantize_options o;
  o.minimum_real_range = 10;
  auto const r = test::plan_for(addition(0, 2), scheme{u8s8}, o);
  CHECK(r.at("x")->grids[0].scale == 10.f / 255.f);
  CHECK(r.at("c")->grids[0].scale == 10.f / 255.f);
}

TEST_CASE("restricted zero points are 0 and 128") {
  quantize_options o;
  o.restricted_asymmetric = true;
  auto const r = test::plan_for(addition(0, 2), scheme{u8s8}, o, {{"y0", {0, 4}}});
  CHECK(r.at("x")->grids[0].zero_point == 128);
  CHECK(r.at("y0")->grids[0].zero_point == 0);
}
