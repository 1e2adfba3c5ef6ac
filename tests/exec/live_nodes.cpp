// Which nodes still count as readers once others have taken their place.
#include <octet/exec/live_nodes.hpp>

#include <doctest/doctest.h>

using namespace octet;

TEST_CASE("nodes that no output depends on do not read") {
  graph g;
  auto const x = g.add_input("x", tensor_type(element::f32, {3}));
  auto const a = g.add_node("Relu", {x}, {"a"});
  auto const unread = g.add_node("Neg", {g.find("a")}, {"n"});
  auto const y = g.add_node("Exp", {g.find("a")}, {"y"});
  g.outputs = {g.find("y")};
  detail::live_nodes live{g};
  CHECK(live(a));
  CHECK(live(y));
  CHECK_FALSE(live(unread));
  CHECK(live.reader(g.find("a")) == y);
  CHECK(live.reader(g.find("y")) == node_id::none);  // an output of the graph
  CHECK(live.reader(g.find("n")) == node_id::none);
  CHECK(live.read(g.find("a")));
  CHECK(live.read(g.find("y")));
  CHECK_FALSE(live.read(g.find("n")));

  auto const later = g.add_node("Abs", {g.find("a")}, {"b"});
  CHECK(live(later));
  CHECK(live.reader(g.find("a")) == node_id::none);  // two
  live.drop(y);
  CHECK(live.reader(g.find("a")) == later);
}

TEST_CASE("a node that reads a value twice is not its single reader") {
  graph g;
  auto const x = g.add_input("x", tensor_type(element::f32, {3}));
  g.add_node("Mul", {x, x}, {"y"});
  g.outputs = {g.find("y")};
  CHECK(detail::live_nodes{g}.reader(x) == node_id::none);
}
