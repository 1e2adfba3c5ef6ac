#include <octet/quantize/smooth_quant.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "support/builder.hpp"

#include <octet/calibrate/collect.hpp>
#include <octet/exec/session.hpp>
#include <octet/quantize/static.hpp>

using namespace octet;
using support::floats;

namespace {
/// A LayerNormalization with one channel fifty times as large as the others, and a product that reads it.
model outlier() {
  support::builder g;
  auto const x = g.input("x", {"n", 16});
  auto gamma = support::positive_noise({16}, 1), w = support::noise({16, 8}, 2);
  gamma.mutable_as<float>()[3] = 50;
  for (std::size_t o = 0; o < 8; ++o) w.mutable_as<float>()[3 * 8 + o] *= 0.02f;
  auto const n = g(ops::LayerNormalization, {x, gamma, support::noise({16}, 3)}, {{"axis", -1}}, "n");
  g.output(g(ops::MatMul, {n, w}, {}, "y"), {"n", 8});
  return g.m;
}
std::vector<feed> smooth_samples(std::uint32_t from, std::uint32_t n) {
  std::vector<feed> all;
  for (std::uint32_t i = 0; i < n; ++i) all.push_back({{"x", support::noise({2, 16}, from + i)}});
  return all;
}
double noise_of(model const& a, model const& b, std::vector<feed> const& samples) {
  session x{a}, y{b};
  double noise = 0, signal = 0;
  for (auto const& s : samples) {
    auto const p = x.run(s).at("y"), q = y.run(s).at("y");
    for (std::size_t i = 0; i < p.as<float>().size(); ++i) {
      signal += std::pow(p.as<float>()[i], 2);
      noise += std::pow(double{p.as<float>()[i]} - double{q.as<float>()[i]}, 2);
    }
  }
  return noise / signal;
}
struct smoothed_model {
  model m;
  ranges r;
  quantize_options o{};
  trial_report found{};

  smoothed_model(model from, smooth_options const& how) : m{std::move(from)} {
    auto const anew = [](model const& x) { return calibrate(x, smooth_samples(100, 16), min_max{}); };
    r = anew(m);
    found = smooth(m, r, scheme{s8s8}, o, as_reader(smooth_samples(100, 16)), anew, smooth_samples(200, 8), how);
  }
};
}  // namespace

TEST_CASE("smoothing leaves the float model's outputs and makes the quantized ones better") {
  auto const before = outlier();
  smoothed_model const s{before, {}};
  REQUIRE(s.found.changes.size() == 1);
  CHECK(s.found.changes[0].kept);
  CHECK(s.found.changes[0].detail.starts_with("alpha 0."));
  CHECK(s.r.smooth_quant);
  auto const others = smooth_samples(300, 8);
  CHECK(std::sqrt(noise_of(before, s.m, others)) < 1e-5);
  CHECK(s.m.main.order.size() == before.main.order.size());
  auto plain = before, smoothed = s.m;
  quantize<s8s8>(plain, calibrate(before, smooth_samples(100, 16), min_max{}));
  quantize<s8s8>(smoothed, s.r, s.o);
  CHECK(noise_of(before, smoothed, others) < noise_of(before, plain, others) / 4);
  auto const again = calibrate(s.m, smooth_samples(100, 16), min_max{});
  REQUIRE(again.size() == s.r.size());
  for (auto const& one : again) {  // the ranges are those of the smoothed model
    auto const& name = one.first;
    auto const& whole = one.second.whole;
    CAPTURE(name);
    CHECK(s.r.find(name)->low == doctest::Approx(whole.low).epsilon(1e-4));
    CHECK(s.r.find(name)->high == doctest::Approx(whole.high).epsilon(1e-4));
  }
  CHECK(smoothed_model{before, {.trial = {.threads = 1}}}.found.after_db == s.found.after_db);
}

TEST_CASE("a fixed alpha; a stop keeps the model; without folding a Mul, which stays float") {
  auto const before = outlier();
  CHECK(smoothed_model{before, {.alpha = 0.6}}.found.changes[0].detail == "alpha 0.6");
  smoothed_model const stopped{before, {.trial = {.stop = [] { return true; }}}};
  CHECK(stopped.found.interrupted);
  CHECK(!stopped.r.smooth_quant);
  auto wide = before;
  auto& g = wide.main;
  g.outputs.push_back(g.find("n"));  // the tensor itself has to stay as it is
  CHECK(smoothed_model{wide, {}}.found.changes.empty());
  smoothed_model s{wide, {.folding = false}};
  REQUIRE(s.found.changes.size() == 1);
  CHECK(s.found.changes[0].kept);
  CHECK(s.m.main.order.size() == wide.main.order.size() + 1);
  REQUIRE(s.o.except.size() == 2);  // the LayerNormalization too
  CHECK(std::sqrt(noise_of(wide, s.m, smooth_samples(300, 8))) < 1e-5);
  auto const r = quantize<s8s8>(s.m, s.r, s.o);
  for (auto const& n : r.nodes)
    if (n.op == "Mul") CHECK(n.fate == fate::kept);
}
