#include <doctest/doctest.h>

#include <octet/rewrite/rule.hpp>
#include <support/builder.hpp>

using namespace octet;
using namespace octet::rewrite;

namespace {
inline constexpr any x{"x"};
inline constexpr rule first{"first", ops::Neg(x), [](match const& m, patch&) { return m[x]; }};
inline constexpr rule second{"second", ops::Abs(ops::Neg(x)), [](match const&, patch& p) { return p.decline("no"); }};
}  // namespace

TEST_CASE("rule sets are constants that join") {
  constexpr auto both = all_of(rules(first), rules(second, first));
  static_assert(both.all.size() == 3);
  CHECK(both.all[1].name == "second");
  CHECK(both.all[1].shape.size() == 3);
}

TEST_CASE("a patch numbers its values as the graph will, and changes nothing") {
  support::builder g;
  auto const a = g.input("a", {2});
  patch p{g.m.main};
  auto const c = p.constant(tensor::scalar(1.0f));
  auto const s = p(ops::Add, {a, c});
  CHECK(index(c) == g.m.main.value_count());
  CHECK(index(s) == g.m.main.value_count() + 1);
  CHECK(p.makes(s));
  CHECK_FALSE(p.makes(a));
  CHECK(g.m.main.order.empty());
  CHECK_FALSE(result{p.decline("why")});
  CHECK(p.why() == "why");
}
