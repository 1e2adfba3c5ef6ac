#include <octet/quantize/bias_correction.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "support/builder.hpp"

#include <octet/calibrate/collect.hpp>
#include <octet/exec/session.hpp>
#include <octet/quantize/static.hpp>

using namespace octet;
using support::floats;

namespace {
/// A product of positive numbers whose weight has one large column: the others are rounded badly, all in one direction.
model biased() {
  support::builder g;
  auto const x = g.input("x", {"n", 16});
  tensor w{element::f32, {16, 8}};
  auto const values = w.mutable_as<float>();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = i % 8 == 0 ? (i % 16 == 0 ? 12.7f : -12.7f) : 0.04f;
  auto const b = g.constant(floats({8}, {1, 2, 3, 4, 5, 6, 7, 8}), "b");
  auto const y = g(ops::Gemm, {x, w, b}, {}, "y");
  auto const v = g.constant(support::noise({8, 8}, 5), "v");
  g.output(g(ops::MatMul, {y, v}, {}, "z"), {"n", 8});
  return g.m;
}
std::vector<feed> biased_samples(std::uint32_t from, std::uint32_t n) {
  std::vector<feed> all;
  for (std::uint32_t i = 0; i < n; ++i) {
    auto x = support::noise({2, 16}, from + i);
    for (auto& v : x.mutable_as<float>()) v = 1 + 0.2f * v;
    all.push_back({{"x", x}});
  }
  return all;
}
double squared_error(model const& a, model const& b, std::vector<feed> const& samples) {
  session x{a}, y{b};
  double sum = 0;
  for (auto const& s : samples) {
    auto const p = x.run(s).at("z"), q = y.run(s).at("z");
    for (std::size_t i = 0; i < p.as<float>().size(); ++i) sum += std::pow(p.as<float>()[i] - q.as<float>()[i], 2);
  }
  return sum;
}
trial_report correct(model const& m, ranges const& r, quantize_options& o, std::vector<feed> data, unsigned threads) {
  return correct_biases(m, r, scheme{s8s8}, o, as_reader(std::move(data)), biased_samples(200, 8),
                        {.threads = threads});
}
}  // namespace

TEST_CASE("bias correction takes the mean error out, and is written nowhere else than into the bias") {
  auto const m = biased();
  auto const r = calibrate(m, biased_samples(100, 16), min_max{});
  quantize_options o;
  auto const found = correct(m, r, o, biased_samples(100, 16), 0);
  REQUIRE(found.changes.size() == 1);  // "z" has no place for one
  CHECK(found.changes[0].name == m.main[m.main[m.main.find("y")].producer].name);
  CHECK(found.changes[0].kept);
  CHECK(found.changes[0].gain_db > 3);
  CHECK(found.after_db > found.before_db + 3);
  CHECK(found.samples == 8);
  REQUIRE(o.bias_shifts.size() == 1);
  auto plain = m, corrected = m, excluded = m;
  quantize<s8s8>(plain, r);
  quantize<s8s8>(corrected, r, o);
  auto const others = biased_samples(300, 8);
  CHECK(squared_error(m, corrected, others) < squared_error(m, plain, others) / 2);
  CHECK(corrected.main.order.size() == plain.main.order.size());
  o.except = {o.bias_shifts.begin()->first};  // a node that stays float needs no correction
  quantize<s8s8>(excluded, r, o);
  auto const* b = excluded.main.constant(excluded.main.find("b"));
  REQUIRE(b != nullptr);
  CHECK(b->as<float>()[0] == 1);
}

TEST_CASE("the same correction for any batches and threads; none after a stop; none without samples") {
  auto const m = biased();
  auto const r = calibrate(m, biased_samples(100, 16), min_max{});
  quantize_options one, other, none;
  correct(m, r, one, biased_samples(100, 16), 1);
  std::vector<feed> rows;
  for (auto const& f : biased_samples(100, 16))
    for (std::size_t i = 0; i < 2; ++i) {
      auto const x = f.at("x").as<float>().subspan(16 * i, 16);
      rows.insert(rows.begin(), {{"x", floats({1, 16}, {x.begin(), x.end()})}});
    }
  correct(m, r, other, rows, 3);
  CHECK(one.bias_shifts == other.bias_shifts);
  auto const stopped =
      correct_biases(m, r, scheme{s8s8}, none, as_reader(rows), biased_samples(200, 8), {.stop = [] { return true; }});
  CHECK(stopped.interrupted);
  CHECK(none.bias_shifts.empty());
  CHECK_THROWS_AS(correct_biases(m, r, scheme{s8s8}, none, as_reader(rows), {}), error);
}
