#include <octet/calibrate/sketch.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cfloat>
#include <limits>
#include <random>
#include <vector>

using octet::sketch, octet::sketch_parts;

namespace {
constexpr float inf = std::numeric_limits<float>::infinity(), no_number = std::numeric_limits<float>::quiet_NaN();

sketch of(std::vector<float> const& x, sketch_parts parts = sketch_parts::all) {
  sketch s{parts};
  s.observe(x);
  return s;
}

/// Values of the kinds that calibration meets: spread over all magnitudes, zeros, now and then no number.
std::vector<float> values(std::mt19937& random, std::size_t n) {
  std::vector<float> x(n);
  std::uniform_int_distribution<int> exponent{-150, 127}, kind{0, 99};
  for (auto& v : x) {
    auto const k = kind(random);
    v = k < 10   ? 0.f
        : k < 15 ? -0.f
                 : std::ldexp(std::uniform_real_distribution<float>{-1, 1}(random), exponent(random));
    if (k == 50) v = no_number;
    if (k == 51) v = inf;
    if (k == 52) v = -inf;
  }
  return x;
}
}  // namespace

TEST_CASE("statistics of a few numbers") {
  auto const s = of({1, 2, 3, 6});
  CHECK(s.count() == 4);
  CHECK(s.extremes() == octet::range{1, 6});
  CHECK(s.sum() == 12);
  CHECK(s.mean() == 3);
  CHECK(s.sum_of_squares() == 50);
  CHECK(s.deviation() == doctest::Approx(std::sqrt(12.5 - 9)));
  CHECK(s.counts().total() == 4);
}

TEST_CASE("what is no number is counted and ignored") {
  auto const s = of({no_number, 1, -inf, inf, -no_number, -2});
  CHECK(s.nan_count() == 2);
  CHECK(s.infinity_count() == 2);
  CHECK(s.count() == 2);
  CHECK(s.extremes() == octet::range{-2, 1});
  CHECK(s.counts().total() == 2);
  CHECK(of({no_number}).empty());
  CHECK(of({no_number}).extremes().empty());
  CHECK(of({}).mean() == 0);
}

TEST_CASE("zero is positive, whatever came first") {
  CHECK(of({0.f, -0.f}) == of({-0.f, 0.f}));
  CHECK(!std::signbit(of({-0.f}).extremes().low));
}

TEST_CASE("the greatest and the least floats") {
  auto const s = of({FLT_MAX, FLT_MAX, -FLT_TRUE_MIN});
  CHECK(s.extremes() == octet::range{-FLT_TRUE_MIN, FLT_MAX});
  CHECK(s.sum() == doctest::Approx(2.0 * FLT_MAX));
  CHECK(s.sum_of_squares() == doctest::Approx(2.0 * FLT_MAX * FLT_MAX));
}

TEST_CASE("B18: any order, batches and shards give the same sketch") {
  std::mt19937 random{7};
  for (int round = 0; round < 25; ++round) {
    auto x = values(random, std::uniform_int_distribution<std::size_t>{1, 6000}(random));
    auto const whole = of(x);
    REQUIRE(whole.count() + whole.nan_count() + whole.infinity_count() == x.size());
    std::shuffle(x.begin(), x.end(), random);
    std::vector<sketch> shards(4, sketch{sketch_parts::all});
    for (std::size_t i = 0; i < x.size();) {
      auto const n = std::min(x.size() - i, std::uniform_int_distribution<std::size_t>{1, 2500}(random));
      shards[random() % 4].observe(std::span{x}.subspan(i, n));
      i += n;
    }
    std::shuffle(shards.begin(), shards.end(), random);
    for (std::size_t i = 1; i < 4; ++i) shards[0].merge(shards[i]);
    CHECK(shards[0] == whole);
  }
}

TEST_CASE("fewer parts give the same of what they hold") {
  std::mt19937 random{9};
  auto const x = values(random, 5000);
  auto const whole = of(x), least = of(x, sketch_parts::extremes), counts = of(x, sketch_parts::histogram);
  CHECK(least.extremes() == whole.extremes());
  CHECK(least.count() == whole.count());
  CHECK(counts.counts() == whole.counts());
}

TEST_CASE("the mean of the samples' extremes is exact") {
  sketch s{sketch_parts::samples}, t{sketch_parts::samples};
  std::vector<std::vector<float>> const samples{{1, 2, 3}, {-1e20f, 5}, {4}, {1e20f, -4}};
  for (auto const& x : samples) s.observe(x), s.end_sample();
  for (auto i = samples.size(); i-- != 0;) {
    for (auto const v : samples[i]) t.observe(std::span{&v, 1});
    t.end_sample();
    t.end_sample();  // a sample in which the tensor did not occur
  }
  CHECK(s == t);
  CHECK(s.samples() == 4);
  CHECK(s.mean_extremes().low == -double(1e20f) / 4);
  CHECK(s.mean_extremes().high == 1e20f / 4);
}

TEST_CASE("each channel has its extremes") {
  sketch s{sketch_parts::channels};
  std::vector<float> const x{1, 2, -3, 4, 5, no_number, 7, -8};  // [2,2,2]
  s.observe_channels(x, 2, 2);
  REQUIRE(s.channels().size() == 2);
  CHECK(s.channels()[0] == octet::range{1, 5});
  CHECK(s.channels()[1] == octet::range{-8, 7});
  CHECK_THROWS_WITH_AS(s.observe_channels(x, 4, 1), "the number of channels changes from 2 to 4", octet::error);
  sketch t{sketch_parts::channels};
  t.merge(s);
  CHECK(t == s);
  CHECK_THROWS_AS(t.merge(sketch{}), octet::error);
}
