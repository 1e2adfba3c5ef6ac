// Walks reach every graph, node and stored tensor, in a fixed order.
#include <doctest/doctest.h>

#include <octet/graph/walk.hpp>

using namespace octet;

namespace {

stored_tensor stored(float v) { return {.data = tensor::scalar(v)}; }

model nested() {
  model m;
  m.main.add_initializer("w", tensor::scalar(1.f));
  graph inner;
  inner.add_initializer("v", tensor::scalar(2.f));
  inner.add_node("Constant", {}, {"c"}, {{.name = "value", .value = stored(3)}}, {}, "inner");
  m.main.add_node("If", {}, {"y"}, {{.name = "then_branch", .value = graph_box{std::move(inner)}}}, {}, "outer");
  m.main.add_node("Op", {}, {"z"}, {{.name = "many", .value = std::vector<stored_tensor>{stored(4), stored(5)}}});
  function f{.name = "f"};
  f.body.add_node("Constant", {}, {"k"}, {{.name = "value", .value = stored(6)}}, {}, "body");
  f.attribute_defaults.push_back({.name = "d", .value = stored(7)});
  m.functions.push_back(std::move(f));
  return m;
}

}  // namespace

TEST_CASE("nodes of all graphs") {
  auto const m = nested();
  std::string seen;
  for_each_node_of(m, [&](graph const& g, node_id n) { seen += g[n].name + '/'; });
  CHECK(seen == "outer/inner//body/");
  CHECK(count_nodes(m.main) == 3);
  int graphs = 0;
  for_each_graph(m.main, [&](graph const&) { ++graphs; });
  CHECK(graphs == 2);
}

TEST_CASE("a walk may erase the node it stands on") {
  auto m = nested();
  for_each_node(m.main, [&](graph& g, node_id n) {
    if (g[n].op == "If") g.erase(n);
  });
  CHECK(count_nodes(m.main) == 1);
}

TEST_CASE("stored tensors") {
  auto const m = nested();
  std::string initializers, others;
  for_each_stored_tensor(
      m, [&](stored_tensor const&, std::string const& name) { initializers += name + '/'; },
      [&](stored_tensor const& t, std::string const& name) {
        others += name + std::to_string(int(t.data.as<float>()[0])) + '/';
      });
  CHECK(initializers == "w/v/");
  CHECK(others == "many4/many5/value3/value6/d7/");  // an outer graph first
}

TEST_CASE("nodes are described by their name, else by their output") {
  auto const m = nested();
  CHECK(describe(m.main, m.main.order[0]) == "If node 'outer'");
  CHECK(describe(m.main, m.main.order[1]) == "Op node of 'z'");
}
