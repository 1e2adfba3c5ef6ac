// Which nodes are needed, in which order, and where each tensor is used last.
#include <octet/exec/schedule.hpp>

#include <doctest/doctest.h>

using namespace octet;
using namespace octet::detail;

namespace {

/// a = f(x, w); b = f(a, a); c = f(x, a); w is constant.
struct small {
  graph g{};
  value_id x = g.add_value("x"), w = g.add_initializer("w", tensor::scalar(1.f));
  node_id na = g.add_node("f", {x, w}, {"a"}), nb = g.add_node("f", {g.find("a"), g.find("a")}, {"b"}),
          nc = g.add_node("f", {x, g.find("a")}, {"c"});
  value_id a = g.find("a"), b = g.find("b"), c = g.find("c");
  std::vector<char> constant = std::vector<char>(g.value_count(), 0);

  small() { g.inputs = {x}, constant[index(w)] = 1; }
  schedule make(std::vector<value_id> wanted) { return make_schedule(g, wanted, constant); }
};

}  // namespace

TEST_CASE("only what the wanted values need is scheduled") {
  small s;
  CHECK(s.make({s.a}).steps.size() == 1);
  auto const b = s.make({s.b});
  REQUIRE(b.steps.size() == 2);
  CHECK(b.steps[0].id == s.na);
  CHECK(b.steps[1].id == s.nb);
  CHECK(b.needed == std::vector<value_id>{s.x});
  CHECK(s.make({s.w}).steps.empty());
}

TEST_CASE("the last use of a tensor takes it, earlier ones share it, wanted ones are kept") {
  small s;
  auto const p = s.make({s.b, s.c});
  REQUIRE(p.steps.size() == 3);
  CHECK(p.steps[0].inputs[0].how == access::share);
  CHECK(p.steps[0].inputs[1].how == access::constant);
  CHECK(p.steps[1].inputs[0].how == access::share);
  CHECK(p.steps[1].inputs[1].how == access::share);
  CHECK(p.steps[2].inputs[0].how == access::take);
  CHECK(p.steps[2].inputs[1].how == access::take);
  CHECK(s.make({s.a, s.c}).steps[1].inputs[1].how == access::share);
  auto const twice = s.make({s.b});
  CHECK(twice.steps[1].inputs[0].how == access::share);
  CHECK(twice.steps[1].inputs[1].how == access::take);
}

TEST_CASE("nodes of constants are folded, not scheduled") {
  small s;
  s.constant[index(s.a)] = 1;
  auto const p = s.make({s.b});
  CHECK(p.folded == std::vector<node_id>{s.na});
  CHECK(p.steps.size() == 1);
}

TEST_CASE("a graph that is not in order is refused, by name") {
  small s;
  std::reverse(s.g.order.begin(), s.g.order.end());
  CHECK_THROWS_WITH_AS(s.make({s.c}), doctest::Contains("'a' is read before it is made"), error);
}

TEST_CASE("what a subgraph captures is needed and dies with its node") {
  small s;
  graph inner;
  auto const seen = inner.add_value("a");
  inner[seen].captured = s.a;
  inner.outputs = {seen};
  auto const n = s.g.add_node("If", {s.x}, {"d"}, {{.name = "then_branch", .value = graph_box{inner}}});
  s.g.add_capture_use(s.a, n);
  s.constant.resize(s.g.value_count(), 0);
  auto const p = s.make({s.g.find("d")});
  REQUIRE(p.steps.size() == 2);
  CHECK(p.steps[0].id == s.na);
  CHECK(p.steps[1].dead == std::vector<value_id>{s.a});
  CHECK(captures(s.g[n]) == std::vector<value_id>{s.a});
  CHECK(place(s.g, s.g[n]) == "d");
}
