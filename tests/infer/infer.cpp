#include <doctest/doctest.h>

#include <octet/infer/infer.hpp>
#include <support/builder.hpp>

using namespace octet;
using namespace octet::ops;
using support::builder;
using support::floats;
using support::ints;
using support::noise;

namespace {
std::string type_of(builder& g, value_id v) {
  infer(g.m);
  return g.m.main[v].type ? text(*g.m.main[v].type) : "?";
}
}  // namespace

TEST_CASE("a reshape to [batch, -1, heads, size] from Shape, Gather, Unsqueeze, Concat is resolved") {
  builder g{13};
  auto const x = g.input("x", {"batch", "seq", 64});
  auto const s = g(Shape, {x});
  auto const b = g(Unsqueeze, {g(Gather, {s, tensor::scalar(std::int64_t{0})}), ints({0})});
  auto const n = g(Unsqueeze, {g(Gather, {s, tensor::scalar(std::int64_t{1})}), ints({0})});
  auto const r = g(Reshape, {x, g(Concat, {b, n, ints({4}), ints({16})}, {{"axis", 0}})});
  auto const t = g(Transpose, {r}, {{"perm", std::vector<std::int64_t>{0, 2, 1, 3}}});
  auto const folded = g(Reshape, {t, ints({-1, 1, 16})});
  CHECK(type_of(g, r) == "FLOAT[batch,seq,4,16]");
  CHECK(type_of(g, t) == "FLOAT[batch,4,seq,16]");
  CHECK(type_of(g, folded) == "FLOAT[4*batch*seq,1,16]");
}

TEST_CASE("position ids sliced from a constant broadcast with the sequence") {
  builder g{13};
  auto const x = g.input("x", {"batch", "seq", 8});
  auto const end = g(Unsqueeze, {g(Gather, {g(Shape, {x}), tensor::scalar(std::int64_t{1})}), ints({0})});
  auto const p = g(Slice, {noise({1, 512, 8}), ints({0}), end, ints({1})});
  auto const y = g(Add, {x, p});
  CHECK(type_of(g, p) == "FLOAT[1,Min(512, seq),8]");
  CHECK(type_of(g, y) == "FLOAT[batch,seq,8]");
}

TEST_CASE("Where(Equal(shape, -1), ones, shape) before Expand is followed") {
  builder g{13};
  auto const x = g.input("x", {"batch", 3});
  auto const target =
      g(Concat, {g(Slice, {g(Shape, {x}), ints({0}), ints({1})}), ints({-1}), ints({7})}, {{"axis", 0}});
  auto const ones = g(ConstantOfShape, {ints({3})}, {{"value", ints({1})}});
  auto const wanted = g(Where, {g(Equal, {target, g(Mul, {ones, ints({-1})})}), ones, target});
  auto const y = g(Expand, {noise({1, 5, 7}), wanted});
  CHECK(type_of(g, y) == "FLOAT[batch,5,7]");
}

TEST_CASE("element types of quantization operators") {
  builder g{13};
  auto const x = g.input("x", {"n", 4});
  auto const q = g(QuantizeLinear, {x, 0.5, tensor::scalar(std::int8_t{0})});
  auto const plain = g(QuantizeLinear, {x, 0.5});
  auto const d = g(DequantizeLinear, {q, 0.5, tensor::scalar(std::int8_t{0})});
  auto const all = g.many(DynamicQuantizeLinear, {x}, 3);
  auto const m = g(MatMulInteger, {all[0], tensor{element::s8, {4, 6}}, all[2]});
  CHECK(type_of(g, q) == "INT8[n,4]");
  CHECK(type_of(g, plain) == "UINT8[n,4]");
  CHECK(type_of(g, d) == "FLOAT[n,4]");
  CHECK(type_of(g, m) == "INT32[n,6]");
  CHECK(type_of(g, all[1]) == "FLOAT[]");
}

TEST_CASE("an unknown operator leaves its result unknown and inference goes on") {
  builder g{13};
  auto const x = g.input("x", {"n", 4});
  auto const y = g(op{"Mystery", "somewhere"}, {x});
  auto const z = g(Relu, {y});
  auto const w = g(Relu, {x});
  CHECK(type_of(g, z) == "?");
  CHECK(type_of(g, w) == "FLOAT[n,4]");
  infer(g.m, {.guess_output_rank = true});
  REQUIRE(g.m.main[y].type.has_value());
  CHECK(g.m.main[y].type->dims->size() == 2);
}

TEST_CASE("contradictory sizes are noted and do not stop inference") {
  builder g{13};
  auto const a = g.input("a", {3}), b = g.input("b", {4});
  auto const y = g(Add, {a, b});
  auto const z = g(Relu, {a});
  auto const facts = infer(g.m);
  CHECK(facts.assumptions.size() == 1);
  CHECK(text(*g.m.main[z].type) == "FLOAT[3]");
  CHECK_FALSE(g.m.main[y].type.has_value());
}

TEST_CASE("stated names win where inference only has a new symbol, and stated outputs stay") {
  builder g{13};
  auto const x = g.input("x", {"n", 4});
  auto const nz = g(NonZero, {x});
  g.m.main[nz].type = value_type{.element = element::s64, .dims = std::vector<dimension>{2, std::string{"hits"}}};
  auto const t = g(Transpose, {nz});
  auto const y = g(Relu, {x});
  g.output(y, {"rows", 4});
  CHECK(type_of(g, t) == "INT64[hits,2]");
  CHECK(type_of(g, y) == "FLOAT[rows,4]");
}

TEST_CASE("If takes the branch of a known condition, else what both agree on") {
  auto const branch = [](std::int64_t n) {
    graph b;
    auto const c = b.add_initializer("k" + std::to_string(n), noise({n, 3}));
    b.outputs.push_back(c);
    return b;
  };
  builder g{13};
  auto const c = g.input("c", {}, element::boolean);
  auto const y = g(If, {c}, {{"then_branch", branch(2)}, {"else_branch", branch(5)}}, "y");
  auto const z = g(If, {tensor::of(shape{}, std::vector<std::uint8_t>{1}).viewed_as(element::boolean)},
                   {{"then_branch", branch(2)}, {"else_branch", branch(5)}});
  CHECK(type_of(g, y) == "FLOAT[y_d0,3]");
  CHECK(type_of(g, z) == "FLOAT[2,3]");
}

TEST_CASE("a call of a model function is inferred through its body") {
  builder g{17};
  function f{.name = "twice", .domain = "mine", .opsets = {{.domain = "", .version = 17}}};
  auto const a = f.body.add_value("a");
  f.body.inputs.push_back(a);
  auto const n = f.body.add_node("Concat", {a, a}, {"b"});
  f.body[n].attributes.push_back({.name = "axis", .reference = "along"});
  f.body.outputs.push_back(f.body[n].outputs[0]);
  g.m.functions.push_back(std::move(f));
  auto const x = g.input("x", {"n", 4});
  auto const y = g(op{"twice", "mine"}, {x}, {{"along", 1}});
  CHECK(type_of(g, y) == "FLOAT[n,8]");
}
