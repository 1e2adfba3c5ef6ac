// Random numbers: the moments of many, the same numbers again for one node, others for another seed or name.
#include <octet/exec/ops/random.hpp>

#include "run_one.hpp"

using namespace octet;
using namespace octet::test;

namespace {
auto const& table = random_operators;
attribute real(std::string name, float v) { return {.name = std::move(name), .value = v}; }
attribute whole(std::string name, std::int64_t v) { return {.name = std::move(name), .value = v}; }
std::vector<float> draw(std::string_view op, std::vector<attribute> a, unsigned threads = 1) {
  a.push_back({.name = "shape", .value = std::vector<std::int64_t>{200, 500}});
  return values<float>(run({.table = table, .op = op, .attributes = std::move(a), .threads = threads})[0]);
}
double mean(std::vector<float> const& v, double power = 1, double about = 0) {
  double s = 0;
  for (auto const x : v) s += std::pow(double(x) - about, power);
  return s / double(v.size());
}
}  // namespace

TEST_CASE("normal and uniform numbers have their moments and limits") {
  auto const n = draw("RandomNormal", {real("mean", 2), real("scale", 3)});
  CHECK(std::fabs(mean(n) - 2) < 0.05);  // five deviations of the mean of 100 000
  CHECK(std::fabs(mean(n, 2, 2) - 9) < 0.25);
  CHECK(std::fabs(mean(n, 3, 2)) < 2);
  auto const u = draw("RandomUniform", {real("low", -1), real("high", 3)});
  CHECK(std::fabs(mean(u) - 1) < 0.02);
  CHECK(std::fabs(mean(u, 2, 1) - 16.0 / 12) < 0.03);
  CHECK(*std::min_element(u.begin(), u.end()) >= -1);
  CHECK(*std::max_element(u.begin(), u.end()) <= 3);
}

TEST_CASE("one seed gives one sequence, for any number of threads; the input gives shape and type") {
  auto const a = draw("RandomNormal", {real("seed", 5)});
  CHECK(a == draw("RandomNormal", {real("seed", 5)}, 3));
  CHECK(a != draw("RandomNormal", {real("seed", 6)}));
  auto const like =
      run({.table = table, .op = "RandomUniformLike", .inputs = {tensor::of<double>({2, 3}, {0, 0, 0, 0, 0, 0})}})[0];
  CHECK(like.dims() == shape{2, 3});
  CHECK(like.type() == element::f64);
  CHECK(run({.table = table,
             .op = "RandomNormalLike",
             .inputs = {ints_of({4}, {0, 0, 0, 0})},
             .attributes = {whole("dtype", 10)}})[0]
            .type() == element::f16);
  CHECK(failure({.table = table, .op = "RandomNormalLike", .inputs = {ints_of({1}, {0})}}) == error_kind::unsupported);
}

TEST_CASE("Bernoulli and Multinomial draw with the probabilities given") {
  std::vector<float> likely(30000);
  for (std::size_t i = 0; i < likely.size(); ++i) likely[i] = i < 10000 ? 0.f : i < 20000 ? 1.f : 0.25f;
  auto const y = values<float>(run({.table = table, .op = "Bernoulli", .inputs = {floats_of({30000}, likely)}})[0]);
  CHECK(mean({y.begin(), y.begin() + 10000}) == 0);
  CHECK(mean({y.begin() + 10000, y.begin() + 20000}) == 1);
  CHECK(std::fabs(mean({y.begin() + 20000, y.end()}) - 0.25) < 0.03);
  auto const m = run({.table = table,
                      .op = "Multinomial",
                      .inputs = {floats_of({2, 3}, {0, std::log(3.f), -1000, -1000, 0, -1000})},
                      .attributes = {whole("sample_size", 20000), whole("dtype", 7)}})[0];
  CHECK(m.dims() == shape{2, 20000});
  auto const v = values<std::int64_t>(m);
  auto const ones = std::count(v.begin(), v.begin() + 20000, 1);
  CHECK(std::fabs(double(ones) / 20000 - 0.75) < 0.02);
  CHECK(std::count(v.begin(), v.begin() + 20000, 2) == 0);
  CHECK(std::count(v.begin() + 20000, v.end(), 1) == 20000);
}
