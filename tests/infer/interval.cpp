#include <doctest/doctest.h>

#include <octet/infer/interval.hpp>

using namespace octet;
using namespace octet::detail;

TEST_CASE("bounds add and multiply without wrapping, and unbounded stays unbounded") {
  CHECK(interval{1, 3} + interval{-2, 5} == interval{-1, 8});
  CHECK(interval{1, highest} + interval{1, 1} == interval{2, highest});
  CHECK(interval{-2, 3} * interval{-5, 4} == interval{-15, 12});
  CHECK(interval{0, highest} * interval{0, 0} == interval{0, 0});
  CHECK(interval{1, highest} * interval{-1, -1} == interval{lowest, -1});
}

TEST_CASE("division rounds down and overflow is an error") {
  CHECK(floor_quotient(-7, 2) == -4);
  CHECK(floor_quotient(7, -2) == -4);
  CHECK(floor_quotient(lowest, -1) == highest);
  CHECK_THROWS_AS(checked_product(highest, 2), error);
  CHECK_THROWS_AS(checked_sum(highest, 1), error);
}
