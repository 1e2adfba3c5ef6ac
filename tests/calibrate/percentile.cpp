#include <octet/calibrate/percentile.hpp>

#include <doctest/doctest.h>

#include <vector>

using octet::percentile;

namespace {
/// 0.5, 1.5, …: n values evenly spread over [0, n).
std::vector<float> even(int n, float sign = 1) {
  std::vector<float> x;
  for (int i = 0; i < n; ++i) x.push_back(sign * (float(i) + 0.5f));
  return x;
}
octet::sketch of(std::vector<float> const& x) {
  octet::sketch s;
  s.observe(x);
  return s;
}
}  // namespace

TEST_CASE("A16, A17: the share is kept to within a bin") {
  auto const s = of(even(100000));
  auto const bin = s.counts().width();
  for (double const p : {50.0, 90.0, 99.0, 99.9}) {
    auto const r = percentile{p}.choose(s);
    CHECK(r.low == 0.5f);
    CHECK(std::fabs(r.high - 1000 * p) <= bin);
    CHECK(percentile{p, false}.choose(s) == r);  // one-sided: the far end alone is cut
  }
  CHECK(percentile{100}.choose(s) == s.extremes());
}

TEST_CASE("asymmetric percentiles cut both ends, symmetric ones the magnitudes") {
  auto x = even(9000);
  auto const y = even(1000, -1);
  x.insert(x.end(), y.begin(), y.end());
  auto const s = of(x);
  auto const bin = s.counts().width();
  auto const r = percentile{98, false}.choose(s);  // 100 of 10000 values at either end
  CHECK(std::fabs(r.low + 900) <= bin);
  CHECK(std::fabs(r.high - 8900) <= bin);
  auto const t = percentile{98}.choose(s);
  CHECK(t.low == -999.5f);
  CHECK(std::fabs(t.high - 8800) <= bin);
}

TEST_CASE("a cluster far outside is not cut, single outliers are") {
  auto x = even(1000000);
  for (auto& v : x) v /= 1e6f;
  auto masked = x, wild = x;
  for (int i = 0; i < 50; ++i) masked.push_back(-10000), wild.push_back(-10000 + float(i) * 100);
  CHECK(percentile{99.99}.choose(of(masked)).low == -10000);
  CHECK(percentile{99.99, false}.choose(of(masked)).low == -10000);
  CHECK(percentile{99.9}.choose(of(wild)).low > -20);
}

TEST_CASE("A16: constants and zeros") {
  CHECK(percentile{}.choose(of({0, 0})) == octet::range{0, 0});
  CHECK(percentile{}.choose(of({3, 3})) == octet::range{3, 3});
  CHECK(percentile{0}.choose(of({-1, 1, 2})).low >= -1);
}
