// One time step of LSTM, GRU and RNN for a whole batch, and the loop over the steps of one direction.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include <octet/exec/ops/recurrent_activation.hpp>

namespace octet::detail {

/// out[rows, n] = h[rows, hidden] · Rᵀ for `n` of R's rows from `first` on.
using recur_function =
    std::function<void(float const* h, std::int64_t rows, std::int64_t first, std::int64_t n, float* out)>;

/// What a cell may use besides its inputs; per direction.
struct cell_parameters {
  std::int64_t batch = 0, hidden = 0;
  float const* recurrent_bias = nullptr;  ///< the second half of B where a cell needs it apart, or null
  float const* peepholes = nullptr;       ///< [3, hidden]: input, output, forget
  float clip = 0;                         ///< 0: none
  bool coupled = false;                   ///< input_forget
  bool reset_after = false;               ///< linear_before_reset
  std::vector<gate_activation> activations{};
  recur_function recur{};
};

inline void clip_row(float* x, std::int64_t n, float limit) {
  if (limit > 0)
    for (std::int64_t i = 0; i < n; ++i) x[i] = std::clamp(x[i], -limit, limit);
}

/// A cell adds to `gates` (the input's part, with biases; rows of `gate count` · hidden) and updates h and c; rows
/// whose `active` is 0 stay as they are.
struct lstm_cell {
  static constexpr std::int64_t gates = 4;

  /// Whether `plain_row` is what the parameters ask for: sigmoid, tanh, tanh and nothing besides.
  static bool plain(cell_parameters const& p) {
    auto const& a = p.activations;
    return p.peepholes == nullptr && p.clip <= 0 && !p.coupled && a[0].apply == &gate_sigmoid &&
           a[1].apply == &gate_tanh && a[2].apply == &gate_tanh;
  }
  /// A row of the batch in one pass over its hidden elements.
  static void plain_row(std::int64_t n, float const* x, float const* recur, float* h, float* c) {
    auto const part = [&](std::int64_t k, std::int64_t m) {
      auto const load = [&](float const* p) { return m == float_lanes ? floats::load_unaligned(p) : load_part(p, m); };
      auto const store = [&](floats v, float* p) {
        if (m == float_lanes) v.store_unaligned(p);
        else store_part(v, p, m);
      };
      auto const gate = [&](std::int64_t g) { return load(x + g * n + k) + load(recur + g * n + k); };
      auto const open = [](floats v) { return floats(1.f) / (floats(1.f) + xsimd::exp(-v)); };  // sigmoid, inlined
      floats const i = open(gate(0)), o = open(gate(1)), f = open(gate(2)), g = xsimd::tanh(gate(3));
      floats const cell = f * load(c + k) + i * g;
      store(cell, c + k), store(o * xsimd::tanh(cell), h + k);
    };
    std::int64_t k = 0;
    for (; k + float_lanes <= n; k += float_lanes) part(k, float_lanes);
    if (k < n) part(k, n - k);
  }
  static void step(cell_parameters const& p, float* x, char const* active, float* h, float* c,
                   std::vector<float>& scratch) {
    auto const n = p.hidden;
    scratch.resize(static_cast<std::size_t>((p.batch + 1) * 4 * n));
    p.recur(h, p.batch, 0, 4 * n, scratch.data());
    bool const simple = plain(p);
    for (std::int64_t b = 0; b < p.batch; ++b) {
      if (active[b] == 0) continue;
      if (simple) {
        plain_row(n, x + b * 4 * n, scratch.data() + b * 4 * n, h + b * n, c + b * n);
        continue;
      }
      float *const i = x + b * 4 * n, *const o = i + n, *const f = o + n, *const g = f + n, *const cell = c + b * n;
      for (std::int64_t k = 0; k < 4 * n; ++k) i[k] += scratch[std::size_t(b * 4 * n + k)];
      if (p.peepholes != nullptr)
        for (std::int64_t k = 0; k < n; ++k) i[k] += p.peepholes[k] * cell[k], f[k] += p.peepholes[2 * n + k] * cell[k];
      clip_row(i, n, p.clip), clip_row(f, n, p.clip), clip_row(g, n, p.clip);
      p.activations[0](i, n), p.activations[1](g, n);
      if (p.coupled)
        for (std::int64_t k = 0; k < n; ++k) f[k] = 1 - i[k];
      else p.activations[0](f, n);
      for (std::int64_t k = 0; k < n; ++k) cell[k] = f[k] * cell[k] + i[k] * g[k];
      if (p.peepholes != nullptr)
        for (std::int64_t k = 0; k < n; ++k) o[k] += p.peepholes[n + k] * cell[k];
      clip_row(o, n, p.clip);
      p.activations[0](o, n);
      std::copy_n(cell, n, g);
      p.activations[2](g, n);
      for (std::int64_t k = 0; k < n; ++k) h[b * n + k] = o[k] * g[k];
    }
  }
};

struct gru_cell {
  static constexpr std::int64_t gates = 3;
  static void step(cell_parameters const& p, float* x, char const* active, float* h, float*,
                   std::vector<float>& scratch) {
    auto const n = p.hidden;
    scratch.resize(static_cast<std::size_t>(p.batch * 5 * n));
    float *const zr = scratch.data(), *const reset = zr + p.batch * 3 * n, *const hidden_part = reset + p.batch * n;
    p.recur(h, p.batch, 0, 2 * n, zr);
    for (std::int64_t b = 0; b < p.batch; ++b) {
      float *const z = x + b * 3 * n, *const r = z + n;
      for (std::int64_t k = 0; k < 2 * n; ++k) z[k] += zr[b * 2 * n + k];
      clip_row(z, 2 * n, p.clip);
      p.activations[0](z, n), p.activations[0](r, n);
      for (std::int64_t k = 0; k < n; ++k) reset[b * n + k] = r[k] * h[b * n + k];
    }
    p.recur(p.reset_after ? h : reset, p.batch, 2 * n, n, hidden_part);
    for (std::int64_t b = 0; b < p.batch; ++b) {
      if (active[b] == 0) continue;
      float *const z = x + b * 3 * n, *const r = z + n, *const g = r + n;
      for (std::int64_t k = 0; k < n; ++k) {
        float const part = hidden_part[b * n + k] + (p.recurrent_bias == nullptr ? 0.f : p.recurrent_bias[2 * n + k]);
        g[k] += p.reset_after ? r[k] * part : part;
      }
      clip_row(g, n, p.clip);
      p.activations[1](g, n);
      for (std::int64_t k = 0; k < n; ++k) h[b * n + k] = (1 - z[k]) * g[k] + z[k] * h[b * n + k];
    }
  }
};

struct rnn_cell {
  static constexpr std::int64_t gates = 1;
  static void step(cell_parameters const& p, float* x, char const* active, float* h, float*,
                   std::vector<float>& scratch) {
    auto const n = p.hidden;
    scratch.resize(static_cast<std::size_t>(p.batch * n));
    p.recur(h, p.batch, 0, n, scratch.data());
    for (std::int64_t b = 0; b < p.batch; ++b) {
      if (active[b] == 0) continue;
      float* const g = x + b * n;
      for (std::int64_t k = 0; k < n; ++k) g[k] += scratch[std::size_t(b * n + k)];
      clip_row(g, n, p.clip);
      p.activations[0](g, n);
      std::copy_n(g, n, h + b * n);
    }
  }
};

/// Runs one direction. `x` holds the input's part of the gates, [time, batch, gates · hidden]; h and c are [batch,
/// hidden] and end as the final states; put(time, batch row, h row) receives each new h.
template <class Cell, class Put>
void run_direction(cell_parameters const& p, bool reverse, std::int64_t steps, std::vector<std::int64_t> const& lengths,
                   float const* x, float* h, float* c, Put&& put) {
  auto const width = Cell::gates * p.hidden;
  if (p.batch == 0 || p.hidden == 0) return;  // however many steps an empty tensor claims to have
  std::vector<float> gates(static_cast<std::size_t>(p.batch * width)), scratch;
  std::vector<char> active(static_cast<std::size_t>(p.batch));
  for (std::int64_t s = 0; s < steps; ++s) {
    for (std::int64_t b = 0; b < p.batch; ++b) {
      auto const length = lengths[std::size_t(b)];
      active[std::size_t(b)] = s < length;
      auto const t = s >= length ? 0 : reverse ? length - 1 - s : s;
      std::copy_n(x + (t * p.batch + b) * width, width, gates.data() + b * width);
    }
    Cell::step(p, gates.data(), active.data(), h, c, scratch);
    for (std::int64_t b = 0; b < p.batch; ++b)
      if (active[std::size_t(b)] != 0) put(reverse ? lengths[std::size_t(b)] - 1 - s : s, b, h + b * p.hidden);
  }
}

}  // namespace octet::detail
