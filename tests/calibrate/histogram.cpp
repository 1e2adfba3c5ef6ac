#include <octet/calibrate/histogram.hpp>

#include <doctest/doctest.h>

#include <cfloat>
#include <cmath>
#include <random>
#include <vector>

using octet::histogram;

namespace {
histogram of(std::vector<float> const& x) {
  float largest = 0;
  for (auto const v : x) largest = std::max(largest, std::fabs(v));
  histogram h;
  h.add(x, largest);
  return h;
}
}  // namespace

TEST_CASE("bins are multiples of a power of two, mirrored at zero") {
  auto const h = of({0.f, -0.f, 1.f, -1.f, 2047.f, -2047.f, 2047.99f});
  REQUIRE(h.exponent() == 0);
  auto const c = h.counts();
  CHECK(c[2048] == 2);
  CHECK(c[2049] == 1);
  CHECK(c[2046] == 1);
  CHECK(c[4095] == 2);
  CHECK(c[0] == 1);
  CHECK(h.total() == 7);
  CHECK(h.edge(2048) == 0);
  CHECK(h.edge(4096) == 2048);
}

TEST_CASE("a larger value doubles the width until it is covered") {
  auto h = of({1.f, 3.f, -3.f, 2047.f});
  float const big = 2048;
  h.add(std::span{&big, 1}, big);
  REQUIRE(h.exponent() == 1);
  CHECK(h.counts()[2048] == 1);         // 1
  CHECK(h.counts()[2049] == 1);         // 3
  CHECK(h.counts()[2046] == 1);         // −3
  CHECK(h.counts()[2048 + 1023] == 1);  // 2047
  CHECK(h.counts()[2048 + 1024] == 1);  // 2048
}

TEST_CASE("denormals, zeros and the greatest floats") {
  CHECK(of({0.f}).exponent() == histogram::least_exponent);
  CHECK(of({FLT_TRUE_MIN, -FLT_TRUE_MIN}).counts()[2048] == 1);
  CHECK(of({FLT_TRUE_MIN, -FLT_TRUE_MIN}).counts()[2047] == 1);
  auto const h = of({FLT_MAX, -FLT_MAX, 0.f, -FLT_TRUE_MIN});
  CHECK(h.exponent() == 117);
  CHECK(h.counts()[4095] == 1);
  CHECK(h.counts()[0] == 1);
  CHECK(h.counts()[2047] == 1);
  CHECK(h.total() == 4);
}

TEST_CASE("growing and merging give what adding everything at once gives") {
  std::mt19937 random{3};
  for (int round = 0; round < 20; ++round) {
    std::vector<float> all;
    histogram parts, merged;
    for (int k = 0; k < 5; ++k) {
      float const size = std::ldexp(1.f, std::uniform_int_distribution<int>{-140, 120}(random));
      std::vector<float> x(std::size_t(std::uniform_int_distribution<int>{1, 3000}(random)));
      for (auto& v : x) v = std::normal_distribution<float>{}(random)*size;
      all.insert(all.end(), x.begin(), x.end());
      float largest = 0;
      for (auto const v : x) largest = std::max(largest, std::fabs(v));
      parts.add(x, largest);
      auto const h = of(x);
      merged.merge(h);
    }
    CHECK(parts == of(all));
    CHECK(merged == of(all));
  }
}
