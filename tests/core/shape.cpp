#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <octet/core/shape.hpp>

using octet::error;
using octet::shape;

TEST_CASE("dimensions, few and many") {
  shape const scalar;
  CHECK(scalar.rank() == 0);
  CHECK(scalar.size() == 1);
  CHECK(scalar.text() == "[]");
  shape const s{1, 3, 224, 224};
  CHECK(s.rank() == 4);
  CHECK(s[2] == 224);
  CHECK(s.size() == 3 * 224 * 224);
  CHECK(s.text() == "[1,3,224,224]");
  shape grown;
  for (std::int64_t i = 1; i <= 20; ++i) {
    grown.push_back(1);
    grown[grown.rank() - 1] = i % 3 + 1;
    CHECK(grown.rank() == std::size_t(i));
    CHECK(grown[0] == 2);
    CHECK(grown[grown.rank() - 1] == i % 3 + 1);
  }
  shape const copy = grown;
  CHECK(copy == grown);
  CHECK_FALSE(copy == s);
}

TEST_CASE("moving and assigning keep the dimensions") {
  shape big{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, small{4};
  shape const moved = std::move(big);
  CHECK(moved.size() == 3628800);
  small = moved;
  CHECK(small == moved);
  small = shape{7};
  CHECK(small.text() == "[7]");
}

TEST_CASE("sizes that are none are errors") {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  CHECK(shape{most}.size() == most);
  CHECK(shape{0, 5}.size() == 0);
  CHECK(shape{most, most, 0}.product(2, 3) == 0);
  CHECK_THROWS_AS(shape({-1, 5}).size(), error);
  CHECK_THROWS_AS(shape({most, 2}).size(), error);
  CHECK_THROWS_AS(shape({std::int64_t{1} << 32, std::int64_t{1} << 32}).size(), error);
  CHECK_THROWS_AS(shape({0, -1}).size(), error);
}

TEST_CASE("a zero does not hide what overflows around it") {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  CHECK_THROWS_AS(shape({most, most, 0}).size(), error);  // strides and slices of it would overflow
}

TEST_CASE("products of a part") {
  shape const s{2, 3, 5};
  CHECK(s.product(1, 3) == 15);
  CHECK(s.product(0, 0) == 1);
  CHECK(s.product(3, 3) == 1);
}

TEST_CASE("axes count from either end") {
  shape const s{2, 3, 5};
  CHECK(s.axis(0) == 0);
  CHECK(s.axis(-1) == 2);
  CHECK(s.axis(-3) == 0);
  CHECK_THROWS_AS(s.axis(3), error);
  CHECK_THROWS_AS(s.axis(-4), error);
  CHECK_THROWS_AS(shape{}.axis(0), error);
  CHECK_THROWS_AS(s.axis(std::numeric_limits<std::int64_t>::min()), error);
}

TEST_CASE("strides of a contiguous tensor") {
  CHECK(octet::strides({2, 3, 5}) == shape{15, 5, 1});
  CHECK(octet::strides({4}) == shape{1});
  CHECK(octet::strides({2, 0, 5}) == shape{5, 5, 1});
  CHECK(octet::strides({}) == shape{});
}
