#include <octet/quantize/subgraphs.hpp>

#include <doctest/doctest.h>

#include <octet/graph/check.hpp>

#include "support/one_operator.hpp"

using namespace octet;

namespace {
/// Two branches that multiply the captured x with the captured w.
model two_products() {
  test::maker m{"m"};
  auto const x = m.input("x", {2, 16});
  auto const w = m.weight("w", {16, 16});
  auto const c = m.feed_input("c", tensor::scalar(true));
  auto const branch = [&](std::string const& out) {
    graph g;
    auto const a = g.add_value("x", tensor_type(element::f32, {2, 16})), b = g.add_value("w");
    g[a].captured = x, g[b].captured = w;
    g.outputs = {g[g.add_node("MatMul", {a, b}, {out}, {}, {}, out)].outputs[0]};
    return graph_box{std::move(g)};
  };
  m.output(
      m.op("If", {c}, {{.name = "then_branch", .value = branch("p")}, {.name = "else_branch", .value = branch("q")}}),
      2);
  auto r = m.done().model;
  for (auto const v : {x, w})
    for (int i = 0; i < 2; ++i) r.main.add_capture_use(v, r.main.order.back());
  check(r);
  return r;
}
std::vector<graph*> bodies_of(model& m) {
  std::vector<graph*> r;
  for_each_quantized_graph(m, true, [&](graph& g) { r.push_back(&g); });
  r.erase(r.begin());
  return r;
}
}  // namespace

TEST_CASE("a captured weight is a constant of the body while it is lifted, and the outer one again afterwards") {
  auto m = two_products();
  detail::lifted_constants lifted{m};
  for (auto* g : bodies_of(m)) {
    CHECK(g->constant(g->find("w")) != nullptr);
    CHECK(g->constant(g->find("x")) == nullptr);
  }
  lifted.put_back();
  check(m);
  CHECK(m.main.use_count(m.main.find("w")) == 2);
  for (auto* g : bodies_of(m)) CHECK((*g)[g->find("w")].captured == m.main.find("w"));
}

TEST_CASE("a lifted weight that nobody reads any more goes everywhere") {
  auto m = two_products();
  detail::lifted_constants lifted{m};
  for (auto* g : bodies_of(m)) {
    auto const q = g->add_initializer(g == bodies_of(m)[0] ? "w_a" : "w_b", tensor{element::f32, {16, 16}});
    g->set_input(g->order[0], 1, q);
  }
  lifted.put_back();
  check(m);
  CHECK(m.main.find("w") == value_id::none);
}

TEST_CASE("equal quantized weights of two bodies are one of the main graph") {
  auto m = two_products();
  detail::shared_weights shared{m};
  tensor t{element::s8, {16, 16}};
  std::fill_n(t.mutable_as<std::int8_t>().data(), 256, std::int8_t{3});
  auto const all = bodies_of(m);
  for (auto* g : all) {
    auto const q = g->add_initializer(g == all[0] ? "w_quantized" : "w_quantized_1", t);
    g->set_input(g->order[0], 1, q);
  }
  shared.merge();
  check(m);
  auto const kept = m.main.find("w_quantized");
  REQUIRE(kept != value_id::none);
  CHECK(m.main[kept].initializer.has_value());
  CHECK(m.main.use_count(kept) == 2);
  for (auto* g : all) CHECK((*g)[(*g)[g->order[0]].inputs[1]].captured == kept);
}
