#include <doctest/doctest.h>

#include <support/inferred.hpp>

using namespace octet;
using namespace octet::ops;
using support::builder;
using support::floats;
using support::inferred;
using support::ints;
using support::noise;
using list = std::vector<std::int64_t>;

TEST_CASE("sizes that must be equal become the better known one, and the assumption is told") {
  builder g;
  auto const x = g.input("x", {"n", 3});
  auto const nz = g(Transpose, {g(NonZero, {x}, {}, "nz")});
  auto const y = g(Concat, {g(Cast, {nz}, {{"to", 1}}), g.input("y", {"m", 2})}, {{"axis", 1}});
  auto const facts = infer(g.m);
  CHECK(text(*g.m.main[y].type) == "FLOAT[m,4]");
  CHECK(facts.assumptions == std::vector<std::string>{"nz_d1 = m"});
}
