// Changing a graph; `check` judges the use lists after each change.
#include <doctest/doctest.h>

#include <octet/graph.hpp>

using namespace octet;

namespace {

auto const scalar = tensor_type(element::f32, {});

/// x → Neg → y → If (both branches read y) → z
struct branching {
  model m{};
  graph& g = m.main;
  value_id x{}, y{}, z{};
  node_id neg{}, branch{};

  branching() {
    m.opsets.push_back({.domain = "", .version = 13});
    x = g.add_input("x", scalar);
    neg = g.add_node("Neg", {x}, {"y"});
    y = g.find("y");
    auto const id = static_cast<node_id>(g.node_count());
    std::vector<attribute> arms;
    for (auto const* arm : {"then_branch", "else_branch"}) {
      graph inner;
      auto const seen = inner.add_value("y");
      inner[seen].captured = y;
      g.add_capture_use(y, id);
      inner.add_node("Abs", {seen}, {"a"});
      inner.outputs.push_back(inner.find("a"));
      arms.push_back({.name = arm, .value = graph_box{std::move(inner)}});
    }
    branch = g.add_node("If", {x}, {"z"}, std::move(arms));
    z = g.find("z");
    g.outputs.push_back(z);
  }
};

}  // namespace

TEST_CASE("captures count as uses, and replacing reaches into subgraphs") {
  branching b;
  check(b.m);
  CHECK(b.g.use_count(b.y) == 2);
  b.g.replace_uses(b.y, b.x);
  check(b.m);
  CHECK(b.g.use_count(b.y) == 0);
  for_each_subgraph(b.g[b.branch], [&](graph const& inner) { CHECK(inner[inner.find("y")].captured == b.x); });
}

TEST_CASE("erasing a node takes its uses along, captured ones too") {
  branching b;
  b.g.outputs.clear();
  b.g.erase(b.branch);
  check(b.m);
  CHECK(b.g.use_count(b.y) == 0);
  b.g.erase(b.z);
  CHECK(b.g.find("z") == value_id::none);
  CHECK_THROWS_AS(b.g.erase(b.x), error);  // Neg reads it
  CHECK_THROWS_AS(b.g.erase(b.y), error);  // Neg makes it
  b.g.erase(b.neg);
  b.g.erase(b.y);
  check(b.m);
  CHECK(b.g.order.empty());
}

TEST_CASE("inputs and outputs are moved") {
  branching b;
  auto const w = b.g.add_initializer("w", tensor::scalar(1.f));
  b.g.set_input(b.neg, 0, w);
  check(b.m);
  b.g.set_input(b.neg, 3, b.x);
  CHECK(b.g[b.neg].inputs == std::vector<value_id>{w, value_id::none, value_id::none, b.x});
  check(b.m);
  b.g.set_input(b.neg, 3, value_id::none);
  check(b.m);
  auto const out = b.g.add_value("second");
  b.g.set_output(b.neg, 1, out);
  check(b.m);
  CHECK(b.g[out].producer == b.neg);
}

TEST_CASE("graph outputs follow a replacement unless told otherwise") {
  branching b;
  b.g.replace_uses(b.z, b.y, false);
  CHECK(b.g.is_output(b.z));
  b.g.replace_uses(b.z, b.y);
  CHECK(b.g.is_output(b.y));
}

TEST_CASE("renaming") {
  branching b;
  b.g.rename(b.y, "why");
  CHECK(b.g.find("why") == b.y);
  CHECK(b.g.find("y") == value_id::none);
  CHECK_THROWS_AS(b.g.rename(b.y, "x"), error);
  check(b.m);  // the branches still call it y inside
  for_each_subgraph(b.g[b.branch], [&](graph& inner) { inner.add_value("why"); });
  CHECK_THROWS_AS(check(b.m), error);  // a file would now mean another value
}

TEST_CASE("several values go at once, or none of them") {
  graph g;
  auto const a = g.add_initializer("a", tensor::of<float>({1}, {1})),
             b = g.add_initializer("b", tensor::of<float>({1}, {2}));
  auto const x = g.add_input("x", tensor_type(element::f32, {1})),
             c = g.add_initializer("c", tensor::of<float>({1}, {3}));
  g.add_node("Add", {x, b}, {"y"});
  CHECK_THROWS_AS(g.erase(std::vector{a, b, c}), error);  // Add reads b
  CHECK(g.initializers == std::vector{a, b, c});
  CHECK(g.find("a") == a);
  g.erase(std::vector{a, c});
  CHECK(g.initializers == std::vector{b});
  CHECK(g.inputs == std::vector{x});
  CHECK(g.find("a") == value_id::none);
  CHECK(g[c].erased);
}

TEST_CASE("sorting is stable and sees captures") {
  branching b;
  b.g.add_node("Abs", {b.x}, {"free"});
  auto const given = b.g.order;
  b.g.sort();
  CHECK(b.g.order == given);
  std::reverse(b.g.order.begin(), b.g.order.end());
  CHECK_THROWS_AS(check(b.m), error);
  b.g.sort();
  check(b.m);
  CHECK(b.g[b.g.order[0]].op == "Abs");  // ready, and first of what was given
  auto const at = [&](node_id n) { return std::find(b.g.order.begin(), b.g.order.end(), n); };
  CHECK(at(b.neg) < at(b.branch));
}

TEST_CASE("a cycle is an error that names a node") {
  graph g;
  auto const a = g.add_value("a"), b = g.add_value("b");
  g.add_node(node{.op = "Neg", .name = "one", .inputs = {a}, .outputs = {b}});
  g.add_node(node{.op = "Neg", .name = "two", .inputs = {b}, .outputs = {a}});
  try {
    g.sort();
    FAIL("sorted");
  } catch (error const& e) {
    CHECK(e.kind == error_kind::invalid);
    CHECK(e.where == "one");
  }
}
