// One step of each cell on a single unit, by hand; rows that are over stay as they are.
#include <octet/exec/ops/recurrent_cell.hpp>

#include <doctest/doctest.h>

using namespace octet::detail;

namespace {
gate_activation same() {
  return {[](float*, std::int64_t, float, float) {}, 0, 0};
}
/// One unit; R is the identity for every gate, activations do nothing.
cell_parameters one_unit(std::int64_t batch) {
  cell_parameters p{.batch = batch, .hidden = 1};
  p.activations = {same(), same(), same()};
  p.recur = [](float const* h, std::int64_t rows, std::int64_t, std::int64_t n, float* out) {
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t i = 0; i < n; ++i) out[r * n + i] = h[r];
  };
  return p;
}
}  // namespace

TEST_CASE("LSTM: c = f·c + i·g, h = o·c, gates in the order i o f g") {
  auto p = one_unit(2);
  float x[8] = {1, 2, 3, 4, 9, 9, 9, 9}, h[2] = {10, 5}, c[2] = {100, 7};
  char const active[2] = {1, 0};
  std::vector<float> scratch;
  lstm_cell::step(p, x, active, h, c, scratch);
  CHECK(c[0] == 13 * 100 + 11 * 14);
  CHECK(h[0] == 12 * c[0]);
  CHECK(c[1] == 7);
  CHECK(h[1] == 5);
}

TEST_CASE("LSTM: peepholes read c before and after, coupled gates forget what they take, clip bounds the gates") {
  auto p = one_unit(1);
  float const peepholes[3] = {1, 2, 3};
  p.peepholes = peepholes;
  float x[4] = {1, 0, 2, 1}, h[1] = {0}, c[1] = {2};
  char const active[1] = {1};
  std::vector<float> scratch;
  lstm_cell::step(p, x, active, h, c, scratch);
  CHECK(c[0] == (2 + 3 * 2) * 2 + (1 + 2) * 1);
  CHECK(h[0] == 2 * c[0] * c[0]);
  auto q = one_unit(1);
  q.coupled = true, q.clip = 2;
  float y[4] = {5, 1, 0, 3}, d[1] = {1}, g[1] = {0};
  lstm_cell::step(q, y, active, g, d, scratch);
  CHECK(d[0] == (1 - 2) * 1 + 2 * 2);
}

TEST_CASE("GRU: the reset gate before or after the recurrent product") {
  char const active[1] = {1};
  std::vector<float> scratch;
  float const bias[3] = {0, 0, 5};
  for (bool after : {false, true}) {
    auto p = one_unit(1);
    p.reset_after = after, p.recurrent_bias = bias;
    float x[3] = {-9.5f, -8, 1}, h[1] = {10};
    gru_cell::step(p, x, active, h, nullptr, scratch);
    float const z = 0.5f, r = 2, n = after ? 1 + r * (10 + 5) : 1 + r * 10 + 5;
    CHECK(h[0] == (1 - z) * n + z * 10);
  }
}

TEST_CASE("RNN, forwards and backwards over sequences of different length") {
  auto p = one_unit(2);
  float const x[6] = {1, 10, 2, 20, 4, 40};  // [time, batch]
  for (bool reverse : {false, true}) {
    float h[2] = {0, 0};
    std::vector<float> y(6, -1);
    run_direction<rnn_cell>(p, reverse, 3, {3, 2}, x, h, nullptr,
                            [&](std::int64_t t, std::int64_t b, float const* v) { y[std::size_t(t * 2 + b)] = *v; });
    CHECK(h[0] == 7);
    CHECK(h[1] == 30);
    CHECK(y == (reverse ? std::vector<float>{7, 30, 6, 20, 4, -1} : std::vector<float>{1, 10, 3, 30, 7, -1}));
  }
}
