// Recurrent operators of the executor: LSTM, GRU and RNN in float.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <octet/exec/ops/gemm.hpp>
#include <octet/exec/ops/half.hpp>
#include <octet/exec/ops/recurrent_cell.hpp>

namespace octet {
namespace detail {

/// Attributes of a recurrent node.
struct recurrent_attributes {
  std::size_t directions = 1;
  bool reverse = false;      ///< of the first direction
  bool batch_first = false;  ///< layout 1
  float clip = 0;
  bool coupled = false, reset_after = false;
  std::vector<gate_activation> activations{};

  recurrent_attributes(preparation const& p, std::vector<std::string> const& defaults) {
    auto const direction = p.get("direction", std::string{"forward"});
    if (direction != "forward" && direction != "reverse" && direction != "bidirectional")
      op_label{p}.invalid("direction '" + direction + "' is unknown");
    directions = direction == "bidirectional" ? 2 : 1;
    reverse = direction == "reverse";
    batch_first = p.get("layout", std::int64_t{0}) != 0;
    clip = p.get("clip", 0.f);
    coupled = p.get("input_forget", std::int64_t{0}) != 0;
    reset_after = p.get("linear_before_reset", std::int64_t{0}) != 0;
    activations = gate_activations(p, directions, defaults);
  }
};

/// Dimensions of one evaluation, and the states with the time axis first.
struct recurrent_state {
  std::int64_t steps = 0, batch = 0, input = 0, hidden = 0;
  std::vector<std::int64_t> lengths{};
  std::vector<float> x{};       ///< [steps, batch, input]
  std::vector<float> h{}, c{};  ///< [directions, batch, hidden]
};

inline void expect_dims(op_label const& who, tensor const& t, shape const& dims, char const* what) {
  if (t.dims() != dims) who.invalid(std::string{what} + " has shape " + t.dims().text() + " instead of " + dims.text());
}

/// [a, b, n] as [b, a, n].
inline std::vector<float> swap_outer(std::span<float const> x, std::int64_t a, std::int64_t b, std::int64_t n) {
  std::vector<float> r(x.size());
  for (std::int64_t i = 0; i < a; ++i)
    for (std::int64_t j = 0; j < b; ++j) std::copy_n(x.data() + (i * b + j) * n, n, r.data() + (j * a + i) * n);
  return r;
}

inline std::vector<float> initial_state(op_label const& who, call& call_, std::size_t i, recurrent_attributes const& a,
                                        recurrent_state const& s) {
  auto const dirs = static_cast<std::int64_t>(a.directions);
  std::vector<float> r(static_cast<std::size_t>(dirs * s.batch * s.hidden), 0.f);
  if (!call_.has(i)) return r;
  auto const& t = call_.inputs[i];
  expect_dims(who, t, a.batch_first ? shape{s.batch, dirs, s.hidden} : shape{dirs, s.batch, s.hidden},
              "an initial state");
  auto const v = t.as<float>();
  if (a.batch_first) return swap_outer(v, s.batch, dirs, s.hidden);
  return {v.begin(), v.end()};
}

/// Reads X, the lengths and the initial states (`states` = 1: h only).
inline recurrent_state read_state(op_label const& who, call& c, recurrent_attributes const& a, std::int64_t hidden,
                                  std::size_t states) {
  auto const& x = c.inputs[0];
  if (x.rank() != 3) who.invalid("X has shape " + x.dims().text() + " instead of three dimensions");
  recurrent_state s{
      .steps = x.dims()[a.batch_first], .batch = x.dims()[!a.batch_first], .input = x.dims()[2], .hidden = hidden};
  auto const v = x.as<float>();
  s.x = a.batch_first ? swap_outer(v, s.batch, s.steps, s.input) : std::vector<float>(v.begin(), v.end());
  s.lengths.assign(static_cast<std::size_t>(s.batch), s.steps);
  if (c.has(4)) {
    expect_dims(who, c.inputs[4], {s.batch}, "sequence_lens");
    auto const n = c.inputs[4].as<std::int32_t>();
    for (std::size_t b = 0; b < n.size(); ++b) {
      if (n[b] < 0 || n[b] > s.steps)
        who.invalid("a sequence length of " + std::to_string(n[b]) + " does not fit " + std::to_string(s.steps) +
                    " steps");
      s.lengths[b] = n[b];
    }
  }
  s.h = initial_state(who, c, 5, a, s);
  if (states > 1) s.c = initial_state(who, c, 6, a, s);
  return s;
}

/// Writes Y (time-major, [steps, directions, batch, hidden] as `y`) and the final states in the node's layout.
inline void write_state(call& c, recurrent_attributes const& a, recurrent_state const& s, std::vector<float> const& y) {
  auto const dirs = static_cast<std::int64_t>(a.directions), n = s.hidden;
  if (c.outputs.size() > 0) {
    auto& out =
        c.make(0, element::f32, a.batch_first ? shape{s.batch, s.steps, dirs, n} : shape{s.steps, dirs, s.batch, n});
    auto const turned = a.batch_first ? swap_outer(y, s.steps * dirs, s.batch, n) : std::vector<float>{};
    auto const& from = a.batch_first ? turned : y;
    std::copy(from.begin(), from.end(), out.mutable_as<float>().begin());
  }
  std::vector<float> const* const states[] = {&s.h, &s.c};
  for (std::size_t i = 1; i < std::min<std::size_t>(c.outputs.size(), 3); ++i) {
    auto& out = c.make(i, element::f32, a.batch_first ? shape{s.batch, dirs, n} : shape{dirs, s.batch, n});
    auto const from = a.batch_first ? swap_outer(*states[i - 1], dirs, s.batch, n) : *states[i - 1];
    std::copy(from.begin(), from.end(), out.mutable_as<float>().begin());
  }
}

/// W and R of each direction, packed.
struct recurrent_weights {
  std::int64_t input = 0, hidden = 0;
  std::vector<right_f32> w{}, r{}, r_last{};  ///< r_last: the last gate of R alone (GRU)

  recurrent_weights(op_label const& who, recurrent_attributes const& a, std::int64_t gates, tensor const& tw,
                    tensor const& tr) {
    auto const dirs = static_cast<std::int64_t>(a.directions);
    if (tw.rank() != 3 || tr.rank() != 3) who.invalid("W and R must have three dimensions");
    input = tw.dims()[2], hidden = tr.dims()[2];
    expect_dims(who, tw, {dirs, gates * hidden, input}, "W"), expect_dims(who, tr, {dirs, gates * hidden, hidden}, "R");
    for (std::int64_t d = 0; d < dirs; ++d) {
      auto const *pw = tw.as<float>().data() + d * gates * hidden * input,
                 *pr = tr.as<float>().data() + d * gates * hidden * hidden;
      w.push_back(pack_right(pw, input, gates * hidden, 1, input));
      auto const split = gates == 3 ? 2 * hidden : gates * hidden;
      r.push_back(pack_right(pr, hidden, split, 1, hidden));
      if (gates == 3) r_last.push_back(pack_right(pr + split * hidden, hidden, hidden, 1, hidden));
    }
  }
};

/// The bias of the input's part: Wb + Rb, except that a GRU's hidden gate keeps Rb apart.
inline std::vector<float> input_bias(op_label const& who, call& c, recurrent_attributes const& a, std::int64_t gates,
                                     std::int64_t hidden) {
  auto const dirs = static_cast<std::int64_t>(a.directions), n = gates * hidden;
  std::vector<float> r(static_cast<std::size_t>(dirs * n), 0.f);
  if (!c.has(3)) return r;
  expect_dims(who, c.inputs[3], {dirs, 2 * n}, "B");
  auto const b = c.inputs[3].as<float>();
  for (std::int64_t d = 0; d < dirs; ++d)
    for (std::int64_t i = 0; i < n; ++i) {
      bool const apart = gates == 3 && i >= 2 * hidden;
      r[std::size_t(d * n + i)] = b[std::size_t(d * 2 * n + i)] + (apart ? 0.f : b[std::size_t(d * 2 * n + n + i)]);
    }
  return r;
}

template <class Cell>
void run_recurrent(op_label const& who, call& c, recurrent_attributes const& a, recurrent_weights const& weights) {
  constexpr auto gates = Cell::gates;
  auto s = read_state(who, c, a, weights.hidden, gates == 4 ? 2 : 1);
  auto const dirs = static_cast<std::int64_t>(a.directions), n = s.hidden, width = gates * n;
  if (s.input != weights.input)
    who.invalid("X has " + std::to_string(s.input) + " features and W " + std::to_string(weights.input));
  auto const bias = input_bias(who, c, a, gates, n);
  if (gates == 4 && c.has(7)) expect_dims(who, c.inputs[7], {dirs, 3 * n}, "P");
  std::vector<float> y(static_cast<std::size_t>(s.steps * dirs * s.batch * n), 0.f),
      x(static_cast<std::size_t>(s.steps * s.batch * width));
  for (std::int64_t d = 0; d < dirs; ++d) {
    auto const i = static_cast<std::size_t>(d);
    product(c.pool, matrix<float const>{s.x.data(), s.steps * s.batch, s.input}, weights.w[i], bias.data() + d * width,
            matrix<float>{x.data(), s.steps * s.batch, width});
    cell_parameters p{
        .batch = s.batch, .hidden = n, .clip = a.clip, .coupled = a.coupled, .reset_after = a.reset_after};
    auto const each = static_cast<std::ptrdiff_t>(a.activations.size() / a.directions);
    p.activations.assign(a.activations.begin() + d * each, a.activations.begin() + (d + 1) * each);
    if (c.has(3)) p.recurrent_bias = c.inputs[3].as<float>().data() + d * 2 * width + width;
    if (gates == 4 && c.has(7)) p.peepholes = c.inputs[7].as<float>().data() + d * 3 * n;
    p.recur = [&](float const* h, std::int64_t rows, std::int64_t first, std::int64_t count, float* out) {
      product(c.pool, matrix<float const>{h, rows, n}, first == 0 ? weights.r[i] : weights.r_last[i], nullptr,
              matrix<float>{out, rows, count});
    };
    float* const cells = s.c.empty() ? nullptr : s.c.data() + d * s.batch * n;
    run_direction<Cell>(p, a.reverse || d == 1, s.steps, s.lengths, x.data(), s.h.data() + d * s.batch * n, cells,
                        [&](std::int64_t t, std::int64_t b, float const* h) {
                          std::copy_n(h, n, y.data() + ((t * dirs + d) * s.batch + b) * n);
                        });
  }
  write_state(c, a, s, y);
}

template <class Cell>
operation prepare_recurrent(preparation const& p) {
  expect_inputs(p, 3, 8);
  op_label const who{p};
  std::vector<std::string> const defaults = Cell::gates == 4   ? std::vector<std::string>{"Sigmoid", "Tanh", "Tanh"}
                                            : Cell::gates == 3 ? std::vector<std::string>{"Sigmoid", "Tanh"}
                                                               : std::vector<std::string>{"Tanh"};
  recurrent_attributes const a{p, defaults};
  std::shared_ptr<recurrent_weights> packed;
  if (p.constant(1) != nullptr && p.constant(2) != nullptr)
    packed = std::make_shared<recurrent_weights>(who, a, Cell::gates, *p.constant(1), *p.constant(2));
  return [=](call& c) {
    if (packed) return run_recurrent<Cell>(who, c, a, *packed);
    run_recurrent<Cell>(who, c, a, recurrent_weights{who, a, Cell::gates, c.inputs[1], c.inputs[2]});
  };
}

}  // namespace detail

inline constexpr operator_entry recurrent_operators[] = {
    {"LSTM", "", 7, &detail::prepare_as_float<&detail::prepare_recurrent<detail::lstm_cell>>},
    {"GRU", "", 7, &detail::prepare_as_float<&detail::prepare_recurrent<detail::gru_cell>>},
    {"RNN", "", 7, &detail::prepare_as_float<&detail::prepare_recurrent<detail::rnn_cell>>},
};

}  // namespace octet
