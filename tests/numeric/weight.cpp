#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include <octet/numeric/weight.hpp>

using namespace octet;

TEST_CASE("the range of data, NaN included") {
  std::vector<float> const x{1, -2, 3};
  CHECK(numeric::range_of(x) == range{-2, 3});
  CHECK(numeric::range_of({}).empty());
  for (std::size_t at = 0; at < 3; ++at) {
    auto y = x;
    y[at] = NAN;
    CHECK(std::isnan(numeric::range_of(y).low));
  }
}

TEST_CASE("ranges of channels, whichever the axis") {
  std::vector<float> const x{1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6};  // [2][3][2]
  std::vector<range> r(2);
  numeric::ranges_of(x, {1, 2, 6}, r);
  CHECK(r == std::vector<range>{{1, 6}, {-6, -1}});
  r.resize(3);
  numeric::ranges_of(x, {2, 3, 2}, r);
  CHECK(r == std::vector<range>{{-2, 2}, {-4, 4}, {-6, 6}});
  r.resize(2);
  numeric::ranges_of(x, {6, 2, 1}, r);
  CHECK(r == std::vector<range>{{-5, 5}, {-6, 6}});
}

TEST_CASE("NaN in one channel spoils that channel alone, wherever it is") {
  for (std::size_t at : {std::size_t{0}, std::size_t{2}, std::size_t{4}}) {
    std::vector<float> x{1, 2, 3, 4, 5, 6};
    x[at] = NAN;
    std::vector<range> r(2);
    numeric::ranges_of(x, {3, 2, 1}, r);
    CHECK(std::isnan(r[0].low));
    CHECK(r[1] == range{2, 6});
    std::vector<grid> g(2);
    CHECK_THROWS_AS(numeric::choose_each(r, element::s8, symmetry::symmetric, false, g), error);
  }
}

TEST_CASE("long rows and many channels, NaN in any place") {
  for (std::ptrdiff_t n : {15, 16, 17, 40, 67}) {
    std::vector<float> x(std::size_t(3 * n));
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>((i * 37) % 101) - 50;
    for (std::size_t bad = 0; bad <= x.size(); bad += 5) {
      auto y = x;
      if (bad < y.size()) y[bad] = NAN;
      std::vector<range> columns(std::size_t(n), range{}), rows(3);
      numeric::ranges_of(y, {3, n, 1}, columns);
      numeric::ranges_of(y, {1, 3, n}, rows);
      bool same = true;
      for (std::size_t c = 0; c < std::size_t(n); ++c) {
        range want;
        for (std::size_t o = 0; o < 3; ++o) want.add(y[o * std::size_t(n) + c]);
        same &= bad < y.size() && bad % std::size_t(n) == c ? std::isnan(columns[c].low) : columns[c] == want;
      }
      for (std::size_t o = 0; o < 3; ++o) {
        range want;
        for (std::size_t c = 0; c < std::size_t(n); ++c) want.add(y[o * std::size_t(n) + c]);
        same &= bad < y.size() && bad / std::size_t(n) == o ? std::isnan(rows[o].low) : rows[o] == want;
      }
      CHECK(same);
    }
  }
}

TEST_CASE("one grid for each channel") {
  std::vector<range> const r{{-127, 1}, {0, 254}};
  std::vector<grid> g(2);
  numeric::choose_each(r, element::s8, symmetry::symmetric, false, g);
  CHECK(g == std::vector<grid>{{1, 0, element::s8}, {2, 0, element::s8}});
}

TEST_CASE("one grid for each block, the last one short") {
  std::vector<float> const x{15, 0, 30, 1, 45, 2, 60, 3, 7.5f, 0};  // [5][2], blocks of 2 along the rows
  std::vector<grid> g(6);
  numeric::choose_blocked(x, {1, 5, 2}, 2, element::u4, symmetry::asymmetric, g);
  CHECK(g[0] == grid{2, 0, element::u4});
  CHECK(g[1].scale == float(1.0 / 15));
  CHECK(g[2] == grid{4, 0, element::u4});
  CHECK(g[4] == grid{0.5f, 0, element::u4});
  CHECK(g[5] == grid{1, 0, element::u4});  // nothing but zeros
  numeric::choose_blocked(x, {1, 5, 2}, 2, element::s8, symmetry::symmetric, g);
  CHECK(g[2].scale == float(120.0 / 254));
  CHECK(g[5] == grid{1, 0, element::s8});
  numeric::choose_blocked(x, {1, 5, 2}, 2, element::s8, symmetry::symmetric, g, true);
  CHECK(g[2].scale == float(120.0 / 128));
}

TEST_CASE("a block wider than float is an error, not an infinite scale") {
  CHECK_THROWS_AS(numeric::choose_block({-3e38f, 3e38f}, element::s8, symmetry::symmetric), error);
  CHECK_THROWS_AS(numeric::choose_block({NAN, 1}, element::s8, symmetry::symmetric), error);
}
