#include <doctest/doctest.h>

#include <octet/rewrite/match.hpp>
#include <support/builder.hpp>

using namespace octet;
using namespace octet::ops;
using namespace octet::rewrite;
using support::builder;

namespace {
inline constexpr any x{"x"}, y{"y"}, z{"z"};
inline constexpr rewrite::constant w{"w"};

template <std::size_t N>
std::optional<match> run(builder const& g, pattern<N> const& p, value_id v, std::string* why = nullptr) {
  matcher m{g.m.main, 17};
  auto found = m.run(program{std::span<cell const>{p.cells}}, v);
  if (why != nullptr) *why = m.why();
  return found;
}
}  // namespace

TEST_CASE("variables are bound to values, and one name means one value") {
  builder g;
  auto const a = g.input("a", {2}), b = g.input("b", {2});
  auto const sum = g(Sub, {a, b}), twice = g(Sub, {a, a});
  static constexpr auto two = Sub(x, y), same = Sub(x, x);
  auto const m = run(g, two, sum);
  REQUIRE(m.has_value());
  CHECK((*m)[x] == a);
  CHECK((*m)[y] == b);
  CHECK_FALSE(m->has(z));
  CHECK(run(g, same, twice).has_value());
  std::string why;
  CHECK_FALSE(run(g, same, sum, &why).has_value());
  CHECK(why == "one name stands for two values");
}

TEST_CASE("optional inputs, further inputs, other outputs, constants and numbers") {
  builder g;
  auto const a = g.input("a", {1, 2, 4, 4});
  auto const c = g(Conv, {a, support::noise({2, 2, 1, 1})}),
             d = g(Conv, {a, support::noise({2, 2, 1, 1}), support::noise({2})});
  static constexpr auto optional = Conv(x, w, maybe(y));
  static constexpr auto bare = Conv(x, w), more = Conv(x, w).and_more_inputs();
  CHECK_FALSE(run(g, optional, c)->has(y));
  CHECK(run(g, optional, d)->has(y));
  std::string why;
  CHECK_FALSE(run(g, bare, d, &why).has_value());
  CHECK(why == "Conv has more inputs than the pattern");
  CHECK(run(g, more, d).has_value());
  CHECK(run(g, more, d)->fixed(w).size() == 4);
  auto const parts = g.many(Split, {a}, 2, {{"axis", 1}});
  static constexpr auto second = Split(x).output(1);
  CHECK(run(g, second, parts[1]).has_value());
  CHECK_FALSE(run(g, second, parts[0]).has_value());
  static constexpr auto half = Mul(x, 0.5);
  CHECK(run(g, half, g(Mul, {0.500001, a})).has_value());
  CHECK_FALSE(run(g, half, g(Mul, {a, 0.501}), &why).has_value());
  CHECK(why == "another number");
}

TEST_CASE(
    "chains of a commutative operator match in every bracketing, also when several operands could be taken apart") {
  builder g;
  auto const a = g.input("a", {2}), b = g.input("b", {2}), c = g.input("c", {2}), d = g.input("d", {2});
  static constexpr auto p = Mul(Mul(x, y), Relu(z));
  static constexpr auto three = Mul(Mul(x, 2.0), Mul(y, Relu(z)));
  CHECK(run(g, p, g(Mul, {g(Mul, {a, g(Relu, {c})}), b})).has_value());
  CHECK(run(g, p, g(Mul, {a, g(Mul, {b, g(Relu, {c})})})).has_value());
  CHECK(run(g, three, g(Mul, {g(Mul, {a, b}), g(Mul, {g(Relu, {d}), 2.0})})).has_value());
  std::string why;
  CHECK_FALSE(run(g, p, g(Mul, {a, g(Relu, {c})}), &why).has_value());
  CHECK(why == "another number of operands of Mul");
}

TEST_CASE("the reason that is told is that of the attempt that came furthest") {
  builder g;
  auto const a = g.input("a", {2});
  static constexpr auto p = either(Relu(Neg(Abs(x))), Relu(Exp(x)));
  std::string why;
  CHECK_FALSE(run(g, p, g(Relu, {g(Neg, {g(Sqrt, {a})})}), &why).has_value());
  CHECK(why == "Sqrt instead of Abs");
}
