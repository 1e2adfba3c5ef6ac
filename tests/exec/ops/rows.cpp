#include <doctest/doctest.h>

#include <vector>

#include <octet/exec/ops/elementwise.hpp>
#include <octet/exec/ops/rows.hpp>

using namespace octet::detail;

namespace {
std::vector<float> numbers(std::int64_t n, float step) {
  std::vector<float> r;
  for (std::int64_t i = 0; i < n; ++i) r.push_back(float((i * 37) % 101) * step - 1);
  return r;
}
}  // namespace

TEST_CASE("sums of rows of any length are those of double arithmetic to float precision") {
  for (std::int64_t const n : {0, 1, 3, 7, 8, 9, 31, 64, 100, 1023, 1024, 1025, 5000}) {
    auto const x = numbers(n, 0.37f);
    double sum = 0, squares = 0, absolute = 0;
    for (float const v : x) sum += double(v), squares += double(v) * double(v), absolute += std::fabs(double(v));
    CHECK(std::fabs(row_sum(x.data(), n) - sum) <= 1e-6 * absolute);
    CHECK(std::fabs(row_sum_of_squares(x.data(), n) - squares) <= 1e-6 * squares);
    std::vector<double> const wide(x.begin(), x.end());
    CHECK(row_sum(wide.data(), n) == doctest::Approx(sum));
  }
}

TEST_CASE("a sum of many equal numbers stays exact where one float would stop growing") {
  std::vector<float> const ones(std::size_t(20'000'000), 1.0f);
  CHECK(row_sum(ones.data(), std::int64_t(ones.size())) == 20'000'000.0);
}

TEST_CASE("the deviation survives a mean much larger than it") {
  std::vector<float> x;
  for (int i = 0; i < 1000; ++i) x.push_back(i % 2 == 0 ? 10000.0f : 10001.0f);
  CHECK(row_deviation(x.data(), 1000, 10000.5) == doctest::Approx(250.0).epsilon(1e-6));
}

TEST_CASE("extremes are found wherever they stand, and NaN is one") {
  for (std::int64_t n = 1; n < 40; ++n)
    for (std::int64_t at = 0; at < n; ++at) {
      std::vector<float> x(std::size_t(n), 1);
      x[std::size_t(at)] = 3;
      CHECK(row_extreme<max_op>(x.data(), n, -1e30f) == 3);
      x[std::size_t(at)] = -3;
      CHECK(row_extreme<min_op>(x.data(), n, 1e30f) == -3);
      x[std::size_t(at)] = NAN;
      CHECK(std::isnan(row_extreme<max_op>(x.data(), n, -1e30f)));
    }
}

TEST_CASE("a row is normalized and scaled, also over itself") {
  for (std::int64_t const n : {1, 5, 16, 33}) {
    auto x = numbers(n, 0.5f), scale = numbers(n, 1), bias = numbers(n, 2), y = x;
    normalize_row(x.data(), y.data(), n, 2.0f, 0.25f, scale.data(), bias.data());
    for (std::size_t i = 0; i < x.size(); ++i) CHECK(y[i] == (x[i] - 2.0f) * 0.25f * scale[i] + bias[i]);
    normalize_row<float>(x.data(), y.data(), n, 2.0f, 0.25f, scale.data(), nullptr);
    for (std::size_t i = 0; i < x.size(); ++i) CHECK(y[i] == (x[i] - 2.0f) * 0.25f * scale[i]);
    auto const before = x;
    scale_row(x.data(), x.data(), n, 3.0f, 1.0f);
    for (std::size_t i = 0; i < x.size(); ++i) CHECK(x[i] == before[i] * 3.0f + 1.0f);
  }
}
