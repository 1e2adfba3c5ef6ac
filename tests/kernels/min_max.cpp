#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include <octet/kernels/min_max.hpp>

using namespace octet;

static range expected(std::vector<float> const& x) {
  range r;
  for (float v : x) r.add(v);
  return r;
}

TEST_CASE("min_max of every tail length, the extremes anywhere") {
  std::mt19937 random{2};
  for (std::size_t n = 0; n < 200; ++n) {
    std::vector<float> x(n);
    for (auto& v : x) v = std::normal_distribution<float>()(random);
    CAPTURE(n);
    CHECK(kernels::min_max(x) == expected(x));
    if (n == 0) continue;
    x[random() % n] = 50;
    x[random() % n] = -60;
    CHECK(kernels::min_max(x) == expected(x));
  }
}

TEST_CASE("NaN is ignored wherever it is, and nothing else is empty") {
  CHECK(kernels::min_max({}).empty());
  for (std::size_t n : {std::size_t{1}, std::size_t{5}, std::size_t{64}, std::size_t{300}}) {
    std::vector<float> x(n, NAN);
    CHECK(kernels::min_max(x).empty());
    for (std::size_t at = 0; at < n; at += 7) {
      auto y = x;
      y[at] = -3;
      CHECK(kernels::min_max(y) == range{-3, -3});
    }
  }
  std::vector<float> const x{1, INFINITY, -INFINITY};
  CHECK(kernels::min_max(x) == range{-INFINITY, INFINITY});
}

TEST_CASE("zero has one sign") {
  for (std::size_t n : {std::size_t{1}, std::size_t{100}}) {
    std::vector<float> const x(n, -0.f);
    auto const r = kernels::min_max(x);
    CHECK_FALSE(std::signbit(r.low));
    CHECK_FALSE(std::signbit(r.high));
  }
}

TEST_CASE("the range of each column") {
  std::mt19937 random{4};
  for (std::ptrdiff_t columns : {0, 1, 15, 16, 64, 67, 200})
    for (std::ptrdiff_t rows : {0, 1, 9, 33, 64}) {
      std::ptrdiff_t const stride = columns + 2;
      std::vector<float> x(static_cast<std::size_t>(rows * stride + 1));
      for (auto& v : x) v = std::normal_distribution<float>()(random) + 1;
      std::vector<range> got(static_cast<std::size_t>(columns));
      kernels::min_max_columns({x.data(), rows, columns, stride}, got);
      bool same = true;
      for (std::ptrdiff_t j = 0; j < columns; ++j) {
        range want;
        for (std::ptrdiff_t i = 0; i < rows; ++i) want.add(x[static_cast<std::size_t>(i * stride + j)]);
        same &= got[static_cast<std::size_t>(j)] == want;
      }
      CAPTURE(columns);
      CHECK(same);
    }
}

TEST_CASE("one value that is not finite is found anywhere") {
  for (std::size_t n : {std::size_t{1}, std::size_t{16}, std::size_t{77}}) {
    std::vector<float> x(n, 3e38f);
    CHECK(kernels::all_finite(x));
    for (float bad : {NAN, INFINITY, -INFINITY})
      for (std::size_t at = 0; at < n; at += 5) {
        auto y = x;
        y[at] = bad;
        CHECK_FALSE(kernels::all_finite(y));
      }
  }
}
