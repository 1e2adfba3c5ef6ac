#include <octet/ops/reduction.hpp>

#include <doctest/doctest.h>

using namespace octet;

TEST_CASE("the axis of a CumSum is not quantized, and there is no 8-bit CumSum") {
  CHECK(cum_sum_traits.input(1).role == role::data);
  CHECK_FALSE(cum_sum_traits.qoperator);
  CHECK_FALSE(cum_sum_traits.integer);
}
