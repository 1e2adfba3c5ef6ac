#include <doctest/doctest.h>

#include <type_traits>

#include <octet/core/config.hpp>

OCTET_INLINE static int twice(int x) { return 2 * x; }

TEST_CASE("always inlined functions and lambdas are ordinary ones") {
  auto const thrice = [](int x) OCTET_INLINE_LAMBDA { return 3 * x; };
  CHECK(twice(2) == 4);
  CHECK(thrice(2) == 6);
}

TEST_CASE("a precondition may hold a comma, and is checked in tests") {
  OCTET_ASSERT(std::is_same_v<int, int>);
#ifndef NDEBUG
  bool evaluated = false;
  OCTET_ASSERT((evaluated = true));
  CHECK(evaluated);
#else
  MESSAGE("skipped: this build leaves preconditions out");
#endif
}
