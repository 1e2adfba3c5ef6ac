#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include <octet/exec/ops/math.hpp>

using namespace octet::detail;

namespace {
/// Largest error of f in units of the last place of g's result, over [low, high].
template <class F, class G>
double error_in_ulp(float low, float high, F const& f, G const& g) {
  constexpr int steps = 200000;
  double worst = 0;
  float x[floats::size], y[floats::size];
  for (int k = 0; k < steps; k += int(floats::size)) {
    for (int i = 0; i < int(floats::size); ++i) x[i] = low + (high - low) * (float(k + i) / steps);
    floats(f(floats::load_unaligned(x))).store_unaligned(y);
    for (int i = 0; i < int(floats::size); ++i) {
      double const want = g(double(x[i]));
      double const unit =
          std::max(double(std::nextafter(std::fabs(float(want)), INFINITY)) - double(std::fabs(float(want))), 0x1p-149);
      worst = std::max(worst, std::fabs(double(y[i]) - want) / unit);
    }
  }
  return worst;
}
float one(floats v) {
  float some[floats::size];
  v.store_unaligned(some);
  return some[0];
}
}  // namespace

TEST_CASE("batches of floats are within three units in the last place") {
  CHECK(error_in_ulp(-80, 88, exp_op{}, [](double x) { return std::exp(x); }) < 2);
  CHECK(error_in_ulp(1e-6f, 50, log_op{}, [](double x) { return std::log(x); }) < 2);
  CHECK(error_in_ulp(-10, 10, tanh_op{}, [](double x) { return std::tanh(x); }) < 3);
  CHECK(error_in_ulp(-4, 4, erf_op{}, [](double x) { return std::erf(x); }) < 3);
  CHECK(error_in_ulp(-50, 50, sin_op{}, [](double x) { return std::sin(x); }) < 3);
  CHECK(error_in_ulp(-50, 50, cos_op{}, [](double x) { return std::cos(x); }) < 3);
  CHECK(error_in_ulp(-40, 40, sigmoid_op{}, [](double x) { return 1 / (1 + std::exp(-x)); }) < 5);
  CHECK(error_in_ulp(-40, 40, softplus_op{}, [](double x) { return std::log1p(std::exp(x)); }) < 5);
}

TEST_CASE("GELU is right to 1e-6 in both forms") {
  for (float x = -9; x < 9; x += 0.013f) {
    double const d = double(x);
    CHECK(std::fabs(double(one(gelu(floats(x)))) - 0.5 * d * (1 + std::erf(d / std::sqrt(2.0)))) < 1e-6);
    double const inner = std::sqrt(2 / std::acos(-1.0)) * (d + 0.044715 * d * d * d);
    CHECK(std::fabs(double(one(gelu_by_tanh(floats(x)))) - 0.5 * d * (1 + std::tanh(inner))) < 1e-6);
  }
}

TEST_CASE("the ends of the number line stay where they belong") {
  float const infinity = std::numeric_limits<float>::infinity();
  CHECK(one(exp_op{}(floats(-infinity))) == 0);
  CHECK(one(exp_op{}(floats(infinity))) == infinity);
  CHECK(one(sigmoid(floats(-infinity))) == 0);
  CHECK(one(sigmoid(floats(infinity))) == 1);
  CHECK(one(softplus(floats(infinity))) == infinity);
  CHECK(one(softplus(floats(-infinity))) == 0);
  CHECK(one(tanh_op{}(floats(-infinity))) == -1);
  CHECK(std::isnan(one(exp_op{}(floats(NAN)))));
}
