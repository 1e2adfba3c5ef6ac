#include <octet/quantize/output_error.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "support/builder.hpp"

using namespace octet;
using support::floats;

namespace {
std::vector<feed> metered_samples(std::uint32_t n) {
  std::vector<feed> all;
  for (std::uint32_t i = 0; i < n; ++i) all.push_back({{"x", support::noise({1, 4}, i + 1)}});
  return all;
}
/// A Softmax of x + d behind a Reshape, and 2 x.
model closing_softmax(std::vector<float> const& d) {
  support::builder g;
  auto const x = g.input("x", {1, 4});
  auto const s = g(ops::Softmax, {g(ops::Add, {x, floats({4}, d)}, {}, "logits")}, {}, "probabilities");
  g.output(g(ops::Reshape, {s, support::ints({4})}, {}, "y"), {4});
  g.output(g(ops::Mul, {x, 2.0}, {}, "z"), {1, 4});
  return g.m;
}
}  // namespace

TEST_CASE("the error of the outputs, and apart that of what a closing Softmax reads") {
  auto const samples = metered_samples(3);
  output_meter const meter{closing_softmax({0, 0, 0, 0}), samples, 1};
  auto const same = meter.measure(closing_softmax({0, 0, 0, 0}));
  CHECK(same.largest == 0);
  CHECK(std::isinf(same.worst()));
  auto const e = meter.measure(closing_softmax({0.5f, 0, 0, 0}));
  double signal = 0;
  for (auto const& s : samples)
    for (auto const v : s.at("x").as<float>()) signal += double(v) * v;
  CHECK(e.inner_db == doctest::Approx(10 * std::log10(signal / (3 * 0.25))).epsilon(1e-4));
  CHECK(e.worst_db > e.inner_db);  // the Softmax forgives some of it
  CHECK(e.worst() == e.inner_db);
  REQUIRE(e.noise.size() == 3);
  CHECK(e.noise[0] == doctest::Approx(0.25 / signal).epsilon(1e-4));
  CHECK(e.all_noise() == doctest::Approx(0.75 / signal).epsilon(1e-4));
  CHECK(meter.measure(closing_softmax({0.5f, 0, 0, 0}), 2).noise.size() == 2);
}

TEST_CASE("samples are held back in one block, or shared when there are few") {
  std::vector<feed> held;
  auto rest = holding_back(as_reader(metered_samples(12)), held);
  CHECK(held.size() == 3);
  CHECK(rest.size() == 9);
  std::size_t n = 0;
  while (rest()) ++n;
  CHECK(n == 9);
  held.clear();
  auto few = holding_back(as_reader(metered_samples(4)), held);
  while (few()) {
  }
  CHECK(held.size() == 4);
}
