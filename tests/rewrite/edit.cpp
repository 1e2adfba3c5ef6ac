#include <doctest/doctest.h>

#include <octet/rewrite/edit.hpp>
#include <support/builder.hpp>

using namespace octet;
using namespace octet::ops;

TEST_CASE("what is dead goes with all that only it read") {
  support::builder g;
  auto const x = g.input("x", {2});
  auto const kept = g(Relu, {x});
  auto const a = g(Neg, {g(Add, {kept, support::floats({2}, {1, 2})})});
  g.output(g(Abs, {kept}));
  octet::rewrite::erase_if_dead(g.m.main, g.m.main[kept].producer);
  CHECK(g.m.main.order.size() == 4);
  octet::rewrite::erase_if_dead(g.m.main, g.m.main[a].producer);
  CHECK(g.ops() == "Relu Abs");
  CHECK(g.m.main.initializers.empty());
}
