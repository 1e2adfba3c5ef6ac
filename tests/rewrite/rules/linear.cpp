#include <octet/rewrite/rules/linear.hpp>
#include <support/rule_check.hpp>

using namespace octet;
using namespace octet::ops;
using octet::rewrite::linear_rules;
using support::builder;
using support::noise;

TEST_CASE("MatMul of two axes and a constant for each column are Gemm, whatever the order of the sum") {
  for (int i = 0; i < 3; ++i) {
    builder g;
    auto const y = g(MatMul, {g.input("x", {"n", 4}), noise({4, 3})});
    auto const c = i == 2 ? noise({}, 2) : noise({3}, 2);
    g.output(i == 0 ? g(Add, {y, c}) : g(Add, {c, y}));
    support::check_rule(g, linear_rules, "Gemm");
  }
}

TEST_CASE("a sum after Gemm becomes its C") {
  builder g;
  auto const y = g(Gemm, {g.input("x", {2, 4}), noise({3, 4})}, {{"transB", 1}, {"alpha", 0.5}, {"beta", 3.0}});
  g.output(g(Add, {y, noise({1, 3}, 2)}));
  support::check_rule(g, linear_rules, "Gemm");
}

TEST_CASE("other ranks and other sums stay") {
  builder g;
  g.output(g(Add, {g(MatMul, {g.input("x", {2, 5, 4}), noise({4, 3})}), noise({3})}));
  CHECK(support::refused(g, linear_rules) == "the input is not known to have two axes");
  builder h;
  h.output(h(Add, {h(MatMul, {h.input("x", {2, 4}), noise({4, 3})}), noise({2, 3})}));
  CHECK(support::refused(h, linear_rules) == "what is added is not one number a column");
  builder k;
  k.output(k(Add, {k(Gemm, {k.input("x", {2, 4}), noise({4, 3}), noise({3})}), noise({3}, 4)}));
  CHECK(support::refused(k, linear_rules).empty());
}
