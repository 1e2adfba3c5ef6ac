#include "exec/ops/run_one.hpp"

#include <octet/exec/ops/normalization.hpp>

using namespace octet;
using octet::test::floats_of;
using octet::test::run;
using octet::test::values;

namespace {
std::span<operator_entry const> const table = normalization_operators;
using f32 = std::vector<float>;
attribute number(std::string name, std::int64_t v) { return {.name = std::move(name), .value = v}; }
attribute real(std::string name, float v) { return {.name = std::move(name), .value = v}; }

tensor ramp(shape dims, float step, float start) {
  tensor t{element::f32, std::move(dims)};
  for (std::int64_t i = 0; i < t.size(); ++i) t.mutable_as<float>()[i] = start + step * float((i * 17) % 29);
  return t;
}
/// Mean and variance of some elements, in double.
template <class F>
std::pair<double, double> moments_of(std::int64_t n, F const& x) {
  double mean = 0, variance = 0;
  for (std::int64_t i = 0; i < n; ++i) mean += double(x(i)) / double(n);
  for (std::int64_t i = 0; i < n; ++i) variance += (double(x(i)) - mean) * (double(x(i)) - mean) / double(n);
  return {mean, variance};
}
}  // namespace

TEST_CASE("BatchNormalization uses the given moments of each channel") {
  auto const x = ramp({2, 3, 5}, 0.3f, -4), s = floats_of({3}, {1, 2, -1}), b = floats_of({3}, {0, 1, 2});
  auto const m = floats_of({3}, {0.5f, -1, 2}), v = floats_of({3}, {1, 4, 0.25f});
  auto const y = run({table, "BatchNormalization", 9, {x, s, b, m, v}, {real("epsilon", 0)}})[0];
  for (std::int64_t i = 0; i < x.size(); ++i) {
    auto const c = i / 5 % 3;
    float const want =
        (x.as<float>()[i] - m.as<float>()[c]) / std::sqrt(v.as<float>()[c]) * s.as<float>()[c] + b.as<float>()[c];
    CHECK(y.as<float>()[i] == doctest::Approx(want).epsilon(1e-5));
  }
  CHECK(values<float>(run({table,
                           "BatchNormalization",
                           15,
                           {floats_of({2, 1}, {3, 5}), floats_of({1}, {2}), floats_of({1}, {1}), floats_of({1}, {4}),
                            floats_of({1}, {4})},
                           {real("epsilon", 0)}})[0]) == f32{0, 2});
  CHECK(test::failure({table, "BatchNormalization", 9, {x, s, b, m, floats_of({2}, {1, 1})}}) == error_kind::invalid);
  CHECK(test::failure({table, "BatchNormalization", 7, {x, s, b, m, v}, {number("spatial", 0)}}) ==
        error_kind::unsupported);
}

TEST_CASE("BatchNormalization in training mode uses the batch and keeps running moments") {
  auto const x = floats_of({2, 1, 2}, {1, 2, 3, 6});
  auto const r =
      run({.table = table,
           .op = "BatchNormalization",
           .opset = 15,
           .inputs = {x, floats_of({1}, {1}), floats_of({1}, {0}), floats_of({1}, {10}), floats_of({1}, {20})},
           .attributes = {number("training_mode", 1), real("momentum", 0.5f), real("epsilon", 0)},
           .outputs = 3});
  CHECK(r[1].as<float>()[0] == doctest::Approx(0.5 * 10 + 0.5 * 3));
  CHECK(r[2].as<float>()[0] == doctest::Approx(0.5 * 20 + 0.5 * 3.5));
  CHECK(r[0].as<float>()[3] == doctest::Approx(3 / std::sqrt(3.5)));
}

TEST_CASE("LayerNormalization normalizes from the axis on and can tell its moments") {
  auto const x = ramp({3, 4, 5}, 0.7f, 100);
  auto const s = ramp({4, 5}, 0.1f, 0.5f), b = ramp({4, 5}, 0.2f, -1);
  auto const r = run({.table = table,
                      .op = "LayerNormalization",
                      .opset = 17,
                      .inputs = {x, s, b},
                      .attributes = {number("axis", 1)},
                      .outputs = 3});
  CHECK(r[1].dims() == shape{3, 1, 1});
  for (std::int64_t o = 0; o < 3; ++o) {
    auto const [mean, variance] = moments_of(20, [&](std::int64_t i) { return x.as<float>()[o * 20 + i]; });
    CHECK(r[1].as<float>()[o] == doctest::Approx(mean));
    CHECK(r[2].as<float>()[o] == doctest::Approx(1 / std::sqrt(variance + 1e-5)));
    for (std::int64_t i = 0; i < 20; ++i)
      CHECK(double(r[0].as<float>()[o * 20 + i]) ==
            doctest::Approx((double(x.as<float>()[o * 20 + i]) - mean) / std::sqrt(variance + 1e-5) *
                                double(s.as<float>()[i]) +
                            double(b.as<float>()[i]))
                .epsilon(1e-4));
  }
  CHECK(run({table, "LayerNormalization", 17, {x, floats_of({1}, {0})}})[0].as<float>()[7] == 0);
  CHECK(test::failure({table, "LayerNormalization", 17, {x, floats_of({3}, {1, 1, 1})}}) == error_kind::invalid);
  CHECK(test::failure({table, "LayerNormalization", 17, {x, s}, {number("axis", 3)}}) == error_kind::invalid);
}

TEST_CASE("instances and groups have moments of their own") {
  auto const x = ramp({2, 4, 3}, 0.4f, -3), s = floats_of({4}, {1, 2, 3, 4}), b = floats_of({4}, {4, 3, 2, 1});
  for (std::int64_t const groups : {1, 2, 4}) {
    auto const y = groups == 4 ? run({table, "InstanceNormalization", 6, {x, s, b}})[0]
                               : run({table, "GroupNormalization", 21, {x, s, b}, {number("num_groups", groups)}})[0];
    auto const n = 12 / groups;
    for (std::int64_t g = 0; g < 2 * groups; ++g) {
      auto const [mean, variance] = moments_of(n, [&](std::int64_t i) { return x.as<float>()[g * n + i]; });
      for (std::int64_t i = 0; i < n; ++i) {
        auto const c = (g * n + i) / 3 % 4;
        CHECK(double(y.as<float>()[g * n + i]) ==
              doctest::Approx((double(x.as<float>()[g * n + i]) - mean) / std::sqrt(variance + 1e-5) *
                                  double(s.as<float>()[c]) +
                              double(b.as<float>()[c]))
                  .epsilon(1e-4));
      }
    }
  }
  auto const by_group = run({table,
                             "GroupNormalization",
                             18,
                             {x, floats_of({2}, {0, 0}), floats_of({2}, {5, 6})},
                             {number("num_groups", 2)}})[0];
  CHECK(by_group.as<float>()[0] == 5);
  CHECK(by_group.as<float>()[11] == 6);
  CHECK(test::failure({table, "GroupNormalization", 21, {x, s, b}, {number("num_groups", 3)}}) == error_kind::invalid);
  CHECK(test::failure({table, "GroupNormalization", 21, {x, s, b}}) == error_kind::invalid);
}

TEST_CASE("root mean squares, norms and local responses by hand") {
  CHECK(test::difference(run({table,
                              "RMSNormalization",
                              23,
                              {floats_of({1, 2}, {3, 4}), floats_of({2}, {1, 2})},
                              {real("epsilon", 0)}})[0],
                         {3 / std::sqrt(12.5f), 8 / std::sqrt(12.5f)}) < 1e-6);
  CHECK(test::difference(run({table, "LpNormalization", 1, {floats_of({2, 2}, {3, 0, 4, 0})}, {number("axis", 0)}})[0],
                         {0.6f, 0, 0.8f, 0}) < 1e-6);
  CHECK(test::difference(run({table, "LpNormalization", 1, {floats_of({1, 2}, {-1, 3})}, {number("p", 1)}})[0],
                         {-0.25f, 0.75f}) < 1e-6);
  CHECK(test::failure({table, "LpNormalization", 1, {floats_of({1}, {1})}, {number("p", 3)}}) == error_kind::invalid);
  // size 2: the channel itself and the one behind it
  auto const lrn = run({table,
                        "LRN",
                        13,
                        {floats_of({1, 3, 1}, {1, 2, 3})},
                        {number("size", 2), real("alpha", 2), real("beta", 1), real("bias", 1)}})[0];
  CHECK(test::difference(lrn, {1.0f / (1 + 1 + 4), 2.0f / (1 + 4 + 9), 3.0f / (1 + 9)}) < 1e-6);
  CHECK(test::failure({table, "LRN", 13, {floats_of({1, 1}, {1})}}) == error_kind::invalid);
  auto const mvn = run({table, "MeanVarianceNormalization", 13, {floats_of({2, 1, 1, 1}, {1, 3})}})[0];
  CHECK(test::difference(mvn, {-1, 1}) < 1e-6);
}
