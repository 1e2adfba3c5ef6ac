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

TEST_CASE("pools round their size down, or up where a window begins inside") {
  builder g;
  auto const x = g.input("x", {1, 2, 7, "w"});
  CHECK(inferred(g, g(MaxPool, {x}, {{"kernel_shape", list{2, 2}}, {"strides", list{2, 2}}})) ==
        "FLOAT[1,2,3,floor(w/2)]");
  CHECK(inferred(g, g(MaxPool, {x}, {{"kernel_shape", list{2, 2}}, {"strides", list{2, 2}}, {"ceil_mode", 1}})) ==
        "FLOAT[1,2,4,floor((w + 1)/2)]");
  // a window that would begin in the right padding does not count
  CHECK(inferred(g, g(MaxPool, {g.input("y", {1, 1, 4})},
                      {{"kernel_shape", list{1}}, {"strides", list{3}}, {"pads", list{0, 2}}, {"ceil_mode", 1}})) ==
        "FLOAT[1,1,2]");
  CHECK(inferred(g, g.many(MaxPool, {x}, 2, {{"kernel_shape", list{3, 3}}})[1]) == "INT64[1,2,5,w - 2]");
  CHECK(inferred(g, g(GlobalAveragePool, {x})) == "FLOAT[1,2,1,1]");
}
TEST_CASE("Resize by scales and by sizes") {
  builder g;
  auto const x = g.input("x", {"n", 3, "h", 10});
  CHECK(inferred(g, g(Resize, {x, {}, floats({4}, {1, 1, 2, 0.5f})})) == "FLOAT[n,3,2*h,5]");
  CHECK(inferred(g, g(Resize, {x, {}, floats({4}, {1, 1, 1.5f, 0.55f})})) == "FLOAT[n,3,floor(h/2) + h,5]");
  CHECK(inferred(g, g(Resize, {x, {}, {}, ints({1, 3, 20, 30})})) == "FLOAT[1,3,20,30]");
}
