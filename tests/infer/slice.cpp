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

TEST_CASE("bounds that are negative, beyond the end, symbolic or backwards") {
  builder g;
  auto const x = g.input("x", {"n", 10});
  auto const cut = [&](list starts, list ends, list axes, list steps) {
    return inferred(g, g(Slice, {x, ints(starts), ints(ends), ints(axes), ints(steps)}));
  };
  CHECK(cut({2}, {-1}, {1}, {1}) == "FLOAT[n,7]");
  CHECK(cut({0}, {INT64_MAX}, {0}, {2}) == "FLOAT[floor((n + 1)/2),10]");
  CHECK(cut({-1}, {INT64_MIN}, {1}, {-1}) == "FLOAT[n,10]");
  CHECK(cut({8}, {2}, {1}, {-3}) == "FLOAT[n,2]");
  CHECK(cut({5}, {3}, {1}, {1}) == "FLOAT[n,0]");
  CHECK(cut({0}, {4}, {0}, {1}) == "FLOAT[Min(4, n),10]");
  CHECK(cut({1}, {1000}, {-1}, {1}) == "FLOAT[n,9]");
}
TEST_CASE("the elements of a matrix are followed, as exporters write paddings") {
  builder g;
  auto const pads = g(Reshape, {g(Transpose, {g(Slice, {g(Reshape, {ints({1, 2, 0, 0}), ints({-1, 2})}), ints({-1}),
                                                        ints({INT64_MIN}), ints({0}), ints({-1})})}),
                                ints({-1})});
  CHECK(inferred(g, g(Pad, {g.input("x", {5, 5}), pads})) == "FLOAT[5,8]");
}
