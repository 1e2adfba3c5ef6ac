#include <octet/calibrate/exact_sum.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cfloat>
#include <limits>
#include <random>
#include <vector>

using octet::exact_sum;

namespace {
exact_sum blocks(std::vector<double> x, int top, std::size_t size) {
  exact_sum s;
  for (std::size_t i = 0; i < x.size(); i += size) s.add(std::span{x}.subspan(i, std::min(size, x.size() - i)), top);
  return s;
}
}  // namespace

TEST_CASE("an exact sum loses nothing where doubles do") {
  exact_sum s;
  for (double const x : {1e38, 1.0, -1e38, double(FLT_TRUE_MIN), -0.5}) s.add(x);
  CHECK(s.value() == 0.5);  // 2^-149 beside 0.5 lies below 53 bits
  s.add(-0.5);
  CHECK(s.value() == double(FLT_TRUE_MIN));
  s.add(-double(FLT_TRUE_MIN));
  CHECK(s == exact_sum{});
}

TEST_CASE("the square of the least denormal and of the greatest float have their place") {
  double const least = double(FLT_TRUE_MIN) * double(FLT_TRUE_MIN), greatest = double(FLT_MAX) * double(FLT_MAX);
  exact_sum s;
  s.add(least);
  CHECK(s.value() == least);
  for (int i = 0; i < 1000; ++i) s.add(greatest);
  CHECK(s.value() == doctest::Approx(1000 * greatest));
  for (int i = 0; i < 1000; ++i) s.add(-greatest);
  CHECK(s.value() == least);
  s.add(-3 * least);
  CHECK(s.value() == -2 * least);
}

TEST_CASE("order, blocks and merging do not show") {
  std::mt19937_64 random{1};
  std::vector<double> x(5000);
  for (auto& v : x) {  // floats of all sizes
    std::uniform_int_distribution<int> exponent{-149, 127};
    v = double(float(std::ldexp(std::uniform_real_distribution<double>{-1, 1}(random), exponent(random))));
  }
  exact_sum one;
  for (auto const v : x) one.add(v);
  CHECK(blocks(x, 128, 1024) == one);
  CHECK(blocks(x, 128, 1023) == one);
  std::shuffle(x.begin(), x.end(), random);
  CHECK(blocks(x, 130, 7) == one);
  exact_sum a, b;
  for (std::size_t i = 0; i < x.size(); ++i) (i % 3 == 0 ? a : b).add(x[i]);
  b.merge(a);
  CHECK(b == one);
  long double all = 0;
  std::sort(x.begin(), x.end(), [](double p, double q) { return std::fabs(p) < std::fabs(q); });
  for (auto const v : x) all += v;
  CHECK(one.value() == doctest::Approx(double(all)).epsilon(1e-12));
}
