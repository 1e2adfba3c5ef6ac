#include <octet/quantize/budget.hpp>

#include <doctest/doctest.h>

#include "support/builder.hpp"

#include <octet/calibrate/collect.hpp>

using support::floats;

namespace {
/// Two products side by side: that of `a` is harmless, that of `b` has one column a thousand times as large, which a
/// grid per tensor does not bear.
octet::model easy_and_hard() {
  support::builder g;
  auto const x = g.input("x", {4, 8});
  auto w = support::noise({8, 8}, 3), v = support::noise({8, 8}, 4);
  auto const values = v.mutable_as<float>();
  for (std::size_t i = 0; i < 64; i += 8) values[i] *= 1000;
  g.output(g(octet::ops::MatMul, {x, w}, {}, "a"), {4, 8});
  auto const wide = g(octet::ops::MatMul, {x, v}, {}, "b");
  auto const scale = g.constant(floats({8}, {0.001f, 1, 1, 1, 1, 1, 1, 1}), "s");
  g.output(g(octet::ops::Mul, {wide, scale}, {}, "c"), {4, 8});
  return g.m;
}
std::vector<octet::feed> budget_samples(std::uint32_t from, std::uint32_t n) {
  std::vector<octet::feed> all;
  for (std::uint32_t i = 0; i < n; ++i) all.push_back({{"x", support::noise({4, 8}, from + i)}});
  return all;
}
octet::report within(octet::model& m, octet::error_budget const& b) {
  auto const r = octet::calibrate(m, budget_samples(100, 8), octet::min_max{});
  return octet::quantize_within(m, r, octet::scheme{octet::s8s8}, {}, b, budget_samples(200, 8));
}
}  // namespace

TEST_CASE("a bound on the error keeps the nodes float that break it, and no others") {
  auto const before = easy_and_hard();
  auto m = before;
  auto const r = within(m, {.min_sqnr = 20});
  REQUIRE(r.budget);
  CHECK(r.budget->plain_db < 10);
  CHECK(r.budget->reached_db >= 20.5);
  REQUIRE(r.budget->kept.size() >= 1);
  for (auto const& n : r.nodes) {
    if (n.op != "MatMul") continue;
    CHECK((n.fate == octet::fate::quantized) == (n.how != ""));
  }
  auto const hard = std::find_if(r.nodes.begin(), r.nodes.end(),
                                 [](auto const& n) { return n.op == "MatMul" && n.fate == octet::fate::kept; });
  REQUIRE(hard != r.nodes.end());
  CHECK(hard->reason.starts_with("kept by the bound on the error"));
  // measured here, on other samples
  octet::session x{before}, y{m};
  double signal = 0, noise = 0;
  for (auto const& s : budget_samples(300, 8)) {
    auto const a = x.run(s).at("c"), b = y.run(s).at("c");
    for (std::size_t i = 0; i < 32; ++i) {
      double const p = a.as<float>()[i], q = b.as<float>()[i];
      signal += p * p, noise += (p - q) * (p - q);
    }
  }
  CHECK(10 * std::log10(signal / noise) > 19);
  auto again = before;
  CHECK(within(again, {.min_sqnr = 20, .threads = 1}).plan == r.plan);  // the same choice on every run
}

TEST_CASE("a bound that holds already costs nothing; one on the largest error; a stop") {
  auto m = easy_and_hard();
  CHECK(within(m, {.min_sqnr = -100}).budget->kept.empty());
  m = easy_and_hard();
  auto const small = within(m, {.max_error = 0.2});
  CHECK(small.budget->plain_error > 0.2);
  CHECK(small.budget->reached_error <= 0.2);
  m = easy_and_hard();
  auto const stopped = within(m, {.min_sqnr = 20, .stop = [] { return true; }});
  CHECK(stopped.budget->interrupted);  // nothing quantized is the best that is known then, and keeps any bound
  CHECK(stopped.count(octet::fate::quantized) == 0);
  m = easy_and_hard();
  CHECK_THROWS_AS(octet::quantize_within(m, {}, octet::scheme{octet::s8s8}, {}, {.min_sqnr = 3}, {}), octet::error);
}
