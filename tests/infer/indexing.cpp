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

TEST_CASE("gathering and scattering") {
  builder g;
  auto const x = g.input("x", {5, "n", 4}), i = g.input("i", {2, 3}, element::s64);
  CHECK(inferred(g, g(Gather, {x, i}, {{"axis", 1}})) == "FLOAT[5,2,3,4]");
  CHECK(inferred(g, g(GatherND, {x, i})) == "FLOAT[2]");
  CHECK(inferred(g, g(GatherND, {x, g.input("j", {5, 7, 1}, element::s64)}, {{"batch_dims", 1}})) == "FLOAT[5,7,4]");
  CHECK(inferred(g, g(ScatterND, {x, i, g.input("u", {2})})) == "FLOAT[5,n,4]");
  CHECK(inferred(g, g.many(TopK, {x, ints({2})}, 2, {{"axis", 0}})[1]) == "INT64[2,n,4]");
  CHECK(inferred(g, g(OneHot, {i, tensor::scalar(std::int64_t{9}), floats({2}, {0, 1})}, {{"axis", 0}})) ==
        "FLOAT[9,2,3]");
}
TEST_CASE("sizes that only the data tell are new symbols") {
  builder g;
  auto const x = g.input("x", {5, "n"});
  CHECK(inferred(g, g(NonZero, {x}, {}, "nz")) == "INT64[2,nz_d1]");
  CHECK(inferred(g, g(Compress, {x, g.input("c", {5}, element::boolean)}, {{"axis", 0}}, "some")) ==
        "FLOAT[some_d0,n]");
  CHECK(inferred(g, g(NonMaxSuppression, {x, x}, {}, "boxes")) == "INT64[boxes_d0,3]");
}
