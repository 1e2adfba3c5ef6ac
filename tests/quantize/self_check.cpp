#include <octet/quantize/self_check.hpp>

#include <doctest/doctest.h>

#include <support/builder.hpp>

using namespace octet;
using namespace octet::ops;
using octet::rewrite::any, octet::rewrite::match, octet::rewrite::patch, octet::rewrite::rule;
using support::builder, support::floats, support::noise;

namespace {

inline constexpr any x{"x"};
inline constexpr rule wrong{"wrong-exp", Exp(x), [](match const& m, patch& p) { return p(Neg, {m[x]}); }};
inline constexpr rule right{"right-neg", Neg(Neg(x)), [](match const& m, patch&) { return m[x]; }};
inline constexpr auto both = rewrite::rules(wrong, right);
inline constexpr auto good = rewrite::rules(right);

builder two_layers() {
  builder g{13};
  auto const h = g(Neg, {g(Neg, {g(MatMul, {g.input("x", {"n", 4}), noise({4, 4})})})}, {}, "h");
  g.output(g(Add, {g(Exp, {h}, {}, "grown"), g(Identity, {h})}, {}, "y"));
  return g;
}

std::string refusal(builder& g, preprocess_options const& o, std::string* where = nullptr) {
  try {
    preprocess(g.m, o);
  } catch (error const& e) {
    CHECK(e.kind == error_kind::runtime);
    if (where != nullptr) *where = e.where;
    return e.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a rule that changes the numbers is named, with the place, also between good ones") {
  auto g = two_layers();
  std::string where;
  auto const said = refusal(g, {.rules = both, .check = self_check{}}, &where);
  CHECK(said.find("rule 'wrong-exp' at 'grown'") != std::string::npos);
  CHECK(said.find("output 'y'") != std::string::npos);
  CHECK(where == "grown");
  auto h = two_layers();
  auto const r = preprocess(h.m, {.rules = good, .check = self_check{.runs = 3}});
  CHECK(r.log.applied("right-neg") == 1);
  CHECK(r.checked == 3);
  CHECK(r.largest_difference <= 1e-4);
  auto k = two_layers();
  CHECK(refusal(k, {.except = {"wrong-exp"}, .rules = both, .check = self_check{}}).empty());
}

TEST_CASE("samples take the place of random inputs; the tolerance is relative to the largest element") {
  auto g = two_layers();
  self_check const given{.samples = {{{"x", floats({1, 4}, {1, 2, 3, 4})}}}};
  CHECK(preprocess(g.m, {.rules = good, .check = given}).checked == 1);
  auto h = two_layers();
  self_check loose = given;
  loose.tolerance = 1e9;
  CHECK(refusal(h, {.rules = both, .check = loose}).empty());
}

TEST_CASE("differences of outputs: shapes, types, integers and what is not finite") {
  using octet::detail::relative_difference;
  auto const a = floats({2}, {4, -8});
  CHECK(relative_difference(a, floats({2}, {4, -8})) == 0);
  CHECK(relative_difference(a, floats({2}, {5, -8})) == doctest::Approx(1.0 / 8));
  CHECK(relative_difference(a, floats({1, 2}, {4, -8})) == HUGE_VAL);
  CHECK(relative_difference(a, support::ints({4, -8})) == HUGE_VAL);
  CHECK(relative_difference(support::ints({1}), support::ints({1})) == 0);
  CHECK(relative_difference(support::ints({1}), support::ints({2})) == HUGE_VAL);
  float const inf = HUGE_VALF, nan = std::nanf("");
  CHECK(relative_difference(floats({2}, {inf, 1}), floats({2}, {inf, 1})) == 0);
  CHECK(relative_difference(floats({2}, {inf, 1}), floats({2}, {-inf, 1})) == HUGE_VAL);
  CHECK(relative_difference(floats({2}, {nan, 1}), floats({2}, {nan, 1})) == 0);
}

TEST_CASE("what draws random numbers cannot be checked, and what does not run needs samples") {
  builder g{13};
  g.output(g(Add, {g.input("x", {2}), g(op{"RandomNormal"}, {}, {{"shape", std::vector<std::int64_t>{2}}})}));
  CHECK_THROWS_AS(preprocess(g.m, {.check = self_check{}}), error);
  builder h{13};
  tensor far{element::s64, {}};
  far.mutable_as<std::int64_t>()[0] = 1000;
  auto const ids = h(Add, {h.input("ids", {2}, element::s64), far});
  h.output(h(Gather, {noise({4, 2}), ids}));
  try {
    preprocess(h.m, {.check = self_check{}});
    FAIL("the index is outside of the table");
  } catch (error const& e) {
    CHECK(e.hint.find("--data") != std::string::npos);
  }
}
