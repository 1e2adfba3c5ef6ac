#include <doctest/doctest.h>

#include <support/inferred.hpp>

using namespace octet;
using namespace octet::ops;
using support::builder;
using support::floats;
using support::inferred;
using support::ints;
using support::noise;
using list = std::vector<std::int64_t>;

TEST_CASE("constants of every width are read as numbers") {
  CHECK(*to_integers(ints({1, -2, 3})) == list{1, -2, 3});
  CHECK(*to_integers(tensor::of(shape{2}, std::vector<std::uint8_t>{200, 7})) == list{200, 7});
  CHECK_FALSE(to_integers(floats({1}, {1})).has_value());
  CHECK_FALSE(to_integers(ints({1, 2, 3}), 2).has_value());
  tensor half{element::f16, shape{4}};
  std::uint16_t const bits[] = {0x3c00, 0xc000, 0x0001, 0x7c00};  // 1, -2, the smallest, infinity
  std::copy(bits, bits + 4, half.mutable_as<std::uint16_t>().begin());
  CHECK(*to_reals(half) == std::vector<double>{1, -2, std::ldexp(1.0, -24), HUGE_VAL});
  CHECK(*to_real(floats({1, 1}, {2.5f})) == 2.5);
  CHECK_FALSE(to_real(floats({2}, {1, 2})).has_value());
}
