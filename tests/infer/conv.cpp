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

TEST_CASE("convolutions: strides, dilations, pads, automatic padding") {
  builder g;
  auto const x = g.input("x", {"n", 3, "h", 32});
  auto const w = noise({8, 3, 3, 3});
  CHECK(inferred(g, g(Conv, {x, w})) == "FLOAT[n,8,h - 2,30]");
  CHECK(inferred(g, g(Conv, {x, w}, {{"pads", list{1, 1, 1, 1}}, {"strides", list{2, 2}}})) ==
        "FLOAT[n,8,floor((h + 1)/2),16]");
  CHECK(inferred(g, g(Conv, {x, w}, {{"auto_pad", "SAME_UPPER"}, {"strides", list{2, 3}}})) ==
        "FLOAT[n,8,floor((h + 1)/2),11]");
  CHECK(inferred(g, g(Conv, {x, w}, {{"dilations", list{2, 2}}})) == "FLOAT[n,8,h - 4,28]");
}
TEST_CASE("transposed convolutions multiply: groups, output padding, stated shapes") {
  builder g;
  auto const x = g.input("x", {1, 4, "h", 5});
  CHECK(inferred(g, g(ConvTranspose, {x, noise({4, 3, 2, 2})}, {{"group", 2}, {"strides", list{2, 2}}})) ==
        "FLOAT[1,6,2*h,10]");
  CHECK(inferred(g, g(ConvTranspose, {x, noise({4, 3, 3, 3})},
                      {{"strides", list{2, 2}}, {"pads", list{1, 1, 1, 1}}, {"output_padding", list{1, 0}}})) ==
        "FLOAT[1,3,2*h,9]");
  CHECK(inferred(g, g(ConvTranspose, {x, noise({4, 3, 3, 3})},
                      {{"output_shape", list{20, 21}}, {"strides", list{2, 2}}})) == "FLOAT[1,3,20,21]");
}
