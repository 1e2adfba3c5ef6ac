#include <doctest/doctest.h>

#include <octet/rewrite/pattern.hpp>

using namespace octet::ops;
using namespace octet::rewrite;

TEST_CASE("an expression is one flat array in prefix order") {
  constexpr any x{"x"};
  constexpr constant w{"w"};
  constexpr auto p = Relu(Conv(x, w, maybe(x)).as(w)) * 2.0;
  static_assert(p.cells.size() == 8);
  static_assert(p.cells[0].op == Mul && p.cells[0].arity == 2 && p.cells[0].size == 8);
  static_assert(p.cells[2].op == Conv && p.cells[2].name == "w" && p.cells[2].size == 5);
  static_assert(p.cells[7].what == cell::kind::number);
  CHECK(program{std::span<cell const>{p.cells}}.child(1).root().number == 2.0);
  CHECK(program{std::span<cell const>{p.cells}}.child(0).child(0).child(2).root().what == cell::kind::maybe);
}
