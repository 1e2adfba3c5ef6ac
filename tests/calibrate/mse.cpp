#include <octet/calibrate/mse.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

namespace {
octet::sketch of(std::vector<float> const& x) {
  octet::sketch s;
  s.observe(x);
  return s;
}

double measured(std::vector<float> const& x, double low, double high, int levels) {
  double const step = (high - low) / (levels - 1), first = std::nearbyint(low / step);
  double sum = 0;
  for (double const v : x) {
    double const q = std::min(std::max(std::nearbyint(v / step), first), first + levels - 1);
    sum += (v - q * step) * (v - q * step);
  }
  return sum;
}

std::vector<float> drawn(double heavy) {
  std::mt19937 random{8};
  std::normal_distribution<double> normal;
  std::vector<float> x(100000);
  for (auto& v : x) v = float(normal(random) * std::exp(heavy * normal(random)));
  return x;
}
}  // namespace

TEST_CASE("errors on the histogram are those of the values") {
  auto const x = drawn(0.5);
  auto const s = of(x);
  octet::detail::square_error const error{s.counts()};
  for (double const f : {1.0, 0.6, 0.3, 0.1})
    for (int const levels : {256, 16}) {
      double const low = s.extremes().low * f, high = s.extremes().high * f;
      CHECK(error(low, high, levels) == doctest::Approx(measured(x, low, high, levels)).epsilon(0.05));
    }
}

TEST_CASE("a sum ends early only where it has reached enough, and is the whole otherwise") {
  auto const s = of(drawn(0.8));
  octet::detail::square_error const error{s.counts()};
  for (double const f : {1.0, 0.5, 0.05}) {
    double const low = s.extremes().low * f, high = s.extremes().high * f, whole = error(low, high, 256);
    CHECK(error(low, high, 256, std::nextafter(whole, 2 * whole)) == whole);
    for (double const share : {1.0, 0.9, 0.1, 0.0}) CHECK(error(low, high, 256, share * whole) >= share * whole);
  }
}

TEST_CASE("no range of a scan is better than the chosen one") {
  for (double const heavy : {0.0, 0.8, 1.5}) {
    auto const x = drawn(heavy);
    auto const s = of(x);
    auto const r = octet::mse{}.choose(s);
    double const chosen = measured(x, r.low, r.high, 256);
    double best = measured(x, s.extremes().low, s.extremes().high, 256);
    for (double a = 0.1; a < 1; a += 0.1)
      for (double b = 0.1; b < 1; b += 0.1)
        best = std::min(best, measured(x, s.extremes().low * a, s.extremes().high * b, 256));
    CHECK(chosen <= 1.05 * best);
  }
}

TEST_CASE("one-sided, symmetric and empty ranges") {
  auto x = drawn(1);
  for (auto& v : x) v = std::fabs(v);
  auto const r = octet::mse{}.choose(of(x));
  CHECK(r.low >= 0);
  CHECK(r.high < of(x).extremes().high);
  auto const t = octet::mse{.symmetric = true}.choose(of(drawn(1)));
  CHECK(t.low == -t.high);
  CHECK(octet::mse{}.choose(of({0})) == octet::range{0, 0});
  CHECK(octet::mse{}.choose(of({2, 2})) == octet::range{2, 2});
}
