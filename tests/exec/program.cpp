// Programs with operators of the test: constants folded once, tensors given up in time, subgraphs with captured values.
#include <octet/exec/program.hpp>

#include <doctest/doctest.h>

using namespace octet;
using namespace octet::detail;

namespace {

int prepared = 0, ran = 0, in_place = 0;

float first(tensor const& t) { return t.as<float>()[0]; }

operation prepare_add(preparation const&) {
  ++prepared;
  return [](call& c) {
    ++ran;
    float const sum = first(c.inputs[0]) + (c.has(1) ? first(c.inputs[1]) : 0);
    in_place += c.inputs[0].unique();
    c.make_over(0, 0, element::f32, {1}).mutable_as<float>()[0] = sum;
  };
}
operation prepare_body(preparation const& p) {
  return [run = p.subgraph("body")](call& c) { c.outputs[0] = run(c, {c.inputs[0]})[0]; };
}
operator_entry const* lookup(std::string_view op, std::string_view, std::int64_t) {
  static constexpr operator_entry all[] = {{"Add", "", 1, &prepare_add}, {"Body", "", 1, &prepare_body}};
  for (auto const& e : all)
    if (e.op == op) return &e;
  return nullptr;
}
tensor one(float x) { return tensor::of<float>({1}, {x}); }

struct fixture {
  model m{};
  fixture() { m.import_opset("", 1), prepared = ran = in_place = 0; }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "nodes of constants run once, when somebody first needs them") {
  auto& g = m.main;
  auto const x = g.add_input("x", tensor_type(element::f32, {1})), w = g.add_initializer("w", one(2)),
             v = g.add_initializer("v", one(3));
  g.add_node("Add", {w, v}, {"five"});
  g.add_node("Add", {x, g.find("five")}, {"y"});
  g.outputs = {g.find("y")};
  environment e{m, {}, &lookup};
  program p{e, g, m.opsets};
  CHECK(p.is_constant(g.find("five")));
  CHECK(!p.is_constant(x));
  CHECK(ran == 0);
  CHECK(first(p.run({one(1)})[0]) == 6);
  CHECK(first(p.run({one(2)})[0]) == 7);
  CHECK(prepared == 2);
  CHECK(ran == 3);
  p.fix(w, one(10));
  CHECK(first(p.run({one(1)})[0]) == 14);
}

TEST_CASE_FIXTURE(fixture, "the last reader may write over a tensor, others may not") {
  auto& g = m.main;
  auto const x = g.add_input("x", tensor_type(element::f32, {1}));
  g.add_node("Add", {x, x}, {"a"});
  g.add_node("Add", {g.find("a")}, {"b"});
  g.add_node("Add", {g.find("a"), g.find("b")}, {"c"});
  g.add_node("Add", {g.find("c")}, {"d"});
  g.outputs = {g.find("d")};
  environment e{m, {}, &lookup};
  program p{e, g, m.opsets};
  auto const in = one(1);
  CHECK(first(p.run({in})[0]) == 4);
  CHECK(first(in) == 1);
  CHECK(in_place == 2);  // c over a, d over c
}

TEST_CASE_FIXTURE(fixture, "a subgraph sees values of the enclosing graph and of the one around that") {
  auto& g = m.main;
  auto const x = g.add_input("x", tensor_type(element::f32, {1}));
  g.add_node("Add", {x, x}, {"two"});
  graph deep;
  auto const d_in = deep.add_input("i", tensor_type(element::f32, {1})), d_two = deep.add_value("two");
  deep.add_node("Add", {d_in, d_two}, {"o"});
  deep.outputs = {deep.find("o")};
  graph middle;
  auto const m_in = middle.add_input("j", tensor_type(element::f32, {1})), m_two = middle.add_value("two");
  middle[m_two].captured = g.find("two");
  deep[d_two].captured = m_two;
  auto const inner = middle.add_node("Body", {m_in}, {"k"}, {{.name = "body", .value = graph_box{deep}}});
  middle.add_capture_use(m_two, inner);
  middle.outputs = {middle.find("k")};
  auto const n = g.add_node("Body", {x}, {"y"}, {{.name = "body", .value = graph_box{middle}}});
  g.add_capture_use(g.find("two"), n);
  g.outputs = {g.find("y")};
  environment e{m, {}, &lookup};
  program p{e, g, m.opsets};
  CHECK(first(p.run({one(5)})[0]) == 15);
  CHECK(first(p.run({one(1)})[0]) == 3);
}

TEST_CASE_FIXTURE(fixture, "a function that calls itself is refused") {
  function f{.name = "again", .domain = "mine"};
  auto const a = f.body.add_value("a");
  f.body.inputs = {a};
  f.body.add_node("again", {a}, {"b"}, {}, "mine");
  f.body.outputs = {f.body.find("b")};
  m.functions.push_back(f);
  auto const x = m.main.add_input("x", tensor_type(element::f32, {1}));
  m.main.add_node("again", {x}, {"y"}, {}, "mine");
  m.main.outputs = {m.main.find("y")};
  environment e{m, {}, &lookup};
  program p{e, m.main, m.opsets};
  CHECK_THROWS_WITH_AS(p.run({one(1)}), doctest::Contains("nested more than 64 deep"), error);
}
