#include <doctest/doctest.h>

#include <octet/graph/vocabulary.hpp>
#include <octet/rewrite/rules/variables.hpp>

using namespace octet::rewrite;

TEST_CASE("variables stand for any value or for a constant, under their own name") {
  static_assert(var::x.name() == "x" && var::x.cells[0].what == cell::kind::any);
  static_assert(var::w.name() == "w" && var::w.cells[0].what == cell::kind::constant);
  constexpr auto p = octet::ops::Conv(var::x, var::w);
  CHECK(p.cells[2].name == "w");
}
