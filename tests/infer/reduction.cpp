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

TEST_CASE("reductions over axes given as attribute or input, kept or not") {
  builder g{18};
  auto const x = g.input("x", {"n", 3, 4});
  CHECK(inferred(g, g(ReduceMean, {x, ints({-1})})) == "FLOAT[n,3,1]");
  CHECK(inferred(g, g(ReduceMax, {x, ints({0, 2})}, {{"keepdims", 0}})) == "FLOAT[3]");
  CHECK(inferred(g, g(ReduceSum, {x})) == "FLOAT[1,1,1]");
  CHECK(inferred(g, g(ReduceSum, {x}, {{"noop_with_empty_axes", 1}})) == "FLOAT[n,3,4]");
  CHECK(inferred(g, g(ArgMax, {x}, {{"axis", 1}, {"keepdims", 0}})) == "INT64[n,4]");
  auto const total = g(ReduceProd, {g(Shape, {x}), ints({0})}, {{"keepdims", 1}});
  CHECK(inferred(g, g(Reshape, {x, total})) == "FLOAT[12*n]");
}
