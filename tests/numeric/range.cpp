#include <doctest/doctest.h>

#include <cmath>

#include <octet/numeric/range.hpp>

using octet::including_zero;
using octet::range;

TEST_CASE("a range grows with what is added and ignores NaN") {
  range r;
  CHECK(r.empty());
  r.add(NAN);
  CHECK(r.empty());
  r.add(2);
  CHECK(r == range{2, 2});
  CHECK_FALSE(r.empty());
  r.add(-1);
  r.add(NAN);
  CHECK(r == range{-1, 2});
}

TEST_CASE("merging is commutative, and the empty range changes nothing") {
  range const a{-1, 2}, b{0, 5};
  CHECK(merge(a, b) == range{-1, 5});
  CHECK(merge(b, a) == range{-1, 5});
  CHECK(merge(a, range{}) == a);
  CHECK(merge(range{}, a) == a);
  CHECK(merge(range{}, range{}).empty());
}

TEST_CASE("zero is included on either side") {
  CHECK(including_zero({1, 2}) == range{0, 2});
  CHECK(including_zero({-3, -2}) == range{-3, 0});
  CHECK(including_zero({-3, 2}) == range{-3, 2});
  CHECK(including_zero({}) == range{0, 0});
}

TEST_CASE("a range of NaN is empty") { CHECK(range{NAN, NAN}.empty()); }
