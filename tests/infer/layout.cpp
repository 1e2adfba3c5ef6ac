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

TEST_CASE("reshapes copy, infer and keep sizes") {
  builder g;
  auto const x = g.input("x", {"n", 6, 4});
  CHECK(inferred(g, g(Reshape, {x, ints({0, -1})})) == "FLOAT[n,24]");
  CHECK(inferred(g, g(Reshape, {x, ints({-1, 8})})) == "FLOAT[3*n,8]");
  CHECK(inferred(g, g(Reshape, {x, g.input("s", {2}, element::s64)}, {}, "r")) == "FLOAT[r_d0,r_d1]");
  CHECK(inferred(g, g(Flatten, {x}, {{"axis", 2}})) == "FLOAT[6*n,4]");
  CHECK(inferred(g, g(Unsqueeze, {x, ints({0, -1})})) == "FLOAT[1,n,6,4,1]");
  CHECK(inferred(g, g(Squeeze, {g(Unsqueeze, {x, ints({1})}), ints({1})})) == "FLOAT[n,6,4]");
  CHECK(inferred(g, g(Transpose, {x})) == "FLOAT[4,6,n]");
}
TEST_CASE("joining, cutting, repeating, padding") {
  builder g;
  auto const x = g.input("x", {"n", 7});
  CHECK(inferred(g, g(Concat, {x, x}, {{"axis", 0}})) == "FLOAT[2*n,7]");
  CHECK(inferred(g, g.many(Split, {x, ints({3, 4})}, 2, {{"axis", 1}})[1]) == "FLOAT[n,4]");
  CHECK(inferred(g, g.many(Split, {x}, 3, {{"axis", 1}, {"num_outputs", 3}})[2]) == "FLOAT[n,1]");
  CHECK(inferred(g, g(Tile, {x, ints({2, 3})})) == "FLOAT[2*n,21]");
  CHECK(inferred(g, g(Pad, {x, ints({1, 2, 3, 4})})) == "FLOAT[n + 4,13]");
  CHECK(inferred(g, g(Expand, {x, ints({5, 1, 1})})) == "FLOAT[5,n,7]");
  CHECK(inferred(g, g(DepthToSpace, {g.input("y", {1, 8, 2, "w"})}, {{"blocksize", 2}})) == "FLOAT[1,2,4,2*w]");
}
TEST_CASE("constants and ranges") {
  builder g;
  CHECK(inferred(g, g(Constant, {}, {{"value_ints", list{1, 2, 3}}})) == "INT64[3]");
  CHECK(inferred(g, g(Range, {tensor::scalar(std::int64_t{2}), tensor::scalar(std::int64_t{9}),
                              tensor::scalar(std::int64_t{3})})) == "INT64[3]");
  auto const n = g(Gather, {g(Shape, {g.input("x", {"n"})}), tensor::scalar(std::int64_t{0})});
  CHECK(inferred(g, g(Range, {tensor::scalar(std::int64_t{0}), n, tensor::scalar(std::int64_t{1})})) == "INT64[n]");
  CHECK(inferred(g, g(Shape, {g.input("y", {1, 2, 3})}, {{"start", -2}})) == "INT64[2]");
}
