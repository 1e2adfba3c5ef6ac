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

TEST_CASE("u8 filters of QLinearConv share zero point 128 and represent their largest weight exactly") {
  test::maker m{"m"};
  auto const w = m.g().add_initializer("w", tensor::of<float>({2, 1, 1, 1}, {0.5f, -2.f}));
  m.output(m.op("Conv", {m.input("x", {1, 1, 2, 2}), w}), 4);
  quantize_options o;
  o.format = format::qoperator;
  auto const r = test::plan_for(m.done(), scheme{u8u8.per_channel()}, o);
  auto const& grids = r.at("w")->grids;
  REQUIRE(grids.size() == 2);
  CHECK(grids[0].scale == 0.5f / 127);  // 2·max|w| / 254
  CHECK(grids[1].scale == 2.f / 127);
  for (auto const& g : grids) CHECK(g.zero_point == 128);
}

TEST_CASE("columns of a QLinearMatMul weight have a zero point each, as their type wants it") {
  test::maker m{"m"};
  auto const w = m.g().add_initializer("w", tensor::of<float>({2, 2}, {0.f, -1.f, 2.f, 0.f}));
  m.output(m.op("MatMul", {m.input("x", {1, 2}), w}), 2);
  quantize_options o;
  o.format = format::qoperator;
  auto const r = test::plan_for(m.done(), scheme{u8u8.per_channel()}, o);
  CHECK(r.at("w")->grids[0].zero_point == 0);    // [0, 2]
  CHECK(r.at("w")->grids[1].zero_point == 255);  // [-1, 0]
}

TEST_CASE("Sigmoid as NNAPI wants it: steps of 1/256 from the lowest integer, in QOperator format") {
  for (auto const p : {u8s8, s8s8}) {
    test::maker m{"m"};
    m.output(m.op("Sigmoid", {m.input("x", {2, 4})}), 2);
    quantize_options o;
    o.sigmoid_nnapi = true, o.format = format::qoperator;
    auto const r = test::plan_for(m.done(), scheme{p}, o);
    CHECK(r.at("y0")->grids[0].scale == 1.f / 256);
    CHECK(r.at("y0")->grids[0].zero_point == (p.activation == element::u8 ? 0 : -128));
  }
}

TEST_CASE("a product whose float type nobody knows cannot return from integers, unless a type is assumed") {
  auto const unknown = [] {
    test::maker m{"m"};
    auto const x = m.input("x", {2, 4});
    m.output(m.op("MatMul", {x, m.weight("w", {4, 3})}), 2);
    auto s = m.done();
    s.model.main[x].type = value_type{};
    return s;
  };
  try {
    test::plan_for(unknown(), scheme{u8s8}, {}, {}, mode::integer);
    FAIL("planned");
  } catch (error const& e) {
    CHECK(e.kind == error_kind::runtime);
    CHECK(std::string{e.what()}.find("Unable to find data type for weight_name='x'") != std::string::npos);
  }
  quantize_options o;
  o.default_tensor_type = element::f32;
  CHECK(test::plan_for(unknown(), scheme{u8s8}, o, {}, mode::integer).node("MatMul_0").fate == fate::quantized);
}
