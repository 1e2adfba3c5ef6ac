#include "exec/ops/run_one.hpp"

#include <limits>

#include <octet/exec/ops/activation.hpp>

using namespace octet;
using octet::test::floats_of;
using octet::test::run;
using octet::test::values;

namespace {
std::span<operator_entry const> const table = activation_operators;
using f32 = std::vector<float>;
attribute with(std::string name, float v) { return {.name = std::move(name), .value = v}; }
}  // namespace

TEST_CASE("Clip has its bounds as attributes before opset 11, as inputs since, and the upper bound wins") {
  auto const x = floats_of({4}, {-2, 0, 2, NAN});
  CHECK(test::difference(run({table, "Clip", 6, {x}, {with("min", -1), with("max", 1)}})[0], {-1, 0, 1, NAN}) == 0);
  CHECK(test::difference(run({table, "Clip", 13, {x, floats_of({}, {-1}), floats_of({}, {1})}})[0], {-1, 0, 1, NAN}) ==
        0);
  CHECK(test::difference(run({table, "Clip", 13, {x, tensor{}, floats_of({}, {1})}})[0], {-2, 0, 1, NAN}) == 0);
  CHECK(test::difference(run({table, "Clip", 13, {x, floats_of({}, {3}), floats_of({}, {1})}})[0], {1, 1, 1, NAN}) ==
        0);
  auto const i = tensor::of<std::int8_t>({3}, {-100, 3, 100});
  CHECK(values<std::int8_t>(run({table, "Clip", 13, {i, tensor{}, tensor::of<std::int8_t>({}, {50})}})[0]) ==
        std::vector<std::int8_t>{-100, 3, 50});
  CHECK(test::failure({table, "Clip", 13, {x, tensor::of<double>({}, {0})}}) == error_kind::invalid);
  CHECK(test::failure({table, "Clip", 13, {x, floats_of({2}, {0, 1})}}) == error_kind::invalid);
}

TEST_CASE("piecewise activations by hand") {
  auto const x = floats_of({5}, {-4, -1, 0, 1, 4});
  CHECK(values<float>(run({table, "Relu", 14, {x}})[0]) == f32{0, 0, 0, 1, 4});
  CHECK(values<float>(run({table, "LeakyRelu", 16, {x}, {with("alpha", 0.5f)}})[0]) == f32{-2, -0.5f, 0, 1, 4});
  CHECK(values<float>(run({table, "HardSigmoid", 6, {x}, {with("alpha", 0.25f), with("beta", 0.5f)}})[0]) ==
        f32{0, 0.25f, 0.5f, 0.75f, 1});
  CHECK(test::difference(run({table, "HardSwish", 14, {x}})[0], {0, -1.0f / 3, 0, 2.0f / 3, 4}) < 1e-6);
  CHECK(values<float>(run({table, "ThresholdedRelu", 10, {x}, {with("alpha", 1)}})[0]) == f32{0, 0, 0, 0, 4});
  CHECK(values<float>(run({table, "Shrink", 9, {x}, {with("lambd", 1), with("bias", 0.5f)}})[0]) ==
        f32{-3.5f, 0, 0, 0, 3.5f});
  CHECK(values<float>(run({table, "Softsign", 1, {x}})[0]) == f32{-0.8f, -0.5f, 0, 0.5f, 0.8f});
  CHECK(values<std::int32_t>(run({table, "Relu", 14, {tensor::of<std::int32_t>({2}, {-3, 3})}})[0]) ==
        std::vector<std::int32_t>{0, 3});
}

TEST_CASE("smooth activations follow their formulas in float and double") {
  std::vector<double> x;
  for (double v = -12; v <= 12; v += 0.37) x.push_back(v);
  auto const n = std::int64_t(x.size());
  struct {
    char const* op;
    std::int64_t opset;
    double (*f)(double);
  } const all[] = {
      {"Elu", 6, [](double v) { return v < 0 ? std::exp(v) - 1 : v; }},
      {"Celu", 12, [](double v) { return std::max(v, 0.0) + std::min(0.0, std::exp(v) - 1); }},
      {"Selu", 6,
       [](double v) {
         return 1.05070102214813232421875 * (v > 0 ? v : 1.67326319217681884765625 * (std::exp(v) - 1));
       }},
      {"Sigmoid", 13, [](double v) { return 1 / (1 + std::exp(-v)); }},
      {"Softplus", 1, [](double v) { return std::log(1 + std::exp(v)); }},
      {"Mish", 18, [](double v) { return v * std::tanh(std::log(1 + std::exp(v))); }},
      {"Swish", 24, [](double v) { return v / (1 + std::exp(-v)); }},
      {"Gelu", 20, [](double v) { return v / 2 * (1 + std::erf(v / std::sqrt(2.0))); }},
      {"Tanh", 13, [](double v) { return std::tanh(v); }},
  };
  for (auto const& a : all) {
    CAPTURE(a.op);
    auto const narrow = run({table, a.op, a.opset, {floats_of({n}, {x.begin(), x.end()})}})[0];
    auto const wide = run({table, a.op, a.opset, {tensor::of<double>({n}, x)}})[0];
    for (std::size_t i = 0; i < x.size(); ++i) {
      CHECK(std::fabs(wide.as<double>()[i] - a.f(x[i])) < 1e-12 * std::max(1.0, std::fabs(x[i])));
      CHECK(std::fabs(double(narrow.as<float>()[i]) - a.f(double(float(x[i])))) <
            2e-6 * std::max(1.0, std::fabs(x[i])));
    }
  }
}

TEST_CASE("an unknown approximation of Gelu is refused") {
  attribute const how{.name = "approximate", .value = std::string{"sigmoid"}};
  CHECK(test::failure({table, "Gelu", 20, {floats_of({1}, {1})}, {how}}) == error_kind::invalid);
}
