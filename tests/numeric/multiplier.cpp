#include <doctest/doctest.h>

#include <vector>

#include <octet/numeric/multiplier.hpp>

TEST_CASE("the product is rounded before the division") {
  float const a = 0.1f, b = 0.3f, c = 0.7f;
  float const product = static_cast<float>(double{a} * double{b});
  float const want = static_cast<float>(double{product} / double{c});
  CHECK(octet::numeric::multiplier(a, b, c) == want);
  std::vector<float> out(2);
  octet::numeric::multipliers(a, std::vector<float>{b, 1}, c, out);
  CHECK(out[0] == want);
  CHECK(out[1] == a / c);
}
