#include <octet/quantize/smooth_factors.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "support/builder.hpp"

using namespace octet;
using support::floats;

namespace {
/// Channels with these extremes and mean squares.
std::vector<channel_sketch> with_extremes(std::vector<range> const& all, double square) {
  std::vector<channel_sketch> made(all.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    made[i].extremes = all[i], made[i].count = 1, made[i].squares.add(square);
  return made;
}
struct one_product {
  support::builder g{};
  detail::channel_group c{};

  explicit one_product(tensor w) {
    auto const y = g(ops::MatMul, {g.input("x", {1, w.dims()[0]}), w});
    c.tensor = g.m.main.find("x");
    c.channels = w.dims()[0];
    c.products = {g.m.main[y].producer};
  }
  detail::smoothing_statistics known(std::vector<channel_sketch> const& x, bool per_channel) const {
    return detail::statistics_of(g.m.main, c, x, per_channel);
  }
};
}  // namespace

TEST_CASE("the factors are max|W|^(1 - alpha) / max|X|^alpha, and 1 for channels that are zero") {
  one_product const p{floats({3, 2}, {4, -9, 0, 0, 1, 1})};
  auto const s = p.known(with_extremes({{-16, 2}, {0, 5}, {0, 0}}, 1), false);
  auto const half = detail::smoothing_factors(s, 0.5);
  CHECK(half[0] == doctest::Approx(std::sqrt(9.0) / std::sqrt(16.0)));
  CHECK(half[1] == 1);
  CHECK(half[2] == 1);
  CHECK(detail::smoothing_factors(s, 1)[0] == doctest::Approx(1.0 / 16));
  CHECK(detail::smoothing_factors(s, 0)[0] == doctest::Approx(9));
}

TEST_CASE("the expected noise is that of uniform rounding on both grids") {
  one_product const p{floats({2, 2}, {1, 2, 3, -4})};
  auto const x = with_extremes({{-1, 1.55f}, {0, 2}}, 0.5);  // [-1, 2]: 255 steps of 3/255
  scheme const s{s8s8};
  double const steps = std::pow(3.0 / 255, 2) / 12 * (1 + 4 + 9 + 16);
  double const one_grid = 2 * std::pow(2 * 4.0 / 255, 2) / 12 * (0.5 + 0.5);  // two outputs
  CHECK(detail::expected_noise(p.known(x, false), {}, s) == doctest::Approx(steps + one_grid));
  double const each = (std::pow(2 * 3.0 / 255, 2) + std::pow(2 * 4.0 / 255, 2)) / 12 * (0.5 + 0.5);
  CHECK(detail::expected_noise(p.known(x, true), {}, s) == doctest::Approx(steps + each));
  // the second channel halved: [-1, 1.55], its weights doubled
  std::vector<float> const f{1, 0.5f};
  double const smaller = std::pow(double(1.55f + 1) / 255, 2) / 12 * (1 + 4 + 4 * 9 + 4 * 16);
  double const doubled = 2 * std::pow(2 * 8.0 / 255, 2) / 12 * (0.5 + 0.125);
  CHECK(detail::expected_noise(p.known(x, false), f, s) == doctest::Approx(smaller + doubled));
}

TEST_CASE("weights of grouped convolutions are met with the channels that they read") {
  support::builder g;
  auto const y = g(ops::Conv, {g.input("x", {1, 4, 3, 3}), floats({2, 2, 1, 1}, {1, 2, 3, 4})}, {{"group", 2}});
  std::vector<std::array<double, 3>> seen;
  detail::for_each_weight(g.m.main, g.m.main[y].producer,
                          [&](std::size_t o, std::size_t i, double w) { seen.push_back({double(o), double(i), w}); });
  CHECK(seen == std::vector<std::array<double, 3>>{{0, 0, 1}, {0, 1, 2}, {1, 2, 3}, {1, 3, 4}});
}
