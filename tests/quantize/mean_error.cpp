#include <octet/quantize/mean_error.hpp>

#include <doctest/doctest.h>

#include "support/builder.hpp"

using namespace octet;
using support::floats;

namespace {
/// Channels of one value each, which lie on no grid: their mean on it is what the second list says.
std::vector<channel_sketch> channels(std::vector<double> const& means, std::vector<std::int64_t> const& integers) {
  std::vector<channel_sketch> all(means.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i].sum.add(means[i]), all[i].count = 1, all[i].integers = integers[i];
  return all;
}
}  // namespace

TEST_CASE("the mean error of a product: E[W x] - E[W' x'] for each output channel") {
  grid const half{0.5f, 0, element::s8};
  // a column a channel: y0 = x0 + 3 x1, y1 = 2 x0 + 4 x1
  detail::correctable c{
      .on = half, .before = floats({2, 2}, {1, 2, 3, 4}), .after = floats({2, 2}, {1, 2.5, 3, 4}), .rows = false};
  auto const seen = channels({1.25, -2}, {2, -4});  // 1.25 became 1, -2 stayed
  CHECK(detail::mean_error(c, seen) == std::vector<float>{1.25f - 1, 2.5f - 2.5f});
  c.rows = true;  // y0 = x0 + 2 x1, y1 = 3 x0 + 4 x1
  c.alpha = 2;
  CHECK(detail::mean_error(c, seen) == std::vector<float>{2 * (1.25f - 4 - (1 - 5)), 2 * (3.75f - 3)});
  CHECK(detail::mean_error(c, channels({1}, {1})).empty());
}

TEST_CASE("groups of a convolution read their own channels, all taps of each") {
  detail::correctable const c{.on = {1, 0, element::s8},
                              .before = floats({2, 1, 1, 2}, {1, 2, 10, 20}),
                              .after = floats({2, 1, 1, 2}, {1, 1, 10, 10}),
                              .groups = 2};
  CHECK(detail::mean_error(c, channels({3, 5}, {3, 5})) == std::vector<float>{3, 50});
}

TEST_CASE("a constant on its grids is what its integers stand for") {
  planned_tensor const t{
      .role = role::weight, .type = element::s8, .axis = 0, .grids = {{0.5f, 0, element::s8}, {0.25f, 1, element::s8}}};
  auto const y = detail::on_its_grids(floats({2, 2}, {1.1f, -0.7f, 0.3f, 100}), t);
  CHECK(std::vector<float>(y.as<float>().begin(), y.as<float>().end()) ==
        std::vector<float>{1, -0.5f, 0.25f, 126 * 0.25f});
}
