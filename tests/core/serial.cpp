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

TEST_CASE("a reference to an executor runs its tasks, and one to none says so") {
  octet::serial one;
  octet::executor_reference const host{one}, none;
  CHECK(bool(host));
  CHECK_FALSE(bool(none));
  std::vector<std::ptrdiff_t> order;
  host.run(3, [&](std::ptrdiff_t i) { order.push_back(i); });
  CHECK(order == std::vector<std::ptrdiff_t>{0, 1, 2});
  static_assert(octet::parallel_executor<octet::executor_reference>);
  octet::parallel_for(host, 10, 4, [&](std::ptrdiff_t begin, std::ptrdiff_t end) { order.push_back(end - begin); });
  CHECK(order == std::vector<std::ptrdiff_t>{0, 1, 2, 4, 4, 2});
}
