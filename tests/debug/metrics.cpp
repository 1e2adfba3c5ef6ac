#include <octet/debug/metrics.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <vector>

using octet::debug::error_metrics;

namespace {
error_metrics of(std::vector<float> const& x, std::vector<float> const& y) {
  error_metrics m;
  m.add(x, y);
  return m;
}
}  // namespace

TEST_CASE("a ratio of norms in decibels") {
  CHECK(of({3, 4}, {3, 4.5f}).sqnr_db() == doctest::Approx(20 * std::log10(5 / 0.5)));
  CHECK(of({3, 4}, {3, 4}).sqnr_db() == doctest::Approx(20 * std::log10(5 / std::numeric_limits<double>::epsilon())));
  CHECK(of({0, 0}, {0, 0}).sqnr_db() == 0);
  CHECK(of({0}, {1}).sqnr_db() == doctest::Approx(20 * std::log10(std::numeric_limits<double>::epsilon())));
  CHECK(std::isnan(of({1, std::nanf("")}, {1, 1}).sqnr_db()));
}

TEST_CASE("largest error and cosine") {
  CHECK(of({1, -2, 3}, {1, -4, 3.5f}).largest_error() == 2);
  CHECK(std::isnan(of({1, std::nanf(""), 0}, {1, 1, 5}).largest_error()));
  CHECK(of({1, 0}, {0, 1}).cosine() == 0);
  CHECK(of({1, 2}, {2, 4}).cosine() == doctest::Approx(1));
  CHECK(of({0, 0}, {1, 2}).cosine() == 1);
}

TEST_CASE("pieces count as one") {
  error_metrics m;
  m.add(std::vector<float>{1, 2}, std::vector<float>{1, 3});
  m.add(std::vector<float>{5}, std::vector<float>{4});
  auto const whole = of({1, 2, 5}, {1, 3, 4});
  CHECK(m.sqnr_db() == doctest::Approx(whole.sqnr_db()));
  CHECK(m.count() == 3);
  CHECK_THROWS_AS(m.add(octet::tensor::of<float>({2}, {1, 2}), octet::tensor::of<float>({1, 2}, {1, 2})), octet::error);
}

TEST_CASE("integers, booleans and doubles are numbers too; text is not") {
  error_metrics m;
  m.add(octet::tensor::of<std::int64_t>({2}, {3, 4}), octet::tensor::of<std::int64_t>({2}, {3, 2}));
  CHECK(m.largest_error() == 2);
  CHECK(m.sqnr_db() == doctest::Approx(20 * std::log10(5.0 / 2)));
  error_metrics d;
  d.add(octet::tensor::of<double>({1}, {1e300}), octet::tensor::of<double>({1}, {1e300}));
  d.add(octet::tensor::of<std::uint8_t>({1}, {255}), octet::tensor::of<std::uint8_t>({1}, {0}));
  CHECK(d.largest_error() == 255);
  octet::tensor const yes{octet::element::boolean, {1}}, text{{1}, {"a"}};
  CHECK_NOTHROW(d.add(yes, yes));
  CHECK_THROWS_AS(d.add(text, text), octet::error);
}

TEST_CASE("agreement of the largest") {
  octet::debug::top1_agreement a;
  a.add(std::vector<float>{1, 2, 5, 4}, std::vector<float>{0, 1, 4, 5}, 2);
  CHECK(a.rows == 2);
  CHECK(a.share() == 0.5);
  a.add(std::vector<float>{1}, std::vector<float>{1}, 0);
  CHECK(a.rows == 2);
}
