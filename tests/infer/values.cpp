#include <doctest/doctest.h>

#include <octet/infer/propagate.hpp>
#include <support/inferred.hpp>

using namespace octet;
using namespace octet::ops;
using support::builder;
using support::floats;
using support::inferred;
using support::ints;
using support::noise;
using list = std::vector<std::int64_t>;

TEST_CASE("numbers of small tensors are exact fractions or nothing") {
  using namespace octet::detail;
  quantity const n{expression::symbol("n")}, three{3}, four{4};
  CHECK(divide_values(n, four, false)->bottom == 4);
  CHECK(floor_value(*divide_values(n, four, false))->top == floor_div(expression::symbol("n"), 4));
  CHECK(divide_values(quantity{-7}, four, true)->top.is(-1));  // integers divide towards zero
  CHECK(multiply_values(quantity_of(0.25), four, false)->top.is(1));
  CHECK_FALSE(multiply_values(quantity_of(0.1), n, false).has_value());
  CHECK(*multiply_values(quantity_of(0.1), three, false)->number() == 0.1 * 3);
  CHECK_FALSE(divide_values(three, quantity{0}, true).has_value());
  CHECK(equal_values(n, quantity{0}, true)->top.is(0));
  CHECK_FALSE(equal_values(n, three, true).has_value());
  CHECK(less_values(n, quantity{1}, true)->top.is(0));
}
TEST_CASE("broadcast indices repeat the axes of size 1") {
  CHECK(octet::detail::broadcast_indices(shape{2, 1}, shape{2, 3}) == std::vector<std::size_t>{0, 0, 0, 1, 1, 1});
  CHECK(octet::detail::broadcast_indices(shape{3}, shape{2, 3}) == std::vector<std::size_t>{0, 1, 2, 0, 1, 2});
}
