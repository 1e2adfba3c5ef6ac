#include <octet/quantize/plan.hpp>

#include <doctest/doctest.h>

using namespace octet;

TEST_CASE("a tensor that shares a grid leads to the one that has it") {
  plan p;
  auto const id = [](int i) { return static_cast<value_id>(i); };
  p.add({.value = id(3), .grids = {grid{0.5f, 7, element::u8}}});
  p.add({.value = id(4), .provider = id(3)});
  p.add({.value = id(9), .provider = id(4)});
  CHECK(p.root(*p.find(id(9))).value == id(3));
  CHECK(p.find(id(5)) == nullptr);
}

TEST_CASE("what is removed is gone after compacting, and the rest is found") {
  plan p;
  for (int i = 0; i < 5; ++i) p.add({.value = static_cast<value_id>(i)});
  p.remove(static_cast<value_id>(2));
  CHECK(p.find(static_cast<value_id>(2)) == nullptr);
  p.compact();
  CHECK(p.tensors.size() == 4);
  CHECK(p.find(static_cast<value_id>(4))->value == static_cast<value_id>(4));
}

TEST_CASE("a ring of providers ends") {
  plan p;
  p.add({.value = static_cast<value_id>(0), .provider = static_cast<value_id>(1)});
  p.add({.value = static_cast<value_id>(1), .provider = static_cast<value_id>(0)});
  CHECK_NOTHROW(p.root(p.tensors[0]));
}
