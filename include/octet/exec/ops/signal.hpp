// Spectra of signals: DFT, STFT, and the matrix that turns a spectrum into mel bands.
#pragma once

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <numbers>
#include <vector>

#include <octet/exec/ops/arguments.hpp>
#include <octet/exec/ops/cast.hpp>
#include <octet/exec/ops/half.hpp>

namespace octet::detail {

using complexes = std::vector<std::complex<double>>;

/// Discrete Fourier transform of n values, in double: by halves while n is even, by definition what is left where
/// that is short, else as a convolution with chirps of a power of two (Bluestein).
class fourier {
 public:
  fourier(std::int64_t n, bool inverse) : n_{n}, sign_{inverse ? 1.0 : -1.0} {
    roots_.resize(static_cast<std::size_t>(n));
    for (std::int64_t i = 0; i < n; ++i) roots_[std::size_t(i)] = root(i, n);
    auto odd = n;
    while (odd > 1 && odd % 2 == 0) odd /= 2;
    if (odd > 64) make_chirp();
  }
  void operator()(complexes& x) const {
    if (!chirp_.empty()) return by_chirp(x);
    complexes y(x.size());
    transform(x.data(), 1, y.data(), n_);
    x.swap(y);
  }

 private:
  std::complex<double> root(std::int64_t i, std::int64_t n) const {
    return std::polar(1.0, sign_ * 2 * std::numbers::pi * double(i) / double(n));
  }
  void transform(std::complex<double> const* x, std::int64_t step, std::complex<double>* y, std::int64_t n) const {
    auto const of = [&](std::int64_t i, std::int64_t m) { return roots_[std::size_t(i % m * (n_ / m))]; };
    if (n % 2 != 0) {
      for (std::int64_t k = 0; k < n; ++k) {
        std::complex<double> sum = 0;
        for (std::int64_t i = 0; i < n; ++i) sum += x[i * step] * of(i * k, n);
        y[k] = sum;
      }
      return;
    }
    auto const half = n / 2;
    transform(x, 2 * step, y, half), transform(x + step, 2 * step, y + half, half);
    for (std::int64_t k = 0; k < half; ++k) {
      auto const even = y[k], odd = y[k + half] * of(k, n);
      y[k] = even + odd, y[k + half] = even - odd;
    }
  }
  /// exp(±πi·k²/n): k² is reduced modulo 2n, so that the angle stays exact.
  std::complex<double> chirp(std::int64_t k) const { return root(k * k % (2 * n_), 2 * n_); }
  void make_chirp() {
    std::int64_t m = 1;
    while (m < 2 * n_) m *= 2;
    chirp_.assign(static_cast<std::size_t>(m), 0);
    for (std::int64_t k = 0; k < n_; ++k)
      chirp_[std::size_t(k)] = chirp_[std::size_t((m - k) % m)] = std::conj(chirp(k));
    helpers_.emplace_back(m, false), helpers_.emplace_back(m, true);
    helpers_[0](chirp_);
  }
  void by_chirp(complexes& x) const {
    complexes y(chirp_.size());
    for (std::int64_t k = 0; k < n_; ++k) y[std::size_t(k)] = x[std::size_t(k)] * chirp(k);
    helpers_[0](y);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] *= chirp_[i];
    helpers_[1](y);
    for (std::int64_t k = 0; k < n_; ++k) x[std::size_t(k)] = y[std::size_t(k)] / double(y.size()) * chirp(k);
  }

  std::int64_t n_;
  double sign_;
  complexes roots_{}, chirp_{};     ///< chirp_: transformed; empty when it is not used
  std::vector<fourier> helpers_{};  ///< of chirp_'s length, forth and back
};

/// Signals longer than this are refused: their tables would be a way to exhaust memory.
inline constexpr std::int64_t longest_signal = std::int64_t{1} << 22;

/// input [.., n, .., 1 or 2], dft_length, axis (attribute before opset 20).
inline void dft(op_label const& who, call& c, std::int64_t axis_attribute, bool inverse, bool onesided) {
  auto const x = c.inputs[0];
  auto const& d = x.dims();
  auto const rank = d.rank();
  if (rank < 2 || (d[rank - 1] != 1 && d[rank - 1] != 2)) who.invalid("an input of shape " + d.text());
  auto const axis = axis_of(who, c.has(2) ? integer_of(who, c.inputs[2]) : axis_attribute, rank);
  if (axis + 1 == rank) who.invalid("the last axis holds real and imaginary parts");
  bool const real_output = inverse && onesided;  // from half of a symmetric spectrum
  auto const parts = d[rank - 1], given = d[axis];
  auto const n = c.has(1) ? integer_of(who, c.inputs[1]) : real_output ? 2 * (given - 1) : given;
  if (n < 1 || n > longest_signal) who.invalid("a length of " + std::to_string(n));
  auto out = d;
  out[axis] = onesided && !inverse ? n / 2 + 1 : n, out[rank - 1] = real_output ? 1 : 2;
  auto const inner = d.product(axis + 1, rank - 1), outer = d.product(0, axis), kept = out[axis];
  auto const width = out[rank - 1];
  auto& y = c.make(0, x.type(), out);
  fourier const f{n, inverse};
  visit(who, x.type(), float_types{}, [&]<class T>(T) {
    auto const* const from = x.as<T>().data();
    auto* const to = y.template mutable_as<T>().data();
    for_rows(c.pool, outer * inner, n, [&](std::int64_t begin, std::int64_t end) {
      complexes line(static_cast<std::size_t>(n));
      for (auto r = begin; r < end; ++r) {
        auto const at = [&](std::int64_t i, std::int64_t size, std::int64_t each) {
          return ((r / inner * size + i) * inner + r % inner) * each;
        };
        std::fill(line.begin(), line.end(), 0);
        for (std::int64_t i = 0; i < std::min({n, given, real_output ? n / 2 + 1 : n}); ++i) {
          auto const* const v = from + at(i, given, parts);
          line[std::size_t(i)] = {double(v[0]), parts == 2 ? double(v[1]) : 0.0};
          if (real_output && i > 0 && 2 * i < n) line[std::size_t(n - i)] = std::conj(line[std::size_t(i)]);
        }
        f(line);
        double const scale = inverse ? 1.0 / double(n) : 1.0;
        for (std::int64_t i = 0; i < kept; ++i) {
          auto* const v = to + at(i, kept, width);
          v[0] = static_cast<T>(line[std::size_t(i)].real() * scale);
          if (width == 2) v[1] = static_cast<T>(line[std::size_t(i)].imag() * scale);
        }
      }
    });
  });
}

inline operation prepare_dft(preparation const& p) {
  expect_inputs(p, 1, 3);
  auto const axis = p.get("axis", std::int64_t{p.opset < 20 ? 1 : -2});
  return with_half(
      [who = op_label{p}, axis, inverse = p.get("inverse", std::int64_t{0}) != 0,
       onesided = p.get("onesided", std::int64_t{0}) != 0](call& c) { dft(who, c, axis, inverse, onesided); });
}

/// signal [batch, length, 1 or 2], frame_step, window, frame_length. ONNX Runtime takes [batch, length] too, for real
/// signals, and exporters rely on it.
inline void stft(op_label const& who, call& c, bool onesided) {
  auto const x =
      c.inputs[0].rank() == 2 ? c.inputs[0].reshaped({c.inputs[0].dims()[0], c.inputs[0].dims()[1], 1}) : c.inputs[0];
  auto const& d = x.dims();
  if (d.rank() != 3 || (d[2] != 1 && d[2] != 2)) who.invalid("a signal of shape " + d.text());
  auto const step = integer_of(who, c.inputs[1]);
  tensor const window = c.has(2) ? c.inputs[2] : tensor{};
  auto const n = c.has(3) ? integer_of(who, c.inputs[3]) : window ? window.size() : d[1];
  if (step < 1 || n < 1 || n > longest_signal || n > d[1])
    who.invalid("frames of " + std::to_string(n) + " in steps of " + std::to_string(step) + " do not fit a signal of " +
                std::to_string(d[1]));
  if (window && (window.size() != n || window.type() != x.type())) who.invalid("the window does not fit the frames");
  auto const frames = 1 + (d[1] - n) / step, bins = onesided ? n / 2 + 1 : n;
  auto& y = c.make(0, x.type(), {d[0], frames, bins, 2});
  fourier const f{n, false};
  visit(who, x.type(), float_types{}, [&]<class T>(T) {
    auto const* const from = x.as<T>().data();
    auto const* const weights = window ? window.as<T>().data() : nullptr;
    auto* const to = y.template mutable_as<T>().data();
    for_rows(c.pool, d[0] * frames, 8 * n, [&](std::int64_t begin, std::int64_t end) {
      complexes line(static_cast<std::size_t>(n));
      for (auto r = begin; r < end; ++r) {
        auto const* const first = from + (r / frames * d[1] + r % frames * step) * d[2];
        line.resize(static_cast<std::size_t>(n));
        for (std::int64_t i = 0; i < n; ++i) {
          double const w = weights == nullptr ? 1.0 : double(weights[i]);
          line[std::size_t(i)] = {double(first[i * d[2]]) * w, d[2] == 2 ? double(first[i * 2 + 1]) * w : 0.0};
        }
        f(line);
        for (std::int64_t i = 0; i < bins; ++i) {
          to[(r * bins + i) * 2] = static_cast<T>(line[std::size_t(i)].real());
          to[(r * bins + i) * 2 + 1] = static_cast<T>(line[std::size_t(i)].imag());
        }
      }
    });
  });
}

inline operation prepare_stft(preparation const& p) {
  expect_inputs(p, 2, 4);
  bool const onesided = p.get("onesided", std::int64_t{1}) != 0;
  return with_half([who = op_label{p}, onesided](call& c) { stft(who, c, onesided); });
}

/// num_mel_bins, dft_length, sample_rate, lower_edge_hertz, upper_edge_hertz → triangles over the spectrum's bins.
inline operation prepare_mel_weights(preparation const& p) {
  expect_inputs(p, 5, 5);
  return [who = op_label{p}, type = element{int(p.get("output_datatype", std::int64_t{1}))}](call& c) {
    auto const bands = integer_of(who, c.inputs[0]), length = integer_of(who, c.inputs[1]),
               rate = integer_of(who, c.inputs[2]);
    auto const hertz = [&](std::size_t i) {
      auto const t = convert(c, c.inputs[i], element::f64);
      if (t.size() != 1) who.invalid("an edge of shape " + t.dims().text());
      return t.as<double>()[0];
    };
    double const low = 2595 * std::log10(1 + hertz(3) / 700), high = 2595 * std::log10(1 + hertz(4) / 700);
    if (bands < 0 || length < 0 || rate < 1 || bands > longest_signal || length > longest_signal ||
        !std::isfinite(low) || !std::isfinite(high))
      who.invalid("a size, the rate or an edge is out of range");
    auto const bins = length / 2 + 1;
    std::vector<std::int64_t> edge(static_cast<std::size_t>(bands + 2));
    for (std::size_t i = 0; i < edge.size(); ++i) {
      double const mel = low + double(i) * (high - low) / double(bands + 2);
      double const at = std::floor(double(length + 1) * (700 * (std::pow(10.0, mel / 2595) - 1)) / double(rate));
      if (!(at >= 0 && at < double(bins))) who.invalid("an edge lies outside of the spectrum");
      edge[i] = static_cast<std::int64_t>(at);
    }
    tensor t = c.memory.make(element::f32, {bins, bands});
    auto const w = t.mutable_as<float>();
    std::fill(w.begin(), w.end(), 0.f);
    for (std::int64_t i = 0; i < bands; ++i) {
      auto const a = edge[std::size_t(i)], m = edge[std::size_t(i + 1)], b = edge[std::size_t(i + 2)];
      auto const put = [&](std::int64_t j, double v) { w[std::size_t(j * bands + i)] = static_cast<float>(v); };
      if (m == a) put(m, 1);
      else
        for (auto j = a; j <= m; ++j) put(j, double(j - a) / double(m - a));
      for (auto j = m; j < b; ++j) put(j, double(b - j) / double(b - m));
    }
    c.outputs[0] = type == element::f32 ? t : convert(c, t, type);
  };
}

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry signal_operators[] = {
    {"DFT", "", 17, &detail::prepare_dft},
    {"MelWeightMatrix", "", 17, &detail::prepare_mel_weights},
    {"STFT", "", 17, &detail::prepare_stft},
};

}  // namespace octet
