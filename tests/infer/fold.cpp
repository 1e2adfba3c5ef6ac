#include <doctest/doctest.h>

#include <support/inferred.hpp>

using namespace octet;
using namespace octet::ops;
using support::builder;
using support::floats;
using support::inferred;
using support::ints;
using support::noise;
using list = std::vector<std::int64_t>;

#include <octet/infer/fold.hpp>
TEST_CASE("constant nodes are evaluated by whom the caller names; what inflates, fails or is an output stays") {
  builder g;
  auto const x = g.input("x", {2});
  auto const c = g(Neg, {floats({2}, {1, 2})}, {}, "negated");
  auto const big = g(Expand, {floats({1}, {1}), ints({1 << 20})}, {}, "big");
  auto const odd = g(Exp, {floats({1}, {1})}, {}, "odd");
  auto const y = g(Add, {x, c});
  g.output(y);
  g.output(g(Add, {big, odd}, {}, "sum"));
  int calls = 0;
  auto evaluate = [&](octet::node const& n, std::span<tensor const> in,
                      std::int64_t opset) -> std::optional<std::vector<tensor>> {
    ++calls;
    CHECK(opset == 17);
    if (n.op == "Neg") return std::vector<tensor>{floats({2}, {-in[0].as<float>()[0], -in[0].as<float>()[1]})};
    if (n.op == "Expand") return std::vector<tensor>{noise({1 << 20})};
    if (n.op == "Exp") throw error{error_kind::unsupported, "no exponential today"};
    return std::nullopt;
  };
  auto const r = fold(g.m, evaluator{evaluate});
  CHECK(calls == 3);
  CHECK(r.folded == 1);
  REQUIRE(r.refused.size() == 2);
  CHECK(r.refused[0].find("inflate") != std::string::npos);
  CHECK(r.refused[1].find("no exponential today") != std::string::npos);
  auto const v = g.m.main.find("negated");
  REQUIRE(g.m.main.constant(v) != nullptr);
  CHECK(g.m.main.constant(v)->as<float>()[1] == -2);
  CHECK(g.ops() == "Expand Exp Add Add");
}
TEST_CASE("shape arithmetic with known results becomes constants, and a reshape's shape 0 and -1") {
  builder g;
  auto const x = g.input("x", {"n", "s", 8});
  auto const shape_of = g(Shape, {x});
  auto const at = [&](std::int64_t i) { return g(Slice, {shape_of, ints({i}), ints({i + 1})}); };
  auto const r =
      g(Reshape, {x, g(Concat, {at(0), at(1), ints({2}), g(Div, {at(2), ints({2})})}, {{"axis", 0}})}, {}, "heads");
  g.output(g(Neg, {r}));
  CHECK(fold_shapes(g.m) > 0);
  auto const* t = g.m.main.constant(g.m.main.producer(r)->inputs[1]);
  REQUIRE(t != nullptr);
  CHECK(*to_integers(*t) == list{0, 0, 2, 4});
}
