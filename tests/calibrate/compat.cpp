#include <octet/calibrate/compat.hpp>

#include <doctest/doctest.h>

using octet::compat, octet::range;
namespace detail = octet::detail;

TEST_CASE("sums go by eights, as numpy's do") {
  std::vector<float> x(16, 1e-8f);
  x[0] = 1;
  // one after another, each 1e-8 would be lost beside 1; here seven of the eight sums do without it
  float const small = 1e-8f + 1e-8f, pair = small + small;
  CHECK(detail::numpy_sum(x) == (((1.f + 1e-8f) + small) + pair) + (pair + pair));
  std::vector<float> const many(300, 0.1f);  // 152 − 0 = (300 / 2 − 6) + rest
  CHECK(detail::numpy_sum(many) ==
        detail::numpy_sum(std::span{many}.first(144)) + detail::numpy_sum(std::span{many}.first(156)));
  CHECK(detail::numpy_sum({}) == 0);
}

TEST_CASE("bins are equal, the last one has both ends, what is outside is dropped") {
  detail::compat_histogram h{-2, 2, 4};
  std::vector<float> const x{-2, -1.5f, -1, 0, 0.5f, 1, 2, 2.5f, -3, std::nanf("")};
  h.add(x, false);
  CHECK(h.edges() == std::vector<float>{-2, -1, 0, 1, 2});
  CHECK(h.counts() == std::vector<std::int64_t>{2, 1, 2, 2});
  detail::compat_histogram folded{0, 2, 2};
  folded.add(x, true);
  CHECK(folded.counts() == std::vector<std::int64_t>{2, 5});
  CHECK(detail::compat_histogram{3, 3, 2}.edges() == std::vector<float>{2.5f, 3, 3.5f});
  CHECK(!detail::compat_histogram{1, std::nextafterf(1, 2), 16}.valid());
}

TEST_CASE("percentiles are left edges: the top bin is cut") {
  detail::compat_histogram h{0, 4, 4};
  std::vector<float> const x{0.5f, 1.5f, 2.5f, 3.5f};
  h.add(x, true);
  compat c{.percent = 100};
  CHECK(detail::compat_percentile(h, c, {-3.5f, 3.5f}) == range{-3, 3});
  c.percent = 75;
  CHECK(detail::compat_percentile(h, c, {-3.5f, 3.5f}) == range{-2, 2});
  CHECK(detail::compat_percentile(h, c, {-1, 3.5f}) == range{-1, 2});  // cut at one end, no longer symmetric
  c.symmetric = false, c.percent = 50;                                 // a quarter at each end
  CHECK(detail::compat_percentile(h, c, {0.5f, 3.5f}) == range{0.5f, 2});
}

TEST_CASE("zeros of a distribution get 1e-4, the others give it") {
  auto const s = detail::compat_smoothed({0, 4, 0, 6});
  CHECK(s[0] == 1e-4f);
  CHECK(s[1] == 4.f - 1e-4f);
  CHECK(detail::compat_smoothed({0, 0}).empty());
  CHECK(detail::compat_smoothed({1, 2}) == std::vector<float>{1, 2});
}

TEST_CASE("as many bins as levels leave one threshold: all of it") {
  detail::compat_histogram h{-4, 4, 8};
  h.add(std::vector<float>{-3.5f, -0.5f, 0.5f, 0.6f, 3.9f}, false);
  compat c{.method = compat::algorithm::entropy, .quantized_bins = 8};
  CHECK(detail::compat_entropy(h, c, {-3.5f, 3.9f}) == range{-3.5f, 3.9f});
  c.quantized_bins = 16;
  CHECK_THROWS_AS(detail::compat_entropy(h, c, {-3.5f, 3.9f}), octet::error);
  CHECK(c.bin_count() == 128);
  CHECK(compat{}.bin_count() == 2048);
}

TEST_CASE("a far outlier is cut where that loses the least information") {
  // 8 bins, 2 levels: 100, 100, 100, 100 in the four middle ones, 1 far out. All 8 bins: levels of four, shares
  // 200 / 2 and 201 / 3. The middle three or five bins lose less: the shares are what the bins hold.
  detail::compat_histogram h{-4, 4, 8};
  std::vector<float> x{3.5f};
  for (float const v : {-1.5f, -0.5f, 0.5f, 1.5f}) x.insert(x.end(), 100, v);
  h.add(x, false);
  compat const c{.method = compat::algorithm::entropy, .quantized_bins = 2};
  auto const cut = detail::compat_entropy(h, c, {-1.5f, 3.5f});
  CHECK(cut.low == -1.5f);
  CHECK(cut.high < 3.5f);
}
