// Which dynamic products become one operator, and that their numbers stay.
#include <octet/exec/dynamic_groups.hpp>

#include <doctest/doctest.h>

#include <octet/exec/session.hpp>

using namespace octet;

namespace {

struct product_choice {
  bool bias = true, cast_is_output = false, scale_first = false;
};

/// x (2 × 3) · w (3 × 2), as dynamic quantization writes it, with one scale a column.
model dynamic_product(product_choice const& c) {
  model m;
  m.ir_version = 8;
  m.import_opset("", 13);
  auto& g = m.main;
  auto const x = g.add_input("x", {.element = element::f32, .dims = std::vector<dimension>{2, 3}});
  auto const w = g.add_initializer("w", tensor::of<std::int8_t>({3, 2}, {1, -2, 3, 4, -5, 6})),
             ws = g.add_initializer("ws", tensor::of<float>({2}, {0.5f, 0.25f})),
             wz = g.add_initializer("wz", tensor::of<std::int8_t>({2}, {1, -1})),
             b = g.add_initializer("b", tensor::of<float>({2}, {10, 20}));
  g.add_node("DynamicQuantizeLinear", {x}, {"q", "s", "z"});
  g.add_node("MatMulInteger", {g.find("q"), w, g.find("z"), wz}, {"i"});
  g.add_node("Cast", {g.find("i")}, {"f"}, {{.name = "to", .value = std::int64_t{1}}});
  g.add_node("Mul", {g.find("s"), ws}, {"scales"});
  if (c.scale_first) g.add_node("Mul", {g.find("scales"), g.find("f")}, {"p"});
  else g.add_node("Mul", {g.find("f"), g.find("scales")}, {"p"});
  if (c.bias) g.add_node("Add", {b, g.find("p")}, {"y"});
  g.outputs = {g.find(c.bias ? "y" : "p")};
  if (c.cast_is_output) g.outputs.push_back(g.find("f"));
  return m;
}

node const& last(graph const& g) { return *g.producer(g.outputs[0]); }

}  // namespace

TEST_CASE("the whole pattern becomes one product, with and without bias, in any order of factors") {
  for (bool bias : {true, false})
    for (bool first : {true, false}) {
      auto m = dynamic_product({.bias = bias, .scale_first = first});
      detail::dynamic_group_maker{m.main}.run();
      auto const& n = last(m.main);
      CHECK(n.op == "MatMulIntegerToFloat");
      CHECK(n.inputs.size() == (bias ? 7 : 6));
      CHECK(m.main[n.inputs[2]].name == "s");
      CHECK(m.main[n.inputs[3]].name == "ws");
    }
}

TEST_CASE("a sum that somebody else reads stays apart") {
  auto m = dynamic_product({.cast_is_output = true});
  detail::dynamic_group_maker{m.main}.run();
  CHECK(last(m.main).op == "Add");
}

TEST_CASE("a scale of another tensor is no scale of the product") {
  auto m = dynamic_product({});
  auto const other = m.main.add_input("other", {.element = element::f32});
  m.main.add_node("DynamicQuantizeLinear", {other}, {"q2", "s2", "z2"});
  for (auto const id : m.main.order)
    if (m.main[id].is("Mul") && m.main[m.main[id].outputs[0]].name == "scales")
      m.main.set_input(id, 0, m.main.find("s2"));
  m.main.sort();
  detail::dynamic_group_maker{m.main}.run();
  CHECK(last(m.main).op == "Add");
}

TEST_CASE("a session that fuses and one that does not agree, and every tensor can still be asked for") {
  auto const m = dynamic_product({});
  feed const in{{"x", tensor::of<float>({2, 3}, {0, 1, 2.55f, -0.5f, 0.25f, 1.5f})}};
  session fused{m}, plain{m, {.fusions = false}};
  std::string const all[] = {"y", "p", "f", "i"};
  auto const a = fused.run(in, all), b = plain.run(in, all);
  for (auto const& name : all) {
    auto const x = a.at(name).bytes(), y = b.at(name).bytes();
    CHECK_MESSAGE(std::equal(x.begin(), x.end(), y.begin(), y.end()), name);
  }
}
