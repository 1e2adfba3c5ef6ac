#include <octet/calibrate/automatic.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

using octet::automatic, octet::range;

namespace {
/// Square error of a grid of 256 values with zero in it, clipped values weighing `clipping` times.
double loss_on(std::vector<float> const& x, range r, double clipping) {
  double const low = std::min(r.low, 0.f), high = std::max(r.high, 0.f), step = (high - low) / 255;
  double const first = std::nearbyint(low / step);
  double sum = 0;
  for (double const v : x) {
    double const q = std::nearbyint(v / step), inside = std::clamp(q, first, first + 255);
    double const e = v - inside * step, end = (v > 0 ? first + 255 : first) * step;
    bool const outside = v > (first + 255) * step || v < first * step;
    sum += outside ? clipping * (v - end) * (v - end) : e * e;
  }
  return sum;
}

octet::sketch sketch_of(std::vector<float> const& x, int times = 1) {
  octet::sketch s{automatic::parts};
  for (int i = 0; i < times; ++i) s.observe(x);
  return s;
}

std::vector<float> tailed(double heavy) {
  std::mt19937 random{9};
  std::normal_distribution<double> normal;
  std::vector<float> x(100000);
  for (auto& v : x) v = float(normal(random) * std::exp(heavy * normal(random)));
  return x;
}
}  // namespace

TEST_CASE("no candidate loses less than the chosen range") {
  for (double const clipping : {1.0, 4.0})
    for (double const heavy : {0.0, 0.5, 1.0, 1.5}) {
      auto const x = tailed(heavy);
      auto const s = sketch_of(x);
      auto const chosen = loss_on(x, automatic{.clipping = clipping}.choose(s), clipping);
      for (auto const r : {s.extremes(), octet::percentile{99.999}.choose(s), octet::percentile{99.99}.choose(s),
                           octet::entropy{}.choose(s), octet::mse{}.choose(s)})
        CHECK(chosen <= 1.05 * loss_on(x, r, clipping));
    }
}

TEST_CASE("the dearer clipping is, the wider is the range") {
  auto const s = sketch_of(tailed(1));
  auto const width = [&](double clipping) {
    auto const r = automatic{.clipping = clipping}.choose(s);
    return r.high - r.low;
  };
  CHECK(width(1) <= width(4));
  CHECK(width(4) <= width(1000));
  CHECK(width(1) < width(1000));
}

TEST_CASE("a mode far from the rest stays inside") {
  auto x = tailed(0);
  for (auto& v : x) v = std::clamp(v, -4.f, 4.f);
  auto with = [&](int n, float at, float apart) {
    auto y = x;
    for (int i = 0; i < n; ++i) y.push_back(at + apart * float(i));
    return sketch_of(y);
  };
  auto const cuts = [](octet::sketch const& s, range r) { return octet::detail::cuts_a_mode(s.counts(), r); };
  CHECK(cuts(with(40, -100, 0), {-4, 4}));
  CHECK(cuts(with(40, 100, 0), {-4, 4}));
  CHECK(!cuts(with(40, 100, 0), {-4, 100}));
  CHECK(!cuts(with(40, 100, 0), {-1, 100}));  // the tail of the rest is none
  CHECK(!cuts(with(9, 100, 0), {-4, 4}));     // nor are a few values
  CHECK(!cuts(with(40, 20, 2), {-4, 4}));     // nor what is spread
  std::mt19937 random{3};
  std::uniform_real_distribution<float> even{-1, 1};
  std::vector<float> many(99980);
  for (auto& v : many) v = even(random);
  auto s = sketch_of(many, 100);
  s.observe(std::vector<float>(20, 3.f));
  CHECK(octet::mse{}.choose(s).high < 2.5f);  // twenty values of ten million seem to be worth less than a finer grid
  CHECK(automatic{.clipping = 1}.choose(s).high == 3);
}

TEST_CASE("nothing to choose from") {
  CHECK(automatic{}.choose(sketch_of({0})) == range{0, 0});
  CHECK(automatic{}.choose(sketch_of({2, 2})) == range{2, 2});
  CHECK(automatic{}.choose(sketch_of({-1, 0, 1})) == range{-1, 1});
}
