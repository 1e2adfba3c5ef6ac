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

TEST_CASE("a layer over rows that were three axes is a product of three axes") {
  using octet::rewrite::projection_rules;
  auto const layer = [](std::int64_t n, std::int64_t transposed, std::vector<std::int64_t> const& back) {
    builder g;
    auto const rows = g(Reshape, {g.input("x", {2, 5, 4}), support::ints({-1, 4})});
    auto const w = transposed != 0 ? noise({n, 4}) : noise({4, n});
    auto const y = g(Gemm, {rows, w, noise({n}, 2)}, {{"transB", static_cast<int>(transposed)}});
    g.output(g(Reshape, {y, support::ints(back)}));
    return g;
  };
  support::check_rule(layer(3, 0, {2, 5, 3}), projection_rules, "MatMul Add");
  CHECK(support::refused(layer(3, 1, {2, 5, 3}), projection_rules) == "an operand is transposed");
  CHECK(support::refused(layer(3, 0, {5, 2, 3}), projection_rules) ==
        "the axes taken apart are not known to be those put together");
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
