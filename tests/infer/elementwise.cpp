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

TEST_CASE("operands broadcast as in NumPy, and comparisons are boolean") {
  builder g;
  auto const a = g.input("a", {"n", 1, 4}), b = g.input("b", {3, 1});
  CHECK(inferred(g, g(Add, {a, b})) == "FLOAT[n,3,4]");
  CHECK(inferred(g, g(Less, {a, b})) == "BOOL[n,3,4]");
  CHECK(inferred(g, g(Max, {a, b, floats({}, {1})})) == "FLOAT[n,3,4]");
  CHECK(inferred(g, g(Where, {g(Less, {a, b}), a, floats({1}, {0})})) == "FLOAT[n,3,4]");
  CHECK(inferred(g, g(Cast, {a}, {{"to", 7}})) == "INT64[n,1,4]");
  CHECK(inferred(g, g.many(Dropout, {a}, 2)[1]) == "BOOL[n,1,4]");
}
TEST_CASE("arithmetic on sizes reaches the shapes that it makes") {
  builder g;
  auto const s = g(Shape, {g.input("x", {"n", 5})});
  auto const n = g(Slice, {s, ints({0}), ints({1})});
  auto const made = [&](value_id v) { return inferred(g, g(ConstantOfShape, {v})); };
  CHECK(made(g(Add, {n, ints({3})})) == "FLOAT[n + 3]");
  CHECK(made(g(Div, {g(Mul, {n, ints({6})}), ints({4})})) == "FLOAT[floor(n/2) + n]");
  CHECK(made(g(Mod, {n, ints({4})})) == "FLOAT[Mod(n, 4)]");
  CHECK(made(g(Min, {n, ints({7})})) == "FLOAT[Min(7, n)]");
  CHECK(made(g(Where, {g(Equal, {n, ints({-1})}), ints({9}), n})) == "FLOAT[n]");
  CHECK(made(g(Cast, {g(Floor, {g(Mul, {g(Cast, {n}, {{"to", 1}}), 0.5})})}, {{"to", 7}})) == "FLOAT[floor(n/2)]");
}
