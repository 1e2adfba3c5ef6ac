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

TEST_CASE("attention in ONNX's form and in ONNX Runtime's, with past") {
  builder g{23};
  auto const q = g.input("q", {"b", 4, "s", 16}), k = g.input("k", {"b", 2, "t", 16}),
             v = g.input("v", {"b", 2, "t", 8});
  CHECK(inferred(g, g(Attention, {q, k, v})) == "FLOAT[b,4,s,8]");
  auto const x = g.input("x", {"b", "s", 64});
  CHECK(inferred(g, g(ContribAttention, {x, noise({64, 192}), noise({192})}, {{"num_heads", 4}})) == "FLOAT[b,s,64]");
  auto const past =
      g.many(ContribAttention, {x, noise({64, 192}), noise({192}), {}, g.input("past", {2, "b", 4, "p", 16})}, 2,
             {{"num_heads", 4}});
  CHECK(inferred(g, past[1]) == "FLOAT[2,b,4,p + s,16]");
  CHECK(inferred(g, g(MultiHeadAttention, {x, g.input("kk", {"b", "t", 64}), g.input("vv", {"b", "t", 32})},
                      {{"num_heads", 4}})) == "FLOAT[b,s,32]");
}
