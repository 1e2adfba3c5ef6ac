#include <octet/calibrate/compat_collect.hpp>

#include <doctest/doctest.h>

#include "support/builder.hpp"

using octet::compat, octet::element, octet::feed, octet::range, octet::tensor;

namespace {
/// A model whose only calibrated tensors are x and y = −x.
octet::model negation() {
  support::builder g;
  auto const y = g(octet::ops::Neg, {g.input("x", {2})}, {}, "y");
  g.output(y, {2});
  return g.m;
}

struct negate {
  std::size_t runs = 0;
  feed run(feed const& in, std::span<std::string const>) {
    ++runs;
    auto const x = in.at("x").as<float>();
    return {{"y", tensor::of<float>({2}, {-x[0], -x[1]})}};
  }
};

std::vector<feed> const samples{{{"x", tensor::of<float>({2}, {-1, 2})}},
                                {{"x", tensor::of<float>({2}, {-3, 8})}},
                                {{"x", tensor::of<float>({2}, {-2, 5})}}};

octet::ranges found(compat const& c, octet::calibrate_options const& o = {}) {
  negate n;
  return octet::calibrate_compat(negation(), [] { return octet::as_reader(samples); }, n, c, o);
}
}  // namespace

TEST_CASE("the mean of the samples' extremes; strides have means of their own") {
  compat const whole{.method = compat::algorithm::moving_average};
  CHECK(*found(whole).find("x") == range{-2, 5});
  CHECK(*found(whole).find("y") == range{-5, 2});
  CHECK(*found(whole, {.symmetric = true}).find("x") == range{-5, 5});
  compat const strides{.method = compat::algorithm::moving_average, .stride = 2, .constant = 0.5};
  // the first two: −2, 5; the third: −2, 5
  CHECK(*found(strides).find("x") == range{-2, 5});
  compat const each{.method = compat::algorithm::moving_average, .stride = 1, .constant = 0.5};
  // low −1, then −2, then −2; high 2, then 5, then 5
  CHECK(*found(each).find("x") == range{-2, 5});
  CHECK(found(whole).method == "MinMax");
  CHECK(found(whole).samples == 3);
}

TEST_CASE("means of strides are symmetric before they are averaged") {
  negate n;
  std::vector<feed> const two{{{"x", tensor::of<float>({2}, {-4, 2})}}, {{"x", tensor::of<float>({2}, {-1, 8})}}};
  compat const each{.method = compat::algorithm::moving_average, .stride = 1, .constant = 0.5};
  auto const r =
      octet::calibrate_compat(negation(), [&] { return octet::as_reader(two); }, n, each, {.symmetric = true});
  CHECK(*r.find("x") == range{-6, 6});  // 4, then halfway to 8; the ends' own averages are −2.5 and 5
}

TEST_CASE("two passes: the second counts between the extremes of the first") {
  auto const r = found({.bins = 4, .percent = 80});
  // |x|: 1 2 2 3 5 8 in bins of (8 − 1) / 4 from 1
  auto const* const x = r.entry("x");
  REQUIRE(x != nullptr);
  CHECK(x->edges == std::vector<float>{1, 2.75f, 4.5f, 6.25f, 8});
  CHECK(x->counts == std::vector<std::int64_t>{3, 1, 1, 1});
  CHECK(x->whole == range{-3, 4.5f});  // five of six are below 6.25, of four fifths it is the left edge
  CHECK(r.method == "Percentile");
  negate n;
  octet::calibrate_compat(negation(), [] { return octet::as_reader(samples); }, n);
  CHECK(n.runs == 6);
}

TEST_CASE("the limit, no samples, samples that change") {
  CHECK(found({.method = compat::algorithm::moving_average}, {.limit = 1}).find("x")->high == 2);
  negate n;
  auto const none = [] { return octet::reader{[] { return std::optional<feed>{}; }}; };
  CHECK_THROWS_WITH_AS(octet::calibrate_compat(negation(), none, n), doctest::Contains("No data is collected"),
                       octet::error);
  std::size_t opened = 0;
  auto const changing = [&] { return octet::as_reader(std::vector<feed>(++opened, samples[0])); };
  CHECK_THROWS_WITH_AS(octet::calibrate_compat(negation(), changing, n), doctest::Contains("another number"),
                       octet::error);
}

TEST_CASE("what is too narrow for bins keeps its extremes, with a warning") {
  negate n;
  float const a = 1, b = std::nextafterf(a, 2);
  auto const open = [&] { return octet::as_reader(std::vector<feed>{{{"x", tensor::of<float>({2}, {a, b})}}}); };
  auto const r = octet::calibrate_compat(negation(), open, n);
  CHECK(*r.find("x") == range{a, b});
  CHECK(r.warnings.size() == 2);
}
