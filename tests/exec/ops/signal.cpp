// Spectra beside the definition, a sum over all places for each frequency, for lengths that go each of the three ways.
#include <octet/exec/ops/signal.hpp>

#include <algorithm>
#include <numbers>
#include <random>

#include "run_one.hpp"

using namespace octet;
using namespace octet::test;

namespace {
auto const& table = signal_operators;
attribute whole(std::string name, std::int64_t v) { return {.name = std::move(name), .value = v}; }

/// Σ x[i] · exp(∓2πi·ik/n) of real values.
std::complex<double> at_frequency(std::vector<float> const& x, std::int64_t n, std::int64_t k) {
  std::complex<double> s = 0;
  for (std::int64_t i = 0; i < std::min(n, std::int64_t(x.size())); ++i)
    s += double(x[std::size_t(i)]) * std::polar(1.0, -2 * std::numbers::pi * double(i * k % n) / double(n));
  return s;
}
std::vector<float> noise(std::size_t n) {
  std::mt19937 random{9};
  std::vector<float> x(n);
  for (auto& v : x) v = std::normal_distribution<float>()(random);
  return x;
}
}  // namespace

TEST_CASE("DFT of any length: halves, definition, chirps; one side; forth and back") {
  for (std::int64_t n : {1, 2, 3, 8, 12, 49, 64, 67, 134, 400, 1009}) {
    auto const x = noise(std::size_t(n));
    auto const y = run({.table = table, .op = "DFT", .inputs = {floats_of({1, n, 1}, x)}})[0];
    REQUIRE(y.dims() == shape{1, n, 2});
    double worst = 0;
    for (std::int64_t k = 0; k < n; ++k) {
      auto const want = at_frequency(x, n, k);
      worst = std::max({worst, std::fabs(y.as<float>()[std::size_t(2 * k)] - want.real()),
                        std::fabs(y.as<float>()[std::size_t(2 * k + 1)] - want.imag())});
    }
    CAPTURE(n);
    CHECK(worst < 2e-5 * std::sqrt(double(n)));
    auto const half = run(
        {.table = table, .op = "DFT", .inputs = {floats_of({1, n, 1}, x)}, .attributes = {whole("onesided", 1)}})[0];
    CHECK(half.dims() == shape{1, n / 2 + 1, 2});
    CHECK(half.as<float>()[0] == y.as<float>()[0]);
    auto const back = run({.table = table, .op = "DFT", .inputs = {y}, .attributes = {whole("inverse", 1)}})[0];
    for (std::size_t i = 0; i < x.size(); ++i) CHECK(std::fabs(back.as<float>()[2 * i] - x[i]) < 1e-4);
  }
}

TEST_CASE("DFT pads or cuts to a length, runs along any axis, and makes a real signal of half a spectrum") {
  auto const x = noise(12);
  auto const longer = run({.table = table, .op = "DFT", .inputs = {floats_of({1, 12, 1}, x), ints_of({}, {16})}})[0];
  CHECK(longer.dims() == shape{1, 16, 2});
  CHECK(std::fabs(longer.as<float>()[6] - at_frequency(x, 16, 3).real()) < 1e-4);
  // [4, 3, 1] along axis 0, by input as of opset 20: column 1
  auto const y =
      run({.table = table, .op = "DFT", .opset = 20, .inputs = {floats_of({4, 3, 1}, x), {}, ints_of({}, {0})}})[0];
  std::vector<float> const column{x[1], x[4], x[7], x[10]};
  CHECK(std::fabs(y.as<float>()[(2 * 3 + 1) * 2] - at_frequency(column, 4, 2).real()) < 1e-5);
  auto const half =
      run({.table = table, .op = "DFT", .inputs = {floats_of({1, 12, 1}, x)}, .attributes = {whole("onesided", 1)}})[0];
  auto const back = run(
      {.table = table, .op = "DFT", .inputs = {half}, .attributes = {whole("onesided", 1), whole("inverse", 1)}})[0];
  CHECK(back.dims() == shape{1, 12, 1});
  CHECK(difference(back, x) < 1e-5);
  CHECK(failure({.table = table, .op = "DFT", .inputs = {floats_of({1, 4, 3}, x)}}) == error_kind::invalid);
  CHECK(failure({.table = table, .op = "DFT", .inputs = {floats_of({1, 12, 1}, x), ints_of({}, {0})}}) ==
        error_kind::invalid);
}

TEST_CASE("STFT windows its frames") {
  auto const x = noise(20);
  std::vector<float> const window{0.5f, 1, 1, 0.25f, 0, 1};
  auto const y = run({.table = table,
                      .op = "STFT",
                      .inputs = {floats_of({1, 20, 1}, x), ints_of({}, {4}), floats_of({6}, window)}})[0];
  REQUIRE(y.dims() == shape{1, 4, 4, 2});
  for (std::int64_t frame = 0; frame < 4; ++frame) {
    std::vector<float> part(x.begin() + 4 * frame, x.begin() + 4 * frame + 6);
    for (std::size_t i = 0; i < 6; ++i) part[i] *= window[i];
    for (std::int64_t k = 0; k < 4; ++k)
      CHECK(std::fabs(y.as<float>()[std::size_t((frame * 4 + k) * 2 + 1)] - at_frequency(part, 6, k).imag()) < 1e-5);
  }
  auto const flat = run(
      {.table = table, .op = "STFT", .inputs = {floats_of({1, 20}, x), ints_of({}, {4}), floats_of({6}, window)}})[0];
  CHECK(std::ranges::equal(flat.bytes(), y.bytes()));
  auto const whole_spectrum = run({.table = table,
                                   .op = "STFT",
                                   .inputs = {floats_of({1, 20, 1}, x), ints_of({}, {5}), {}, ints_of({}, {10})},
                                   .attributes = {whole("onesided", 0)}})[0];
  CHECK(whole_spectrum.dims() == shape{1, 3, 10, 2});
  CHECK(failure({.table = table,
                 .op = "STFT",
                 .inputs = {floats_of({1, 20, 1}, x), ints_of({}, {5}), {}, ints_of({}, {21})}}) ==
        error_kind::invalid);
}

TEST_CASE("MelWeightMatrix: each band is a triangle with its top at 1") {
  auto const y = run({.table = table,
                      .op = "MelWeightMatrix",
                      .inputs = {ints_of({}, {8}), ints_of({}, {64}), ints_of({}, {8192}), tensor::scalar(0.f),
                                 tensor::scalar(4096.f)}})[0];
  REQUIRE(y.dims() == shape{33, 8});
  for (std::size_t band = 0; band < 8; ++band) {
    float most = 0;
    for (std::size_t i = 0; i < 33; ++i) {
      auto const v = y.as<float>()[i * 8 + band];
      CHECK(v >= 0);
      most = std::max(most, v);
    }
    CHECK(most == 1);
  }
  CHECK(failure({.table = table,
                 .op = "MelWeightMatrix",
                 .inputs = {ints_of({}, {8}), ints_of({}, {64}), ints_of({}, {8192}), tensor::scalar(0.f),
                            tensor::scalar(1e9f)}}) == error_kind::invalid);
}
