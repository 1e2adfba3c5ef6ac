// SmoothQuant's factors (Xiao et al. 2022): how much of an activation's range moves into the weights that read it, and
// what noise the two grids are expected to make then.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include <octet/calibrate/channels.hpp>
#include <octet/quantize/channel_scales.hpp>
#include <octet/quantize/options.hpp>

namespace octet::detail {

/// What is known of a group before its channels are scaled.
struct smoothing_statistics {
  std::vector<channel_sketch> activation{};
  std::vector<std::vector<double>> largest{}, squares{};  ///< of each product's weight: max |w| and Σ w², by channel
  std::vector<double> outputs{}, share{};                 ///< its output channels; taps / groups
  std::vector<std::vector<std::vector<double>>> peaks{};  ///< where weights are per channel: max |w| by output, channel
};

/// Calls f(output channel, input channel, weight).
template <class F>
void for_each_weight(graph const& g, node_id id, F f) {
  auto const& n = g[id];
  auto const w = to_f32(*g.constant(n.inputs[1]));
  auto const x = w.as<float>();
  bool const rows = n.is("Conv") || n.get<std::int64_t>("transB", 0) != 0;
  auto const outputs = static_cast<std::size_t>(w.dims()[rows ? 0 : 1]),
             inputs = static_cast<std::size_t>(w.dims()[rows ? 1 : 0]);
  if (!rows) {
    for (std::size_t i = 0; i < inputs; ++i)
      for (std::size_t o = 0; o < outputs; ++o) f(o, i, double{x[i * outputs + o]});
    return;
  }
  auto const taps = x.size() / std::max<std::size_t>(outputs * inputs, 1);
  auto const groups = static_cast<std::size_t>(n.is("Conv") ? n.get<std::int64_t>("group", 1) : 1);
  for (std::size_t o = 0; o < outputs; ++o)
    for (std::size_t i = 0; i < inputs; ++i)
      for (std::size_t k = 0; k < taps; ++k)
        f(o, o * groups / outputs * inputs + i, double{x[(o * inputs + i) * taps + k]});
}

inline smoothing_statistics statistics_of(graph const& g, channel_group const& c,
                                          std::vector<channel_sketch> const& activation, bool per_channel) {
  smoothing_statistics s{.activation = activation};
  auto const channels = activation.size();
  for (auto const id : c.products) {
    std::vector<double> most(channels, 0), power(channels, 0);
    std::vector<std::vector<double>> peak;
    std::size_t weights = 0, outputs = 0;
    for_each_weight(g, id, [&](std::size_t o, std::size_t i, double w) {
      most[i] = std::max(most[i], std::fabs(w)), power[i] += w * w;
      ++weights, outputs = std::max(outputs, o + 1);
      if (!per_channel) return;
      if (peak.size() <= o) peak.resize(o + 1, std::vector<double>(channels, 0));
      peak[o][i] = std::max(peak[o][i], std::fabs(w));
    });
    s.largest.push_back(std::move(most)), s.squares.push_back(std::move(power)), s.peaks.push_back(std::move(peak));
    s.outputs.push_back(static_cast<double>(outputs));
    s.share.push_back(static_cast<double>(weights) / std::max(1., static_cast<double>(outputs * channels)));
  }
  return s;
}

/// max|X_j|^α / max|W_j|^(1−α) for each channel, as what multiplies the activation: its inverse. 1 for channels that
/// are always zero on either side.
inline std::vector<float> smoothing_factors(smoothing_statistics const& s, double alpha) {
  std::vector<float> factors(s.activation.size(), 1);
  for (std::size_t j = 0; j < factors.size(); ++j) {
    auto const r = s.activation[j].extremes;
    double const x = r.empty() ? 0 : std::max(std::fabs(double{r.low}), std::fabs(double{r.high}));
    double w = 0;
    for (auto const& most : s.largest) w = std::max(w, most[j]);
    if (x == 0 || w == 0) continue;
    double const scale = std::pow(x, alpha) / std::pow(w, 1 - alpha);
    factors[j] = static_cast<float>(1 / std::clamp(scale, 1e-5, 1e5));
  }
  return factors;
}

/// Expected square of the error of the products' outputs, summed over them: rounding is uniform on each grid's steps.
inline double expected_noise(smoothing_statistics const& s, std::span<float const> factors, scheme const& types) {
  auto const f = [&](std::size_t j) { return factors.empty() ? 1. : double{factors[j]}; };
  double low = 0, high = 0, noise = 0;
  for (std::size_t j = 0; j < s.activation.size(); ++j) {
    auto const r = s.activation[j].extremes;
    if (r.empty()) continue;
    low = std::min(low, double{r.low} * f(j)), high = std::max(high, double{r.high} * f(j));
  }
  if (types.activation_symmetry == symmetry::symmetric) high = std::max(high, -low), low = -high;
  double const step = (high - low) / (std::pow(2, bits(types.activation)) - 1);
  double const weight_steps = std::pow(2, bits(types.weight)) - 1;
  for (std::size_t p = 0; p < s.largest.size(); ++p) {
    double rounding = 0, signal = 0, peak = 0;
    for (std::size_t j = 0; j < s.activation.size(); ++j) {
      rounding += s.squares[p][j] / (f(j) * f(j));
      signal += s.activation[j].mean_of_squares() * f(j) * f(j);
      peak = std::max(peak, s.largest[p][j] / f(j));
    }
    noise += step * step / 12 * rounding;
    auto const add = [&](double most) { return std::pow(2 * most / weight_steps, 2) / 12 * signal * s.share[p]; };
    for (auto const& row : s.peaks[p]) {
      double most = 0;
      for (std::size_t j = 0; j < row.size(); ++j) most = std::max(most, row[j] / f(j));
      noise += add(most);
    }
    if (s.peaks[p].empty()) noise += s.outputs[p] * add(peak);
  }
  return noise;
}

}  // namespace octet::detail
