#include <doctest/doctest.h>

#include <octet/infer/infer.hpp>
#include <octet/rewrite/index_trace.hpp>
#include <support/builder.hpp>

using namespace octet;
using namespace octet::ops;
using namespace octet::rewrite;
using support::builder;
using support::ints;
using list = std::vector<std::int64_t>;

TEST_CASE("the elements of a tensor are followed through reshapes, transposes, slices and scales") {
  builder g;
  auto const x = g.input("x", {"b", "s", 6});
  auto const part = g(Slice, {x, ints({2}), ints({6}), ints({2})});
  auto const y = g(Transpose, {g(Reshape, {g(Mul, {part, 0.5}), ints({0, 0, 2, 2})})}, {{"perm", list{0, 2, 1, 3}}});
  infer(g.m);
  tracer t{g.m.main};
  auto const path = t.climb(y);
  REQUIRE(path.tops.back() == x);
  CHECK(path.scales.back() == 0.5);
  auto const found = t.follow(path, path.steps.size());
  REQUIRE(found.has_value());
  CHECK(found->dims == shape{2, 2, 3, 2});  // b is 2, s is 3
  std::size_t i = 0;
  for (int b = 0; b < 2; ++b)
    for (int n = 0; n < 2; ++n)
      for (int s = 0; s < 3; ++s)
        for (int h = 0; h < 2; ++h) CHECK(found->at[i++] == (b * 3 + s) * 6 + 2 + n * 2 + h);
}

TEST_CASE("larger primes keep formulas positive, and what is not known is not followed") {
  builder g;
  auto const x = g.input("x", {"t", 2});
  auto const y = g(Slice, {x, ints({0}), ints({INT64_MAX}), ints({0}), ints({20})});
  auto const z = g(Reshape, {x, g.input("shape", {2}, element::s64)});
  infer(g.m);
  g.m.main[y].type->dims->at(0) = dimension{std::string{"floor(t/20) - 1"}};
  CHECK_FALSE(tracer(g.m.main).sizes(y).has_value());
  CHECK(*tracer(g.m.main, 1).sizes(y) == shape{101 / 20 - 1, 2});
  g.m.main[z].type.reset();
  CHECK_FALSE(tracer(g.m.main).sizes(z).has_value());
}
