#include <octet/quantize/weight_chains.hpp>

#include <doctest/doctest.h>

#include "support/one_operator.hpp"

using namespace octet;
using test::maker;

namespace {
attribute perm_attribute(std::vector<std::int64_t> p) { return {.name = "perm", .value = std::move(p)}; }
std::vector<float> elements_of(tensor const& t) { return {t.as<float>().begin(), t.as<float>().end()}; }
}  // namespace

TEST_CASE("a weight behind Identity, Cast and Transpose is a constant of the last one's name") {
  maker m{"chain"};
  auto const h = m.g().add_initializer("h", from_f32(tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6}), element::f16));
  auto const c = m.op("Cast", {m.op("Identity", {h})}, {{.name = "to", .value = std::int64_t{1}}});
  m.output(m.op("MatMul", {m.input("x", {1, 3}), m.op("Transpose", {c}, {perm_attribute({1, 0})})}), 2);
  auto s = m.done();
  auto& g = s.model.main;
  CHECK(detail::fold_weight_chains(g, {}) == 3);
  REQUIRE(g.order.size() == 1);
  auto const w = g[g.order[0]].inputs[1];
  CHECK(g[w].name == "t2");
  CHECK(g.constant(w)->type() == element::f32);
  CHECK(elements_of(*g.constant(w)) == std::vector<float>{1, 4, 2, 5, 3, 6});
  CHECK(g.find("h") == value_id::none);
}

TEST_CASE("what is no weight, or of a node that stays float, is left alone") {
  maker m{"chain"};
  auto const t = m.op("Transpose", {m.weight("w", {3, 3})});
  m.output(m.op("Add", {m.input("x", {3, 3}), t}), 2);
  auto s = m.done();
  CHECK(detail::fold_weight_chains(s.model.main, {}) == 0);
  maker n{"chain"};
  n.output(n.op("MatMul", {n.input("x", {3, 3}), n.op("Transpose", {n.weight("w", {3, 3})})}), 2);
  auto r = n.done();
  quantize_options o;
  o.except = {"MatMul_1"};
  CHECK(detail::fold_weight_chains(r.model.main, o) == 0);
  CHECK(detail::fold_weight_chains(r.model.main, {}) == 1);
}

TEST_CASE("a constant that others read as well stays for them") {
  maker m{"chain"};
  auto const table = m.weight("table", {4, 3});
  auto const e = m.op("Gather", {table, m.ints("i", {1})});
  m.output(m.op("MatMul", {e, m.op("Transpose", {table})}), 2);
  auto s = m.done();
  CHECK(detail::fold_weight_chains(s.model.main, {}) == 1);
  CHECK(s.model.main.constant(s.model.main.find("table")) != nullptr);
}
