#include <octet/calibrate/channels.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "support/builder.hpp"

using namespace octet;
using support::floats;

namespace {
model twice_x() {
  support::builder g;
  auto const x = g.input("x", {"n", 3, 2});
  g.output(g(ops::Mul, {x, 2.0}, {}, "y"), {"n", 3, 2});
  return g.m;
}
std::vector<feed> channel_samples() {
  std::vector<feed> all;
  for (std::uint32_t i = 0; i < 7; ++i) all.push_back({{"x", support::noise({2, 3, 2}, i + 1)}});
  return all;
}
/// All samples as one, and one row after the other.
std::vector<feed> in_batches(std::vector<feed> const& from, std::size_t rows) {
  std::vector<float> all;
  for (auto const& f : from) {
    auto const x = f.at("x").as<float>();
    all.insert(all.end(), x.begin(), x.end());
  }
  std::vector<feed> made;
  for (std::size_t at = 0; at < all.size(); at += rows * 6) {
    auto const n = std::min(rows * 6, all.size() - at);
    made.push_back({{"x", floats({static_cast<std::int64_t>(n / 6), 3, 2},
                                 {all.begin() + std::ptrdiff_t(at), all.begin() + std::ptrdiff_t(at + n)})}});
  }
  return made;
}
}  // namespace

TEST_CASE("channels have the sums, extremes and integers that arithmetic gives") {
  channel_statistics s{{{"x", {.axis = 1, .on = grid{0.5f, 10, element::u8}}}, {"z", {.axis = -1}}}};
  CHECK(s.wants("x"));
  CHECK(!s.wants("y"));
  s.see("x", floats({2, 2, 2}, {1, 2, -3, 4, 5, 6, 7, std::numeric_limits<float>::infinity()}));
  s.see("y", floats({1, 1}, {1}));
  auto const* x = s.find("x");
  REQUIRE(x != nullptr);
  REQUIRE(x->size() == 2);
  CHECK((*x)[0].mean() == (1 + 2 + 5 + 6) / 4.0);
  CHECK((*x)[0].mean_of_squares() == (1 + 4 + 25 + 36) / 4.0);
  CHECK((*x)[0].extremes == range{1, 6});
  CHECK((*x)[0].mean_on({0.5f, 10, element::u8}) == 3.5);
  CHECK((*x)[1].count == 3);  // the infinite value is left out
  CHECK((*x)[1].extremes == range{-3, 7});
  CHECK((*x)[1].integers == -6 + 8 + 14);
  CHECK(s.find("z") == nullptr);
  s.see("z", floats({2, 3}, {1, 2, 3, 4, 5, 6}));
  REQUIRE(s.find("z") != nullptr);
  CHECK((*s.find("z"))[2].sum.value() == 9);
  s.see("z", floats({1, 2}, {1, 2}));  // another number of channels
  CHECK(s.find("z") == nullptr);
  s.see("z", floats({1, 3}, {1, 2, 3}));
  CHECK(s.find("z") == nullptr);
}

TEST_CASE("the same for any batches, order and number of threads") {
  auto const m = twice_x();
  channel_statistics::requests const wanted{{"x", {.on = grid{0.01f, 3, element::s8}}}, {"y", {.axis = -1}}};
  auto const samples = channel_samples();
  auto const reference = observe_channels(m, samples, wanted, {.threads = 1});
  auto const same = [&](std::vector<feed> data, unsigned threads) {
    auto const got = observe_channels(m, data, wanted, {.threads = threads});
    return *got.find("x") == *reference.find("x") && *got.find("y") == *reference.find("y");
  };
  CHECK(reference.find("x")->size() == 3);
  CHECK(reference.find("y")->size() == 2);
  for (std::size_t const rows : {1, 3, 5, 14}) CHECK(same(in_batches(samples, rows), 3));
  auto backwards = samples;
  std::reverse(backwards.begin(), backwards.end());
  CHECK(same(backwards, 2));
  backwards.pop_back();
  CHECK(!same(backwards, 2));
}
