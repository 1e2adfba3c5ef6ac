#include <doctest/doctest.h>

#include <octet/graph/check.hpp>
#include <octet/rewrite/upgrade.hpp>
#include <support/builder.hpp>

using namespace octet;
using namespace octet::ops;
using support::builder;
using list = std::vector<std::int64_t>;

namespace {
/// The integers of input `i` of the node that makes `v`.
list input_of(builder& g, value_id v, std::size_t i) {
  auto const& n = *g.m.main.producer(v);
  REQUIRE(n.has_input(i));
  auto const* t = g.m.main.constant(n.inputs[i]);
  REQUIRE(t != nullptr);
  return *to_integers(*t);
}
}  // namespace

TEST_CASE("attributes that later opsets have as inputs become initializers") {
  builder g{9};
  auto const x = g.input("x", {2, 3, 4, 5});
  auto const slice = g(Slice, {x}, {{"starts", list{1}}, {"ends", list{3}}, {"axes", list{2}}});
  auto const squeeze = g(Squeeze, {g(ReduceSum, {slice}, {{"axes", list{3}}})}, {{"axes", list{3}}});
  auto const pad = g(Pad, {squeeze}, {{"pads", list{0, 1, 0, 0, 1, 0}}, {"value", 2.5}});
  auto const clip = g(Clip, {pad}, {{"min", 0.0}, {"max", 6.0}});
  auto const mean = g(ReduceMean, {clip}, {{"axes", list{1}}});
  g.output(mean);
  upgrade_opset(g.m, 13);
  check(g.m);
  CHECK(g.m.opset_version() == 13);
  CHECK(input_of(g, slice, 1) == list{1});
  CHECK(input_of(g, slice, 2) == list{3});
  CHECK(input_of(g, slice, 3) == list{2});
  CHECK(input_of(g, squeeze, 1) == list{3});
  CHECK(input_of(g, pad, 1) == list{0, 1, 0, 0, 1, 0});
  CHECK(*to_real(*g.m.main.constant(g.m.main.producer(pad)->inputs[2])) == 2.5);
  CHECK(*to_real(*g.m.main.constant(g.m.main.producer(clip)->inputs[2])) == 6);
  CHECK(g.m.main.producer(clip)->attributes.empty());
  CHECK(g.m.main.producer(mean)->get<list>("axes") != nullptr);  // an input only from 18 on
  upgrade_opset(g.m, 21);
  CHECK(input_of(g, mean, 1) == list{1});
  CHECK(g.m.ir_version == 10);
  upgrade_opset(g.m, 23);
  CHECK(g.m.ir_version == 11);
  infer(g.m);
  CHECK(text(*g.m.main[mean].type) == "FLOAT[2,1,2]");
}

TEST_CASE("a Softmax of opset 12 over several axes keeps its meaning") {
  builder g{11};
  auto const x = g.input("x", {2, 3, 4});
  auto const last = g(Softmax, {x}, {{"axis", 2}});
  auto const flat = g(Softmax, {x});
  g.output(last);
  g.output(flat);
  upgrade_opset(g.m, 13);
  check(g.m);
  CHECK(g.m.main.producer(last)->get<std::int64_t>("axis", 0) == -1);
  CHECK(g.m.main.producer(flat)->op == "Reshape");
  infer(g.m);
  CHECK(text(*g.m.main[flat].type) == "FLOAT[2,3,4]");
}

TEST_CASE("A32, B25: Upsample becomes the Resize that puts pixel 0 on pixel 0") {
  builder g{9};
  auto const x = g.input("x", {1, 1, 2, 2});
  auto const y = g(Upsample, {x, support::floats({4}, {1, 1, 2, 2})}, {{"mode", "nearest"}});
  g.output(y);
  upgrade_opset(g.m, 13);
  check(g.m);
  auto const& n = *g.m.main.producer(y);
  CHECK(n.op == "Resize");
  CHECK(n.inputs.size() == 3);
  CHECK(n.get<std::string>("coordinate_transformation_mode", "") == "asymmetric");
  CHECK(n.get<std::string>("nearest_mode", "") == "floor");
  infer(g.m);
  CHECK(text(*g.m.main[y].type) == "FLOAT[1,1,4,4]");
}

TEST_CASE("what has no equal is refused and nothing changes") {
  builder g{11};
  auto const x = g.input("x", {1, 2, 3});
  auto const all =
      g.many(BatchNormalization,
             {x, support::noise({2}), support::noise({2}), support::noise({2}), support::positive_noise({2})}, 5);
  g.output(all[0]);
  g.output(all[1]);
  CHECK_THROWS_AS(upgrade_opset(g.m, 14), error);
  CHECK(g.m.opset_version() == 11);
  CHECK_NOTHROW(upgrade_opset(g.m, 13));
  CHECK_THROWS_AS(upgrade_opset(g.m, 99), error);
  builder old{6};
  CHECK_THROWS_AS(upgrade_opset(old.m, 13), error);
}
