// How far a quantized model's outputs are from the float model's, over samples that were held back: what decisions
// without labels are measured by.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <octet/calibrate/reader.hpp>
#include <octet/core/convert.hpp>
#include <octet/exec/session.hpp>

namespace octet {

/// How far the outputs of two models are apart over some samples.
struct output_error {
  double worst_db = std::numeric_limits<double>::infinity(), largest = 0;
  double inner_db = std::numeric_limits<double>::infinity();  ///< of what closing Softmax and Sigmoid nodes read
  std::vector<double> noise{};  ///< of each sample: squares of differences against the mean of the signal's, summed
                                ///< over the outputs, or over what closing Softmax and Sigmoid nodes read

  /// SQNR of the worst output, or of what a closing Softmax or Sigmoid reads.
  double worst() const { return std::min(worst_db, inner_db); }
  double all_noise() const {
    double sum = 0;
    for (auto const x : noise) sum += x;
    return sum;
  }
};

namespace detail {

/// Sums of one output over the samples.
struct output_sums {
  double signal = 0, noise = 0, largest = 0;
  std::vector<double> of_samples{};  ///< noise of each

  void add(tensor const& expected, tensor const& got) {
    auto const wide_x = to_f32(expected), wide_y = to_f32(got);
    auto const x = wide_x.as<float>(), y = wide_y.as<float>();
    double mine = 0;
    for (std::size_t i = 0; i < x.size() && i < y.size(); ++i) {
      double const d = double{x[i]} - double{y[i]}, size = std::fabs(d);
      signal += double{x[i]} * double{x[i]}, mine += d * d;
      largest = size > largest || size != size ? size : largest;
    }
    noise += mine;
    of_samples.push_back(mine);
  }
  double db() const {
    if (noise == 0) return std::numeric_limits<double>::infinity();
    double const r = 10 * std::log10(signal / noise);
    return r == r ? r : -std::numeric_limits<double>::infinity();
  }
};

/// Outputs that a Softmax or Sigmoid makes with nothing but changes of shape behind it, and what that reads.
inline std::map<std::string, std::string> closing_tensors(graph const& g) {
  std::map<std::string, std::string> all;
  for (auto v : g.outputs) {
    auto const* n = g.producer(v);
    while (
        n != nullptr && n->has_input(0) &&
        (n->op == "Identity" || n->op == "Reshape" || n->op == "Squeeze" || n->op == "Flatten" || n->op == "Transpose"))
      n = g.producer(n->inputs[0]);
    if (n != nullptr && (n->op == "Softmax" || n->op == "Sigmoid" || n->op == "LogSoftmax") && n->has_input(0))
      all[g[v].name] = g[n->inputs[0]].name;
  }
  return all;
}

}  // namespace detail

/// Holds what the float model makes of the samples, and measures other models against it. Samples must outlive it.
class output_meter {
 public:
  output_meter(model const& m, std::vector<feed> const& samples, unsigned threads)
      : samples_{samples}, threads_{threads}, closing_{detail::closing_tensors(m.main)} {
    session run{m, {.threads = threads}};
    for (auto const& x : samples_) wanted_.push_back(run.run(x, fetched(m.main)));
  }

  std::size_t samples() const { return samples_.size(); }

  /// The error of `m` over the first `samples`, on so many threads (0: as the meter was made with).
  output_error measure(model const& m, std::size_t samples, unsigned threads = 0) const {
    session run{m, {.threads = threads != 0 ? threads : threads_}};
    auto const names = fetched(m.main);
    std::map<std::string, detail::output_sums> sums;
    for (std::size_t i = 0; i < samples; ++i) {
      auto const made = run.run(samples_[i], names);
      for (auto const& [name, x] : wanted_[i])
        if (auto const y = made.find(name); y != made.end() && fits_f32(x.type())) sums[name].add(x, y->second);
    }
    output_error e;
    e.noise.assign(samples, 0);
    for (auto const& [name, s] : sums) {
      auto const inner = closing_.find(name);
      if (inner == closing_.end() || sums.find(inner->second) == sums.end()) add_noise(s, e.noise);
    }
    for (auto const& [output, inner] : closing_)
      if (auto const s = sums.find(inner); s != sums.end()) {
        e.inner_db = std::min(e.inner_db, s->second.db());
        sums.erase(s);
      }
    for (auto const& [name, s] : sums)
      e.worst_db = std::min(e.worst_db, s.db()), e.largest = std::max(e.largest, s.largest);
    return e;
  }
  output_error measure(model const& m) const { return measure(m, samples_.size()); }

 private:
  static void add_noise(detail::output_sums const& s, std::vector<double>& noise) {
    for (std::size_t i = 0; i < s.of_samples.size(); ++i)
      noise[i] += s.signal > 0 ? s.of_samples[i] / s.signal : s.of_samples[i];
  }
  std::vector<std::string> fetched(graph const& g) const {
    std::vector<std::string> names;
    for (auto const v : g.outputs) names.push_back(g[v].name);
    for (auto const& [output, name] : closing_)
      if (g.find(name) != value_id::none && std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(name);
    return names;
  }

  std::vector<feed> const& samples_;
  unsigned threads_;
  std::map<std::string, std::string> closing_;
  std::vector<feed> wanted_{};
};

/// A reader over what is left after the first samples, one in `share` and at most `most`, went to `held_back`.
/// Neighbours are often alike, so a block tells more of new data than every fourth would. Of fewer than eight samples,
/// or where their number is not known, none can be spared: the first ones serve for both.
inline reader holding_back(reader data, std::vector<feed>& held_back, std::size_t most = 32, std::size_t share = 4) {
  auto const n = data.size();
  std::size_t const kept = n && *n >= 8 ? std::min(*n / share, most) : 0;
  while (held_back.size() < kept) {
    auto one = data();
    if (!one) break;
    held_back.push_back(std::move(*one));
  }
  if (kept != 0) return reader{[data = std::move(data)]() mutable { return data(); }, *n - kept};
  return reader{[data = std::move(data), &held_back, most]() mutable {
                  auto one = data();
                  if (one && held_back.size() < most) held_back.push_back(*one);
                  return one;
                },
                n};
}

}  // namespace octet
