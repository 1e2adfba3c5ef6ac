#include <doctest/doctest.h>

#include <octet/rewrite/passes.hpp>
#include <support/builder.hpp>

using namespace octet;
using namespace octet::ops;
using namespace octet::rewrite;
using support::builder;
using support::floats;
using list = std::vector<std::int64_t>;

TEST_CASE("Constant nodes in every spelling become initializers of the same name") {
  builder g;
  g.output(
      g(Add, {g(Constant, {}, {{"value", floats({2}, {1, 2})}}, "t"), g(Constant, {}, {{"value_float", 2.0}}, "f")}));
  g.output(
      g(Concat,
        {g(Constant, {}, {{"value_ints", list{1, 2}}}, "is"), g(Constant, {}, {{"value", support::ints({3})}}, "i")},
        {{"axis", 0}}));
  CHECK(lift_constants(g.m.main) == 4);
  check(g.m);
  CHECK(g.ops() == "Add Concat");
  CHECK(*to_real(*g.m.main.constant(g.m.main.find("f"))) == 2);
  CHECK(*to_integers(*g.m.main.constant(g.m.main.find("is"))) == list{1, 2});
}

TEST_CASE("nodes that compute the same become one, outputs and random numbers do not") {
  builder g;
  auto const x = g.input("x", {2});
  auto const a = g(LeakyRelu, {x}, {{"alpha", 0.5}}), b = g(LeakyRelu, {x}, {{"alpha", 0.5}}),
             c = g(LeakyRelu, {x}, {{"alpha", 0.25}});
  g.output(g(Add, {g(Neg, {a}), g(Mul, {g(Neg, {b}), c})}));
  auto const out = g(LeakyRelu, {x}, {{"alpha", 0.5}});
  g.output(out);
  g.output(g(Add, {g(op{"RandomUniformLike"}, {x}), g(op{"RandomUniformLike"}, {x})}));
  CHECK(merge_equal_nodes(g.m.main) == 2);
  check(g.m);
  CHECK(g.m.main.is_output(out));
  CHECK(g.m.main.order.size() == 10 - 2 + 1);
}

TEST_CASE("equal scalars are shared, equal weights are not") {
  builder g;
  auto const x = g.input("x", {2});
  g.output(g(Add, {g(Mul, {x, 2.0}), g(Mul, {g(Add, {x, floats({2}, {1, 2})}), g(Sub, {2.0, floats({2}, {1, 2})})})}));
  CHECK(share_constants(g.m.main) == 1);
  check(g.m);
  CHECK(g.m.main.initializers.size() == 3);
}

TEST_CASE("dead nodes, unused initializers and outputs that nobody reads go") {
  builder g;
  auto const x = g.input("x", {2});
  g(Neg, {g(Abs, {x})});
  g.constant(floats({1}, {1}));
  auto const d = g.many(Dropout, {x}, 2);
  g.output(d[0]);
  CHECK(remove_dead(g.m.main) == 2);
  trim_outputs(g.m.main);
  check(g.m);
  CHECK(g.ops() == "Dropout");
  CHECK(g.m.main.producer(d[0])->outputs.size() == 1);
  CHECK(g.m.main.initializers.empty());
}
