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

TEST_CASE("normalizations keep the input's type; statistics lose the normalized axes") {
  builder g;
  auto const x = g.input("x", {"b", "s", 8});
  CHECK(inferred(g, g.many(LayerNormalization, {x, noise({8})}, 3, {{"axis", 1}})[1]) == "FLOAT[b,1,1]");
  auto const skip = g.many(SkipLayerNormalization, {x, x, noise({8})}, 4);
  CHECK(inferred(g, skip[0]) == "FLOAT[b,s,8]");
  CHECK(inferred(g, skip[3]) == "FLOAT[b,s,8]");
  auto const ids = g.input("ids", {"b", "s"}, element::s32);
  auto const e =
      g.many(EmbedLayerNormalization, {ids, {}, noise({50, 8}), noise({20, 8}), {}, noise({8}), noise({8})}, 2);
  CHECK(inferred(g, e[0]) == "FLOAT[b,s,8]");
  CHECK(inferred(g, e[1]) == "INT32[b]");
}
