#include <octet/graph/bodies.hpp>

#include <doctest/doctest.h>

#include <octet/graph/check.hpp>

#include "support/one_operator.hpp"

using namespace octet;

namespace {
/// y = Identity(captured), in a body whose value names are those of its sibling.
graph branch_of(value_id captured, std::string const& name) {
  graph g;
  auto const c = g.add_value(name, tensor_type(element::f32, {2}));
  g[c].captured = captured;
  g.outputs = {g[g.add_node("Neg", {c}, {"y"})].outputs[0]};
  return g;
}
model with_branches() {
  test::maker m{"m"};
  auto const x = m.input("x", {2});
  auto const c = m.feed_input("c", tensor::scalar(true));
  m.output(m.op("If", {c},
                {{.name = "then_branch", .value = graph_box{branch_of(x, "x")}},
                 {.name = "else_branch", .value = graph_box{branch_of(x, "x")}}}),
           1);
  auto r = m.done().model;
  auto const n = r.main.order.back();
  r.main.add_capture_use(x, n), r.main.add_capture_use(x, n);
  return r;
}
std::vector<std::string> names_inside(model const& m) {
  std::vector<std::string> r;
  for_each_quantized_graph(m, true, [&](graph const& g) {
    if (&g == &m.main) return;
    for (std::size_t i = 0; i < g.value_count(); ++i) r.push_back(g[static_cast<value_id>(i)].name);
  });
  return r;
}
}  // namespace

TEST_CASE("values of bodies get names that no other graph has; captured ones follow what they are") {
  auto m = with_branches();
  CHECK(has_equal_names(m));
  CHECK(make_names_unique(m) == 1);
  CHECK(!has_equal_names(m));
  CHECK(names_inside(m) == std::vector<std::string>{"x", "y", "x", "y_1"});
  check(m);
  CHECK(make_names_unique(m) == 0);
}

TEST_CASE("bodies are those of If, Loop and Scan alone: other operators call tensors by their names") {
  auto m = with_branches();
  m.main[m.main.order.back()].op = "BeamSearch";
  CHECK(!has_equal_names(m));
  CHECK(names_inside(m).empty());
}
