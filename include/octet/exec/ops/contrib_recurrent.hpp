// DynamicQuantizeLSTM: an LSTM whose matrix products are of integers, quantized while it runs.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include <octet/exec/ops/integer.hpp>
#include <octet/exec/ops/quantize_linear.hpp>
#include <octet/exec/ops/recurrent.hpp>

namespace octet {
namespace detail {

/// One of W and R: [directions, rows, 4 · hidden], packed by direction, with scales and zero points.
struct quantized_gates {
  std::int64_t rows = 0, columns = 0;
  element type = element::u8;
  std::vector<right_8> packed{};

  quantized_gates(op_label const& who, tensor const& t, std::int64_t directions) {
    expect_8_bit(who, t, "W or R");
    if (t.rank() != 3 || t.dims()[0] != directions) who.invalid("weights of shape " + t.dims().text() + " do not fit");
    rows = t.dims()[1], columns = t.dims()[2], type = t.type();
    for (std::int64_t d = 0; d < directions; ++d) {
      packed.emplace_back();
      repack_right_8(packed.back(), type, {bytes_of(t, 1, 1).data + d * rows * columns, rows, columns}, false,
                     serial{});
    }
  }
};

/// y = dequantized(quantized(x) · weights) + bias for one direction.
struct quantized_projection {
  right_8 const& weights;
  std::vector<float> scales{};  ///< one, or one a column
  std::vector<std::int32_t> zeros{};

  static quantized_projection of(op_label const& who, call const& c, quantized_gates const& g, std::size_t at,
                                 std::int64_t d, std::int64_t directions) {
    auto const pick = [&](auto all) {
      auto const each = static_cast<std::int64_t>(all.size()) / directions;
      return decltype(all)(all.begin() + d * each, all.begin() + (d + 1) * each);
    };
    auto const n = directions * g.columns;
    auto const s = c.inputs[at].size() == directions ? scales_of(who, c.inputs[at], directions, "weights")
                                                     : scales_of(who, c.inputs[at], n, "weights");
    auto const& z = c.inputs[at + 1];
    auto const zeros = zero_points(who, &z, g.type, z.size() == directions ? directions : n, "weights");
    if (std::int64_t(s.size()) % directions != 0 || std::int64_t(zeros.size()) % directions != 0)
      who.invalid("scales or zero points do not fit the directions");
    return {g.packed[std::size_t(d)], pick(s), pick(zeros)};
  }
  void operator()(thread_pool& pool, float const* x, std::int64_t m, float const* bias, float* y) const {
    std::vector<std::uint8_t> q(static_cast<std::size_t>(m * weights.k));
    auto const g = dynamic_quantize(pool, std::span{x, q.size()}, std::span{q});
    auto const s = multipliers(g.scale, scales, 1.f, std::int64_t(scales.size()));
    right_zeros const z{zeros, g.zero_point, weights.n};
    product_8(pool, element::u8, matrix<std::uint8_t const>{q.data(), m, weights.k}, weights, z(0),
              kernels::to_float{
                  .c = matrix<float>{y, m, weights.n},
                  .scales = s,
                  .bias = bias == nullptr ? std::span<float const>{} : std::span{bias, std::size_t(weights.n)}});
  }
};

/// Epilogue of a step: y = (acc − zero · by_zero[j]) · (scale · scales[j]), where zero and scale are the step's.
struct step_output {
  static constexpr bool direct = false;
  matrix<float> c;
  std::int32_t const* by_zero;  ///< whole vectors, as `scales`
  float const* scales;
  std::int32_t zero;
  float scale;

  template <class Arch>
  OCTET_INLINE void apply(std::int32_t const* from, std::ptrdiff_t stride, std::ptrdiff_t i0, int rows,
                          std::ptrdiff_t j0, std::ptrdiff_t columns) const {
    using ints = xsimd::batch<std::int32_t, Arch>;
    using real = xsimd::batch<float, Arch>;
    constexpr auto lanes = static_cast<std::ptrdiff_t>(ints::size);
    for (std::ptrdiff_t j = 0; j < columns; j += lanes) {
      ints const less = ints(zero) * ints::load_unaligned(by_zero + j0 + j);
      real const factor = real(scale) * real::load_unaligned(scales + j0 + j);
      for (int i = 0; i < rows; ++i) {
        real const y = xsimd::to_float(ints::load_unaligned(from + i * stride + j) - less) * factor;
        float* const to = c.data + (i0 + i) * c.stride + j0 + j;
        if (columns - j >= lanes) {
          y.store_unaligned(to);
        } else {
          alignas(64) float t[lanes];
          y.store_unaligned(t);
          kernels::copy_part<sizeof t>(to, t, (columns - j) * std::ptrdiff_t{sizeof(float)});
        }
      }
    }
  }
};

/// The recurrent product of one direction, step after step: what does not depend on the state's grid is computed once.
class step_projection {
 public:
  explicit step_projection(quantized_projection const& p) : weights_{p.weights} {
    auto const n = weights_.panels() * panel_columns_8;
    by_zero_.resize(n), zeros_.resize(n), none_.resize(n), scales_.resize(n);
    by_zero_.clear(), zeros_.clear(), none_.clear(), scales_.clear();
    for (std::int64_t j = 0; j < weights_.n; ++j) {
      zeros_[j] = p.zeros[p.zeros.size() == 1 ? 0 : std::size_t(j)] - weights_.shift;
      by_zero_[j] = kernels::wrap(std::int64_t{weights_.sums[j]} - std::int64_t{weights_.k} * zeros_[j]);
      scales_[j] = p.scales[p.scales.size() == 1 ? 0 : std::size_t(j)];
      any_ |= zeros_[j] != 0;
    }
  }
  /// out[m, n] = dequantized(quantized(h) · R), with one grid for all of h.
  void operator()(thread_pool& pool, float const* h, std::int64_t m, float* out) {
    q_.resize(static_cast<std::size_t>(m * weights_.k)), sums_.resize(static_cast<std::size_t>(m));
    auto const g = dynamic_quantize(pool, std::span{h, q_.size()}, std::span{q_});
    for (std::int64_t i = 0; any_ && i < m; ++i)
      sums_[std::size_t(i)] = sum_of<dot_8>(q_.data() + i * weights_.k, weights_.k);
    left_source const left{reinterpret_cast<std::byte const*>(q_.data()), weights_.k, 4, weights_.k / 4,
                           static_cast<int>(weights_.k % 4)};
    start<std::int32_t> const s{none_.data(), any_ ? sums_.data() : nullptr, zeros_.data()};
    run_grid<dot_8>(
        left, m, weights_, s,
        step_output{matrix<float>{out, m, weights_.n}, by_zero_.data(), scales_.data(), g.zero_point, g.scale}, pool);
  }

 private:
  right_8 const& weights_;
  kernels::buffer<std::int32_t> by_zero_{}, zeros_{}, none_{};
  kernels::buffer<float> scales_{};
  std::vector<std::int32_t> sums_{};
  std::vector<std::uint8_t> q_{};
  bool any_ = false;
};

/// X, W, R, B, sequence_lens, initial_h, initial_c, P, W_scale, W_zero, R_scale, R_zero.
inline void run_quantized_lstm(op_label const& who, call& c, recurrent_attributes const& a, quantized_gates const& w,
                               quantized_gates const& r) {
  auto const dirs = static_cast<std::int64_t>(a.directions), n = r.rows, width = 4 * n;
  if (w.columns != width || r.columns != width) who.invalid("W and R do not fit");
  auto s = read_state(who, c, a, n, 2);
  if (s.input != w.rows) who.invalid("X has " + std::to_string(s.input) + " features and W " + std::to_string(w.rows));
  auto const bias = input_bias(who, c, a, 4, n);
  if (c.has(7)) expect_dims(who, c.inputs[7], {dirs, 3 * n}, "P");
  std::vector<float> y(static_cast<std::size_t>(s.steps * dirs * s.batch * n), 0.f),
      x(static_cast<std::size_t>(s.steps * s.batch * width));
  for (std::int64_t d = 0; d < dirs; ++d) {
    quantized_projection::of(who, c, w, 8, d, dirs)(c.pool, s.x.data(), s.steps * s.batch, bias.data() + d * width,
                                                    x.data());
    step_projection recur{quantized_projection::of(who, c, r, 10, d, dirs)};
    cell_parameters p{.batch = s.batch, .hidden = n, .clip = a.clip, .coupled = a.coupled};
    p.activations.assign(a.activations.begin() + d * 3, a.activations.begin() + (d + 1) * 3);
    if (c.has(7)) p.peepholes = c.inputs[7].as<float>().data() + d * 3 * n;
    p.recur = [&](float const* h, std::int64_t rows, std::int64_t, std::int64_t, float* out) {
      recur(c.pool, h, rows, out);
    };
    run_direction<lstm_cell>(p, a.reverse || d == 1, s.steps, s.lengths, x.data(), s.h.data() + d * s.batch * n,
                             s.c.data() + d * s.batch * n, [&](std::int64_t t, std::int64_t b, float const* h) {
                               std::copy_n(h, n, y.data() + ((t * dirs + d) * s.batch + b) * n);
                             });
  }
  write_state(c, a, s, y);
}

inline operation prepare_quantized_lstm(preparation const& p) {
  expect_inputs(p, 3, 12);
  op_label const who{p};
  for (std::size_t i = 8; i < 12; ++i)
    if (!p.has_input(i)) who.invalid("needs input " + std::to_string(i));
  recurrent_attributes const a{p, {"Sigmoid", "Tanh", "Tanh"}};
  std::shared_ptr<quantized_gates> w, r;
  auto const dirs = static_cast<std::int64_t>(a.directions);
  if (p.constant(1) != nullptr && p.constant(2) != nullptr)
    w = std::make_shared<quantized_gates>(who, *p.constant(1), dirs),
    r = std::make_shared<quantized_gates>(who, *p.constant(2), dirs);
  return [=](call& c) {
    if (w) return run_quantized_lstm(who, c, a, *w, *r);
    run_quantized_lstm(who, c, a, quantized_gates{who, c.inputs[1], dirs}, quantized_gates{who, c.inputs[2], dirs});
  };
}

}  // namespace detail

inline constexpr operator_entry contrib_recurrent_operators[] = {
    {"DynamicQuantizeLSTM", "com.microsoft", 1, &detail::prepare_quantized_lstm},
};

}  // namespace octet
