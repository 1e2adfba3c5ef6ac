// Attributes of nodes.
#include <doctest/doctest.h>

#include <octet/graph/graph.hpp>

using namespace octet;

TEST_CASE("attributes are found with their type") {
  node n;
  n.set("alpha", 0.5f);
  n.set("axes", std::vector<std::int64_t>{1, 2});
  REQUIRE(n.get<float>("alpha") != nullptr);
  CHECK(*n.get<float>("alpha") == 0.5f);
  CHECK(n.get<std::int64_t>("alpha") == nullptr);
  CHECK(n.get<std::int64_t>("axis", 7) == 7);
  CHECK(n.get<std::vector<std::int64_t>>("axes")->size() == 2);
}

TEST_CASE("setting an attribute forgets what the file said about the old value") {
  node n;
  n.attributes.push_back({.name = "a", .value = 1.f, .type = 1, .extra = "x", .present = 4});
  n.set("a", std::int64_t{3});
  REQUIRE(n.attributes.size() == 1);
  CHECK(n.get<std::int64_t>("a", 0) == 3);
  CHECK(n.attributes[0].type == 0);
  CHECK(n.attributes[0].extra.empty());
  CHECK(n.attributes[0].present == 0);
}

TEST_CASE("a graph in an attribute is a value") {
  graph g;
  g.add_input("x", tensor_type(element::f32, {1}));
  attribute a{.name = "body", .value = graph_box{std::move(g)}};
  auto b = a;
  std::get<graph_box>(b.value)->add_value("y");
  CHECK(std::get<graph_box>(a.value)->value_count() == 1);
  CHECK(std::get<graph_box>(b.value)->value_count() == 2);
}
