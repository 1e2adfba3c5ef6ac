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

TEST_CASE("activations have the type of their input") {
  builder g;
  auto const x = g.input("x", {"n", 3}, element::f16);
  for (auto const& o : {Relu, Sigmoid, Softmax, Gelu, ContribGelu, HardSwish})
    CHECK(inferred(g, g(o, {x})) == "FLOAT16[n,3]");
  CHECK(inferred(g, g(Clip, {x, tensor{element::f16, shape{}}})) == "FLOAT16[n,3]");
}
