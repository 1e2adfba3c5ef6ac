#include <octet/calibrate/collect.hpp>

#include <octet/calibrate/ranges_file.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "support/builder.hpp"

using octet::feed, octet::range, octet::tensor;
using support::floats;

namespace {
/// y = x·w, z = Relu(y), dead = x·x: z is the output.
octet::model small() {
  support::builder g;
  auto const x = g.input("x", {"n", 2});
  auto const y = g(octet::ops::MatMul, {x, floats({2, 2}, {1, 0, 0, -2})}, {}, "y");
  auto const z = g(octet::ops::Relu, {y}, {}, "z");
  g(octet::ops::Mul, {x, x}, {}, "dead");
  g.output(z, {"n", 2});
  return g.m;
}

std::vector<feed> samples(std::uint32_t seed, std::size_t n) {
  std::mt19937 random{seed};
  std::vector<feed> all;
  for (std::size_t i = 0; i < n; ++i) {
    auto const rows = 1 + std::int64_t(random() % 900);
    auto t = support::noise({rows, 2}, std::uint32_t(random()));
    float const size = std::ldexp(1.f, int(random() % 12) - 6);
    for (auto& v : t.mutable_as<float>()) v *= size;
    all.push_back({{"x", t}});
  }
  return all;
}

/// Two samples as one of more rows.
feed joined(feed const& a, feed const& b) {
  auto const p = a.at("x").as<float>(), q = b.at("x").as<float>();
  std::vector<float> all(p.begin(), p.end());
  all.insert(all.end(), q.begin(), q.end());
  return {{"x", floats({std::int64_t(all.size() / 2), 2}, all)}};
}

struct three_sigma {
  float width = 3;
  range choose(octet::sketch const& s) const {
    auto const mean = s.mean(), reach = width * s.deviation();
    return {float(mean - reach), float(mean + reach)};
  }
};

struct own_backend {  // knows the model's arithmetic
  int runs = 0;
  feed run(feed const& in, std::span<std::string const> fetch) {
    ++runs;
    feed out;
    for (auto const& name : fetch)
      if (name == "y") out["y"] = in.at("x");
    return out;
  }
};
}  // namespace

TEST_CASE("every float tensor gets the extremes of its values") {
  auto const m = small();
  std::vector<feed> const data{{{"x", floats({1, 2}, {1, 2})}}, {{"x", floats({2, 2}, {-3, 0.5f, 0, -1})}}};
  auto const r = octet::calibrate(m, data);
  CHECK(r.size() == 4);
  CHECK(*r.find("x") == range{-3, 2});
  CHECK(*r.find("y") == range{-4, 2});
  CHECK(*r.find("z") == range{0, 2});
  CHECK(*r.find("dead") == range{0, 9});
  CHECK(r.samples == 2);
  CHECK(octet::calibrate(m, data, {.op_types = {"Relu"}}).size() == 2);
  CHECK(octet::calibrate(m, data, {.limit = 1}).find("x")->low == 1);
  CHECK(*octet::calibrate(m, data, {.symmetric = true}).find("z") == range{-2, 2});
  CHECK(octet::calibrate(m, data, {.per_channel = true}).entry("y")->channels == std::vector<range>{{-3, 1}, {-4, 2}});
}

TEST_CASE("the order, the batches and the threads do not show") {
  auto const m = small();
  auto data = samples(1, 40);
  std::mt19937 random{2};
  for (auto const& c : {octet::shipped_calibrator{octet::min_max{}},
                        {octet::percentile{99.9}},
                        {octet::entropy{}},
                        {octet::mse{}},
                        {octet::automatic{}}}) {
    auto const whole = octet::to_json(octet::calibrate(m, data, c, {.threads = 1}));
    std::shuffle(data.begin(), data.end(), random);
    CHECK(octet::to_json(octet::calibrate(m, data, c, {.threads = 3})) == whole);
    std::vector<feed> batches;
    for (std::size_t i = 0; i < data.size(); i += 2) batches.push_back(joined(data[i], data[i + 1]));
    CHECK(octet::to_json(octet::calibrate(m, batches, c, {.threads = 2})) == whole);
  }
  octet::shipped_calibrator const mean = octet::moving_average{};
  auto const whole = octet::to_json(octet::calibrate(m, data, mean, {.threads = 1}));
  std::shuffle(data.begin(), data.end(), random);
  CHECK(octet::to_json(octet::calibrate(m, data, mean, {.threads = 4})) == whole);
}

TEST_CASE("a calibrator of the user's own, as a template argument") {
  auto const r = octet::calibrate<three_sigma{1}>(small(), std::vector<feed>{{{"x", floats({2, 2}, {1, 2, 3, 6})}}});
  CHECK(r.find("x")->low == doctest::Approx(3 - std::sqrt(3.5)));
  CHECK(octet::calibrate<octet::percentile{50.0}>(small(), samples(3, 2)).method == "Percentile");
}

TEST_CASE("another backend is asked for the tensors") {
  own_backend b;
  auto const r = octet::calibrate(small(), samples(4, 3), b);
  CHECK(b.runs == 3);
  CHECK(*r.find("y") == *r.find("x"));
  CHECK(r.find("z") == nullptr);
}

TEST_CASE("progress counts samples") {
  std::vector<std::size_t> done;
  std::size_t all = 0;
  auto const data = samples(5, 5);
  octet::calibrate(small(), data,
                   {.threads = 2, .progress = [&](std::size_t d, std::size_t n) { done.push_back(d), all = n; }});
  CHECK(done == std::vector<std::size_t>{1, 2, 3, 4, 5});
  CHECK(all == 5);
}

TEST_CASE("what goes wrong is said") {
  auto const complaint = [](auto&& data) -> std::string {
    try {
      octet::calibrate(small(), data, {.threads = 2});
    } catch (octet::error const& e) {
      return e.what();
    }
    return "";
  };
  CHECK(complaint(std::vector<feed>{}).find("No data is collected") == 0);
  auto wrong = samples(6, 4);
  wrong[2] = {{"x", support::ints({1, 2})}};
  CHECK(complaint(wrong).find("sample 2: input 'x' is FLOAT and was given INT64") == 0);
  CHECK(complaint([i = 0]() mutable -> std::optional<feed> {
          if (i++ == 1) throw octet::error{octet::error_kind::io, "the disk is gone"};
          return feed{{"x", floats({1, 2}, {1, 2})}};
        }) == "the disk is gone");
}
