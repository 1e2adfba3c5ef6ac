#include <doctest/doctest.h>

#include <vector>

#include <octet/core/serial.hpp>

TEST_CASE("serial runs every task in order and is a parallel executor") {
  static_assert(octet::parallel_executor<octet::serial>);
  static_assert(!octet::parallel_executor<int>);
  std::vector<std::ptrdiff_t> order;
  octet::serial{}.run(4, [&](std::ptrdiff_t i) { order.push_back(i); });
  CHECK(order == std::vector<std::ptrdiff_t>{0, 1, 2, 3});
  octet::serial{}.run(-1, [&](std::ptrdiff_t) { FAIL("no task was asked for"); });
}
