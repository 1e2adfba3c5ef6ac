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

TEST_CASE("matrix products: batches broadcast, vectors lose their axis, sides may be turned") {
  builder g;
  auto const a = g.input("a", {"b", 1, "s", 8}), m = g.input("m", {4, 8, 5}), v = g.input("v", {8});
  CHECK(inferred(g, g(MatMul, {a, m})) == "FLOAT[b,4,s,5]");
  CHECK(inferred(g, g(MatMul, {v, m})) == "FLOAT[4,5]");
  CHECK(inferred(g, g(MatMul, {a, v})) == "FLOAT[b,1,s]");
  CHECK(inferred(g, g(MatMul, {v, v})) == "FLOAT[]");
  CHECK(inferred(g, g(Gemm, {g.input("c", {8, "k"}), noise({6, 8})}, {{"transA", 1}, {"transB", 1}})) == "FLOAT[k,6]");
  CHECK(inferred(g, g(Einsum, {a, m}, {{"equation", "bxsk,hkn->bhsn"}})) == "FLOAT[b,4,s,5]");
  CHECK(inferred(g, g(Einsum, {a}, {{"equation", "...ij->...ji"}})) == "FLOAT[b,1,8,s]");
}
