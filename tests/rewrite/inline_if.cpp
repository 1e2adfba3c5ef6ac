#include <octet/rewrite/inline_if.hpp>

#include <doctest/doctest.h>

#include <octet/graph/check.hpp>
#include <support/builder.hpp>

using namespace octet;
using namespace octet::ops;
using support::builder;

namespace {

tensor truth(bool yes) {
  tensor t{element::boolean, {}};
  t.mutable_as<std::uint8_t>()[0] = yes;
  return t;
}

/// y = if condition then (x + 1) else −x, with names that the graph around has too.
builder guarded(support::operand const& condition, value_id x, builder g) {
  graph then, otherwise;
  auto const seen = then.add_value("x");
  then[seen].captured = x;
  auto const one = then.add_initializer("one", support::floats({1}, {1}));
  then.outputs.push_back(then[then.add_node("Add", {seen, one}, {"made"}, {}, {}, "sum")].outputs[0]);
  auto const other = otherwise.add_value("x");
  otherwise[other].captured = x;
  otherwise.outputs.push_back(otherwise[otherwise.add_node("Neg", {other}, {"made"})].outputs[0]);
  auto const y = g(If, {condition}, {{"then_branch", then}, {"else_branch", otherwise}}, "y");
  g.m.main.add_capture_use(x, g.m.main[y].producer);
  g.output(g(Abs, {y}));
  g.output(y);
  return g;
}

}  // namespace

TEST_CASE("the branch that is taken stands in the place of the If; names stay apart and outputs keep theirs") {
  for (bool const yes : {true, false}) {
    builder g;
    auto const x = g.input("x", {2});
    g(Neg, {x}, {}, "made");
    g = guarded(truth(yes), x, g);
    CHECK(rewrite::inline_certain_ifs(g.m.main) == 1);
    CHECK(g.ops() == (yes ? "Neg Add Identity Abs" : "Neg Neg Identity Abs"));
    CHECK(g.m.main.find("y") == g.m.main.outputs[1]);
    auto const& made = *g.m.main.producer(g.m.main.producer(g.m.main.find("y"))->inputs[0]);
    CHECK(made.inputs[0] == x);
    CHECK(g.m.main[made.outputs[0]].name == "made_1");
    if (yes) CHECK(g.m.main.constant(made.inputs[1])->as<float>()[0] == 1);
    check(g.m);
    CHECK(rewrite::inline_certain_ifs(g.m.main) == 0);
  }
}

TEST_CASE("a condition that is computed keeps its If") {
  builder g;
  auto const x = g.input("x", {2});
  g = guarded(g.input("condition", {}, element::boolean), x, g);
  CHECK(rewrite::inline_certain_ifs(g.m.main) == 0);
}

TEST_CASE("what a nested body captures follows") {
  builder g;
  auto const x = g.input("x", {2}), condition = g.input("condition", {}, element::boolean);
  graph outer, inner, empty;
  auto const c = outer.add_value("condition"), a = outer.add_value("x");
  outer[c].captured = condition, outer[a].captured = x;
  auto const twice = outer[outer.add_node("Add", {a, a}, {"twice"})].outputs[0];
  auto const deep = inner.add_value("twice");
  inner[deep].captured = twice;
  inner.outputs.push_back(inner[inner.add_node("Neg", {deep}, {"r"})].outputs[0]);
  auto const k = empty.add_initializer("k", support::floats({2}, {1, 2}));
  empty.outputs.push_back(k);
  auto const n =
      outer.add_node(node{.op = "If",
                          .inputs = {c},
                          .outputs = {outer.add_value("chosen")},
                          .attributes = {{"then_branch", graph_box{inner}}, {"else_branch", graph_box{empty}}}});
  outer.add_capture_use(twice, n);
  outer.outputs.push_back(outer[n].outputs[0]);
  auto const y = g(If, {truth(true)}, {{"then_branch", outer}, {"else_branch", empty}}, "y");
  g.m.main.add_capture_use(x, g.m.main[y].producer), g.m.main.add_capture_use(condition, g.m.main[y].producer);
  g.output(y);
  CHECK(rewrite::inline_certain_ifs(g.m.main) == 1);
  CHECK(g.ops() == "Add If Identity");
  check(g.m);
}
