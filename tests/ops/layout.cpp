#include <octet/ops/layout.hpp>

#include <doctest/doctest.h>

#include "support/one_operator.hpp"

using namespace octet;

namespace {
output_grid padded(std::vector<attribute> a, float const* value) {
  test::maker m{"pad"};
  std::vector<value_id> in{m.input("x", {2, 2}), m.ints("pads", {1, 1, 0, 0})};
  if (value != nullptr) in.push_back(m.scalar("value", *value));
  auto const y = m.op("Pad", in, std::move(a));
  return pad_output(m.g(), *m.g().producer(y));
}
}  // namespace

TEST_CASE("padding with zero or with copies keeps the grid, since every grid holds zero") {
  float const zero = 0, one = 1;
  CHECK(padded({}, nullptr) == output_grid::of_first_input);
  CHECK(padded({}, &zero) == output_grid::of_first_input);
  CHECK(padded({}, &one) == output_grid::own);
  for (auto const* mode : {"reflect", "edge", "wrap"})
    CHECK(padded({test::text_attribute("mode", mode)}, &one) == output_grid::of_first_input);
}

TEST_CASE("a padding value that is computed or absent in the constant's place") {
  test::maker m{"pad"};
  auto const y = m.op("Pad", {m.input("x", {2, 2}), m.ints("pads", {1, 1, 0, 0}), m.input("value", {})});
  CHECK(pad_output(m.g(), *m.g().producer(y)) == output_grid::own);
  CHECK_FALSE(unfit_pad(m.g(), *m.g().producer(y), false).empty());
}
