#include <octet/quantize/trials.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "support/builder.hpp"

using namespace octet;
using support::floats;

namespace {
/// y = x + how far off the model is.
model off_by(double d) {
  support::builder g;
  auto const x = g.input("x", {2});
  g.output(g(ops::Add, {x, d}, {}, "y"), {2});
  return g.m;
}
/// Four changes of what the model is off by: 0.8 without any.
trial_report try_four(std::vector<double> const& gains, trial_options const& o = {}) {
  std::vector<feed> samples;
  for (std::uint32_t i = 0; i < 4; ++i) samples.push_back({{"x", floats({2}, {1, i % 2 == 0 ? 1.f : -1.f})}});
  std::vector<tried_change> changes;
  for (std::size_t i = 0; i < gains.size(); ++i) changes.push_back({.name = std::to_string(i), .op = "Add"});
  auto const make = [&](std::vector<bool> const& on) {
    double off = 0.8;
    for (std::size_t i = 0; i < on.size(); ++i) off -= on[i] ? gains[i] : 0;
    return off_by(off);
  };
  return detail::trials{off_by(0), samples, o, std::move(changes), make}.run();
}
std::string kept_of(trial_report const& r) {
  std::string s;
  for (auto const& c : r.changes) s += c.kept ? c.name : "-";
  return s;
}
}  // namespace

TEST_CASE("changes that help together are kept together") {
  auto const r = try_four({0.1, 0.1, 0.1, 0.1});
  CHECK(kept_of(r) == "0123");
  CHECK(r.trials == 2);
  CHECK(r.samples == 4);
  CHECK(r.changes[2].together == 4);
  CHECK(r.changes[2].gain_db == doctest::Approx(20 * std::log10(2)).epsilon(1e-4));
  CHECK(r.before_db == doctest::Approx(-20 * std::log10(0.8)).epsilon(1e-4));  // of a signal of mean square 1
  CHECK(r.after_db == doctest::Approx(-20 * std::log10(0.4)).epsilon(1e-4));
}

TEST_CASE("where they do not, halves are tried on top of what is kept") {
  auto const r = try_four({0.1, -1, 0.1, 0.1});
  CHECK(kept_of(r) == "0-23");
  CHECK(r.changes[1].gain_db < 0);
  CHECK(r.changes[3].together == 2);
  CHECK(r.after_db == doctest::Approx(-20 * std::log10(0.5)).epsilon(1e-4));
  CHECK(kept_of(try_four({-1, -1, -1, 0})) == "----");
  CHECK(try_four({-1, -1, -1, 0}).kept() == 0);
  trial_options const stopped{.stop = [] { return true; }};
  CHECK(try_four({0.1, 0.1, 0.1, 0.1}, stopped).interrupted);
  CHECK(kept_of(try_four({0.1, 0.1, 0.1, 0.1}, stopped)) == "----");
}

TEST_CASE("a fall is clear when it is more than so many of its standard errors, and most samples agree") {
  CHECK(detail::clearly_less({4, 4, 4, 4}, {3, 3, 3, 3}, 2));
  CHECK(!detail::clearly_less({4, 4, 4, 4}, {4, 4, 4, 4}, 2));
  CHECK(!detail::clearly_less({4, 4, 4, 4}, {5, 5, 5, 3}, 2));
  CHECK(!detail::clearly_less({4, 4, 4, 100}, {5, 5, 5, 3}, 2));  // one sample makes all of the fall
  // falls 1, 2, 3, 2: sum 8, squares around the mean 2, standard error of the sum sqrt(2 · 4 / 3) = 1.6
  CHECK(detail::clearly_less({4, 4, 4, 4}, {3, 2, 1, 2}, 2));
  // falls 3, -2, 2, 1: sum 4, around the mean 14, standard error 4.3
  CHECK(!detail::clearly_less({4, 4, 4, 4}, {1, 6, 2, 3}, 2));
  CHECK(detail::clearly_less({4, 4, 4, 4}, {1, 6, 2, 3}, 0.9));
  CHECK(detail::clearly_less({1, 1, 1, 1, 1, 1, 1, 99}, {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 9}, 2));  // every one
  CHECK(!detail::clearly_less({1, 1, 1, 1, 1, 1, 1, 99}, {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 2, 9}, 2));
}
