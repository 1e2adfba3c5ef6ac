// Nodes, values, names and constants of a graph.
#include <doctest/doctest.h>

#include <octet/graph/graph.hpp>

using namespace octet;

namespace {
auto const scalar = tensor_type(element::f32, {});
}

TEST_CASE("building keeps producers and use lists") {
  graph g;
  auto const x = g.add_input("x", scalar);
  auto const n = g.add_node("Add", {x, x}, {"y"});
  auto const y = g.find("y");
  g.outputs.push_back(y);
  CHECK(g[y].producer == n);
  CHECK(g.producer(y)->op == "Add");
  CHECK(g.producer(x) == nullptr);
  CHECK(g[x].uses == std::vector<use>{{n, 0}, {n, 1}});
  CHECK(g.use_count(x) == 2);
  CHECK(g.use_count(y) == 1);  // the graph's output
  CHECK(g.is_input(x));
  CHECK(g.is_output(y));
  CHECK(g.find("z") == value_id::none);
}

TEST_CASE("optional inputs and outputs") {
  graph g;
  auto const x = g.add_input("x", scalar);
  auto const n = g.add_node("Clip", {x, value_id::none, x}, {"y", ""});
  CHECK(g[n].has_input(0));
  CHECK_FALSE(g[n].has_input(1));
  CHECK_FALSE(g[n].has_input(9));
  CHECK_FALSE(g[n].has_output(1));
  CHECK(g[x].uses == std::vector<use>{{n, 0}, {n, 2}});
}

TEST_CASE("a name or a value cannot be made twice") {
  graph g;
  auto const x = g.add_input("x", scalar);
  g.add_node("Neg", {x}, {"y"});
  CHECK_THROWS_AS(g.add_value("x"), error);
  CHECK_THROWS_AS(g.add_node("Abs", {x}, {"y"}), error);
  CHECK_THROWS_AS(g.add_node(node{.op = "Abs", .outputs = {g.find("y")}}), error);
  CHECK_NOTHROW(g.add_value(""));
  CHECK_NOTHROW(g.add_value(""));
}

TEST_CASE("fresh names") {
  graph g;
  g.add_input("x", scalar);
  CHECK(g.fresh_name("y") == "y");
  auto const name = g.fresh_name("x");
  CHECK(name != "x");
  g.add_value(name);
  CHECK(g.fresh_name("x") != name);
  g.add_node("Neg", {}, {}, {}, {}, "n");
  CHECK(g.fresh_node_name("n") != "n");
}

TEST_CASE("constants are initializers and Constant nodes, but not what a caller may replace") {
  graph g;
  auto const w = g.add_initializer("w", tensor::scalar(2.f));
  REQUIRE(g.constant(w) != nullptr);
  CHECK(g.constant(w)->as<float>()[0] == 2.f);
  g.inputs.push_back(w);  // as in IR 3, where every initializer is an input too
  CHECK(g.constant(w) == nullptr);
  g.add_node("Constant", {}, {"c"}, {{.name = "value", .value = stored_tensor{.data = tensor::scalar(3.f)}}});
  REQUIRE(g.constant(g.find("c")) != nullptr);
  CHECK(g.constant(g.find("c"))->as<float>()[0] == 3.f);
  CHECK(g.constant(value_id::none) == nullptr);
  auto const odd = g.add_value("odd");
  g[odd].initializer = stored_tensor{.foreign = std::make_shared<foreign_tensor>(foreign_tensor{99, {1}, {}})};
  CHECK(g.constant(odd) == nullptr);
}

TEST_CASE("operator sets of a model") {
  model m;
  m.opsets.push_back({.domain = "ai.onnx", .version = 13});
  CHECK(m.opset_version() == 13);
  CHECK(m.opset_version("com.microsoft") == 0);
  m.import_opset("", 15);
  m.import_opset("com.microsoft", 1);
  m.import_opset("", 11);
  CHECK(m.opset_version() == 15);
  CHECK(m.opset_version("com.microsoft") == 1);
  CHECK(m.opsets.size() == 2);
}

TEST_CASE("the default domain has two spellings") {
  CHECK(node{.op = "Conv", .domain = "ai.onnx"}.is("Conv"));
  CHECK(node{.op = "Conv"}.is("Conv"));
  CHECK_FALSE(node{.op = "Conv", .domain = "other"}.is("Conv"));
  CHECK(node{.op = "Gelu", .domain = "com.microsoft"}.is("Gelu", "com.microsoft"));
}
