// LSTM, GRU and RNN as operators: layouts, directions, states, and the scalar definition for a random LSTM.
#include <octet/exec/ops/recurrent.hpp>

#include <random>

#include "run_one.hpp"

using namespace octet;
using namespace octet::test;

namespace {
std::mt19937 generator{11};
tensor random(shape dims) {
  std::normal_distribution<float> normal{0, 0.5f};
  std::vector<float> v(static_cast<std::size_t>(dims.size()));
  for (auto& x : v) x = normal(generator);
  return floats_of(std::move(dims), v);
}
double s(double x) { return 1 / (1 + std::exp(-x)); }
}  // namespace

TEST_CASE("LSTM against its definition, both directions, constant weights or not") {
  std::size_t const steps = 4, batch = 2, in = 3, n = 5;
  auto const x = random({4, 2, 3}), w = random({2, 20, 3}), r = random({2, 20, 5}), b = random({2, 40}),
             h0 = random({2, 2, 5}), c0 = random({2, 2, 5});
  std::vector<float> want(steps * 2 * batch * n);
  for (std::size_t d = 0; d < 2; ++d)
    for (std::size_t m = 0; m < batch; ++m) {
      std::vector<double> h(n), c(n);
      for (std::size_t k = 0; k < n; ++k)
        h[k] = double(h0.as<float>()[(d * batch + m) * n + k]), c[k] = double(c0.as<float>()[(d * batch + m) * n + k]);
      for (std::size_t step = 0; step < steps; ++step) {
        auto const t = d == 0 ? step : steps - 1 - step;
        std::vector<double> g(4 * n);
        for (std::size_t k = 0; k < 4 * n; ++k) {
          g[k] = double(b.as<float>()[d * 8 * n + k]) + double(b.as<float>()[d * 8 * n + 4 * n + k]);
          for (std::size_t i = 0; i < in; ++i)
            g[k] += double(w.as<float>()[(d * 4 * n + k) * in + i]) * double(x.as<float>()[(t * batch + m) * in + i]);
          for (std::size_t i = 0; i < n; ++i) g[k] += double(r.as<float>()[(d * 4 * n + k) * n + i]) * h[i];
        }
        for (std::size_t k = 0; k < n; ++k) {
          c[k] = s(g[2 * n + k]) * c[k] + s(g[k]) * std::tanh(g[3 * n + k]);
          h[k] = s(g[n + k]) * std::tanh(c[k]);
          want[((t * 2 + d) * batch + m) * n + k] = static_cast<float>(h[k]);
        }
      }
    }
  for (bool constants : {false, true}) {
    auto const y = run({.table = recurrent_operators,
                        .op = "LSTM",
                        .opset = 14,
                        .inputs = {x, w, r, b, {}, h0, c0},
                        .attributes = {{.name = "direction", .value = std::string{"bidirectional"}},
                                       {.name = "hidden_size", .value = std::int64_t{5}}},
                        .outputs = 3,
                        .constants = constants});
    CHECK(y[0].dims() == shape{4, 2, 2, 5});
    CHECK(difference(y[0], want) < 1e-5);
    CHECK(y[1].dims() == shape{2, 2, 5});
    CHECK(y[1].as<float>()[0] == y[0].as<float>()[3 * 20]);
    CHECK(y[1].as<float>()[10] == y[0].as<float>()[10]);
  }
}

TEST_CASE("layout 1 has the batch first, in inputs, states and outputs") {
  auto const x = random({3, 2, 4});
  auto const w = random({1, 6, 4}), r = random({1, 6, 2});
  std::vector<float> turned;
  for (std::size_t m = 0; m < 2; ++m)
    for (std::size_t t = 0; t < 3; ++t)
      for (std::size_t i = 0; i < 4; ++i) turned.push_back(x.as<float>()[(t * 2 + m) * 4 + i]);
  auto const a = run({.table = recurrent_operators, .op = "GRU", .opset = 14, .inputs = {x, w, r}, .outputs = 2});
  auto const b = run({.table = recurrent_operators,
                      .op = "GRU",
                      .opset = 14,
                      .inputs = {floats_of({2, 3, 4}, turned), w, r},
                      .attributes = {{.name = "layout", .value = std::int64_t{1}}},
                      .outputs = 2});
  CHECK(b[0].dims() == shape{2, 3, 1, 2});
  CHECK(b[1].dims() == shape{2, 1, 2});
  for (std::size_t t = 0; t < 3; ++t)
    for (std::size_t m = 0; m < 2; ++m)
      for (std::size_t k = 0; k < 2; ++k)
        CHECK(a[0].as<float>()[(t * 2 + m) * 2 + k] == b[0].as<float>()[(m * 3 + t) * 2 + k]);
}

TEST_CASE("steps behind the end of a sequence are zero") {
  auto const y = run(
      {.table = recurrent_operators,
       .op = "RNN",
       .opset = 14,
       .inputs = {random({3, 2, 1}), random({1, 1, 1}), random({1, 1, 1}), {}, tensor::of<std::int32_t>({2}, {3, 1})},
       .outputs = 2});
  CHECK(y[0].as<float>()[3] == 0);
  CHECK(y[0].as<float>()[5] == 0);
  CHECK(y[1].as<float>()[1] == y[0].as<float>()[1]);
}

TEST_CASE("operands that do not fit are refused") {
  auto const x = random({2, 1, 3}), w = random({1, 8, 3}), r = random({1, 8, 2});
  CHECK(failure({.table = recurrent_operators, .op = "LSTM", .opset = 14, .inputs = {random({2, 1, 4}), w, r}}) ==
        error_kind::invalid);
  CHECK(failure({.table = recurrent_operators, .op = "LSTM", .opset = 14, .inputs = {x, random({1, 7, 3}), r}}) ==
        error_kind::invalid);
  CHECK(failure({.table = recurrent_operators, .op = "LSTM", .opset = 14, .inputs = {x, w, r, random({1, 15})}}) ==
        error_kind::invalid);
  CHECK(failure({.table = recurrent_operators,
                 .op = "LSTM",
                 .opset = 14,
                 .inputs = {x, w, r, {}, tensor::of<std::int32_t>({1}, {3})}}) == error_kind::invalid);
  CHECK(failure({.table = recurrent_operators,
                 .op = "LSTM",
                 .opset = 14,
                 .inputs = {x, w, r},
                 .attributes = {{.name = "direction", .value = std::string{"up"}}}}) == error_kind::invalid);
}
