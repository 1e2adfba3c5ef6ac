// How near a quantized model's outputs are to those of its float model, gathered sample by sample.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <octet/core/convert.hpp>
#include <octet/exec/feed.hpp>

namespace octet {

/// One output over all samples.
struct output_accuracy {
  std::string name{};
  double signal = 0, noise = 0;         ///< sums of squares
  std::size_t rows = 0, same_top1 = 0;  ///< vectors along the last axis, and those with the same largest element
  std::size_t not_finite = 0;           ///< elements that are NaN or infinite in one of both only
  std::size_t reshaped = 0;             ///< samples that it has another shape for, which nothing else here counts
  std::string shapes{};                 ///< of the first of those: what is expected, and what came

  /// Signal-to-quantization-noise ratio in dB: 10·log10(signal / noise); infinite without noise.
  double sqnr_db() const {
    if (not_finite != 0 || (reshaped != 0 && signal == 0)) return -std::numeric_limits<double>::infinity();
    if (noise == 0) return std::numeric_limits<double>::infinity();
    return 10 * std::log10(signal / noise);
  }
  /// Share of the rows with the same largest element.
  double agreement() const { return rows == 0 ? 1 : static_cast<double>(same_top1) / static_cast<double>(rows); }
};

/// Outputs of two models on the same samples.
class accuracy {
 public:
  /// Adds one sample. Outputs whose length depends on the values, such as lists of detections, may differ in shape.
  /// Throws `invalid` when an output is missing.
  void add(feed const& expected, feed const& got) {
    ++samples_;
    for (auto const& [name, x] : expected) {
      auto const it = got.find(name);
      if (it == got.end()) throw error{error_kind::invalid, "the quantized model has no output '" + name + "'", name};
      if (is_float(x.type())) add(of(name), x, it->second);
    }
  }

  std::size_t samples() const { return samples_; }
  std::vector<output_accuracy> const& outputs() const { return outputs_; }

  /// The lowest ratio of all outputs, infinite when there is none.
  double worst_db() const {
    double worst = std::numeric_limits<double>::infinity();
    for (auto const& o : outputs_) worst = o.sqnr_db() < worst ? o.sqnr_db() : worst;
    return worst;
  }

 private:
  static bool is_float(element e) {
    return e == element::f32 || e == element::f64 || e == element::f16 || e == element::bf16;
  }

  output_accuracy& of(std::string const& name) {
    for (auto& o : outputs_)
      if (o.name == name) return o;
    outputs_.push_back({.name = name});
    return outputs_.back();
  }

  static void add(output_accuracy& o, tensor const& expected, tensor const& got) {
    if (!(expected.dims() == got.dims())) {
      if (o.reshaped++ == 0) o.shapes = expected.dims().text() + " and " + got.dims().text();
      return;
    }
    auto const x = to_f64(expected), y = to_f64(got);
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (!std::isfinite(x[i]) || !std::isfinite(y[i])) {
        o.not_finite += !(x[i] == y[i] || (std::isnan(x[i]) && std::isnan(y[i])));
        continue;
      }
      double const s = x[i], n = s - y[i];
      o.signal += s * s, o.noise += n * n;
    }
    auto const last = expected.rank() == 0 ? 0 : static_cast<std::size_t>(expected.dims()[expected.rank() - 1]);
    if (last < 2) return;
    for (std::size_t from = 0; from + last <= x.size(); from += last, ++o.rows)
      o.same_top1 += largest(std::span{x}.subspan(from, last)) == largest(std::span{y}.subspan(from, last));
  }

  static std::size_t largest(std::span<double const> x) {
    std::size_t best = 0;
    for (std::size_t i = 1; i < x.size(); ++i)
      if (x[i] > x[best]) best = i;
    return best;
  }

  std::size_t samples_ = 0;
  std::vector<output_accuracy> outputs_{};
};

}  // namespace octet
