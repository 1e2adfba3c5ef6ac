#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <octet/numeric/bias.hpp>

using namespace octet;

TEST_CASE("biases are rounded half to even on the product of the scales") {
  std::vector<float> scales(1);
  numeric::bias_scales(0.5f, std::vector<float>{0.5f}, scales);
  CHECK(scales[0] == 0.25f);
  std::vector<float> const b{0.125f, 0.375f, -0.125f, 10};
  std::vector<std::int32_t> q(4);
  CHECK(numeric::quantize_bias(b, scales, q) == 0);
  CHECK(q == std::vector<std::int32_t>{0, 2, 0, 40});
}

TEST_CASE("one scale for each element") {
  std::vector<std::int32_t> q(2);
  numeric::quantize_bias(std::vector<float>{1, 1}, std::vector<float>{0.5f, 0.25f}, q);
  CHECK(q == std::vector<std::int32_t>{2, 4});
}

TEST_CASE("what does not fit int32 is clipped and counted") {
  std::vector<std::int32_t> q(3);
  CHECK(numeric::quantize_bias(std::vector<float>{1e9f, -1e9f, 1}, std::vector<float>{1e-3f}, q) == 2);
  CHECK(q[0] == std::numeric_limits<std::int32_t>::max());
  CHECK(q[1] == std::numeric_limits<std::int32_t>::min());
  CHECK(q[2] == 1000);
}

TEST_CASE("beta scales the grid, and 0 switches the bias off") {
  std::vector<float> s(1);
  numeric::bias_scales(1, std::vector<float>{1}, s, 0.5f);
  CHECK(s[0] == 0.5f);
  std::vector<std::int32_t> q(1);
  numeric::bias_scales(1, std::vector<float>{1}, s, 0);
  CHECK(s[0] == 1);
  numeric::quantize_bias(std::vector<float>{7}, s, q, 0);
  CHECK(q[0] == 0);
}

TEST_CASE("NaN is an error; zero over a scale of zero is zero") {
  std::vector<std::int32_t> q(1);
  CHECK_THROWS_AS(numeric::quantize_bias(std::vector<float>{NAN}, std::vector<float>{1}, q), error);
  numeric::quantize_bias(std::vector<float>{0}, std::vector<float>{0}, q);
  CHECK(q[0] == 0);
}

TEST_CASE("a weight scale is widened until the bias fits") {
  float one = 1e-8f;
  CHECK(numeric::widen_for_bias(std::vector<float>{100}, 1, one));
  std::vector<std::int32_t> q(1);
  CHECK(numeric::quantize_bias(std::vector<float>{100}, std::vector<float>{one}, q) == 0);
  CHECK(double(q[0]) > 2.1e9);
  float const before = one;
  CHECK_FALSE(numeric::widen_for_bias(std::vector<float>{1}, 1, one));
  CHECK(one == before);

  std::vector<float> each{1e-8f, 1, 0};
  CHECK(numeric::widen_for_bias(std::vector<float>{100, 100, 100}, 1, std::span{each}));
  CHECK(each[0] > 4e-8f);
  CHECK(each[1] == 1);
  CHECK(each[2] == 0);
  CHECK_THROWS_AS(numeric::widen_for_bias(std::vector<float>{1}, 1, std::span{each}), error);
}
