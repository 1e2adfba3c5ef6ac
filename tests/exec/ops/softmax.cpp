#include "exec/ops/run_one.hpp"

#include <octet/exec/ops/softmax.hpp>

using namespace octet;
using octet::test::floats_of;
using octet::test::run;
using octet::test::values;

namespace {
std::span<operator_entry const> const table = softmax_operators;
attribute axis(std::int64_t v) { return {.name = "axis", .value = v}; }

/// The definition over [outer, n, inner].
std::vector<float> definition(tensor const& t, std::int64_t outer, std::int64_t n, std::int64_t inner, bool logarithm) {
  std::vector<float> r(std::size_t(t.size()));
  for (std::int64_t o = 0; o < outer; ++o)
    for (std::int64_t i = 0; i < inner; ++i) {
      auto const at = [&](std::int64_t k) { return (o * n + k) * inner + i; };
      double top = -INFINITY, sum = 0;
      for (std::int64_t k = 0; k < n; ++k) top = std::max(top, double(t.as<float>()[at(k)]));
      for (std::int64_t k = 0; k < n; ++k) sum += std::exp(double(t.as<float>()[at(k)]) - top);
      for (std::int64_t k = 0; k < n; ++k) {
        double const x = double(t.as<float>()[at(k)]) - top;
        r[std::size_t(at(k))] = float(logarithm ? x - std::log(sum) : std::exp(x) / sum);
      }
    }
  return r;
}
}  // namespace

TEST_CASE("softmax goes along one axis since opset 13, over everything from the axis on before") {
  tensor t{element::f32, {3, 5, 7}};
  for (std::int64_t i = 0; i < t.size(); ++i) t.mutable_as<float>()[i] = float((i * 29) % 23) * 0.7f - 8;
  for (bool const logarithm : {false, true}) {
    std::string const op = logarithm ? "LogSoftmax" : "Softmax";
    CHECK(test::difference(run({table, op, 13, {t}})[0], definition(t, 15, 7, 1, logarithm)) < 2e-6);
    CHECK(test::difference(run({table, op, 13, {t}, {axis(1)}})[0], definition(t, 3, 5, 7, logarithm)) < 2e-6);
    CHECK(test::difference(run({table, op, 13, {t}, {axis(-3)}})[0], definition(t, 1, 3, 35, logarithm)) < 2e-6);
    CHECK(test::difference(run({table, op, 11, {t}})[0], definition(t, 3, 35, 1, logarithm)) < 2e-6);
    CHECK(test::difference(run({table, op, 11, {t}, {axis(0)}})[0], definition(t, 1, 105, 1, logarithm)) < 3e-6);
  }
}

TEST_CASE("large and masked values do not overflow") {
  auto const r = run({table, "Softmax", 13, {floats_of({4}, {1e30f, 1e30f, -INFINITY, 0})}})[0];
  CHECK(values<float>(r) == std::vector<float>{0.5f, 0.5f, 0, 0});
  CHECK(values<float>(run({table, "LogSoftmax", 13, {floats_of({2}, {1e4f, 0})}})[0]) == std::vector<float>{0, -1e4f});
}

TEST_CASE("Hardmax marks the first of the largest") {
  CHECK(values<float>(run({table, "Hardmax", 13, {floats_of({2, 3}, {1, 3, 3, 5, 0, 2})}})[0]) ==
        std::vector<float>{0, 1, 0, 1, 0, 0});
}

TEST_CASE("doubles, empty and scalar tensors work; an axis outside does not") {
  auto const d = run({table, "Softmax", 13, {tensor::of<double>({2}, {0, std::log(3.0)})}})[0];
  CHECK(d.as<double>()[1] == doctest::Approx(0.75).epsilon(1e-12));
  CHECK(run({table, "Softmax", 13, {floats_of({0, 3}, {})}})[0].dims() == shape{0, 3});
  CHECK(run({table, "Softmax", 13, {floats_of({3, 0}, {})}})[0].dims() == shape{3, 0});
  CHECK(test::failure({table, "Softmax", 13, {floats_of({2}, {1, 2})}, {axis(1)}}) == error_kind::invalid);
}

TEST_CASE("the number of threads does not show") {
  tensor t{element::f32, {500, 300}};
  for (std::int64_t i = 0; i < t.size(); ++i) t.mutable_as<float>()[i] = float((i * 31) % 1000) * 0.01f;
  CHECK(values<float>(run({.table = table, .op = "Softmax", .inputs = {t}, .threads = 1})[0]) ==
        values<float>(run({.table = table, .op = "Softmax", .inputs = {t}, .threads = 2})[0]));
}
