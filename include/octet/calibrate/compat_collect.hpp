// The reference's ranges from samples: one pass for the extremes, one for the counts between them, no values kept.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <octet/calibrate/collector.hpp>
#include <octet/calibrate/compat.hpp>
#include <octet/calibrate/reader.hpp>
#include <octet/exec/backend.hpp>

namespace octet {
namespace detail {

/// What one pass sees: each calibrated float tensor of each sample, once.
class compat_pass {
 public:
  compat_pass(model const& m, calibrate_options const& o, std::size_t passes)
      : names_{calibrated_tensors(m, o.op_types)}, options_{o}, passes_{passes} {
    for (auto const& name : names_)
      if (!m.main.is_input(m.main.find(name))) fetch_.push_back(name);
  }

  std::vector<std::string> const& names() const { return names_; }

  /// Runs all samples of a reader; see(name, values) for each tensor, end() after each sample. Returns their number.
  template <class Run, class See, class End>
  std::size_t operator()(Run& run, reader data, See see, End end) {
    auto all = data.size().value_or(0);
    if (options_.limit != 0) all = all == 0 ? 0 : std::min(all, options_.limit);
    std::size_t n = 0;
    for (; options_.limit == 0 || n < options_.limit; ++n) {
      auto const sample = data();
      if (!sample) break;
      feed made = located("sample " + std::to_string(n), [&] { return feed(run(*sample, fetch_)); });
      for (auto const& [name, t] : *sample) made.emplace(name, t);
      for (auto const& name : names_)
        if (auto const it = made.find(name); it != made.end() && fits_f32(it->second.type()))
          see(name, to_f32(it->second).template as<float>());
      end();
      if (options_.progress) options_.progress(done_ + n + 1, all * passes_);
    }
    if (n == 0) throw error{error_kind::invalid, "No data is collected: there are no samples"};
    done_ += n;
    return n;
  }

 private:
  std::vector<std::string> names_, fetch_{};
  calibrate_options const& options_;
  std::size_t passes_, done_ = 0;
};

/// The extremes of each sample, and the moving average of their means. Order shows.
class compat_average {
 public:
  void add(std::span<float const> values) {
    compat_extremes e;
    e.add(values);
    if (!e.values.empty()) lows_.push_back(e.values.low), highs_.push_back(e.values.high);
  }
  /// Ends a stride; a symmetric mean is widened before it counts.
  void end(double constant, bool symmetric) {
    if (lows_.empty()) return;
    auto const n = static_cast<float>(lows_.size()), weight = static_cast<float>(constant);
    range mean{numpy_sum(lows_) / n, numpy_sum(highs_) / n};
    if (symmetric) mean = octet::symmetric(mean);
    if (whole_.empty()) whole_ = mean;
    else whole_ = {whole_.low + weight * (mean.low - whole_.low), whole_.high + weight * (mean.high - whole_.high)};
    lows_.clear(), highs_.clear();
  }
  range whole() const { return whole_; }

 private:
  std::vector<float> lows_{}, highs_{};
  range whole_{};
};

template <class Run>
ranges compat_mean(Run& run, model const& m, std::function<reader()> const& open, compat const& c,
                   calibrate_options const& o) {
  compat_pass pass{m, o, 1};
  std::map<std::string, compat_average, std::less<>> all;
  std::size_t samples = 0;
  auto const end = [&] {
    for (auto& [name, one] : all) one.end(c.constant, o.symmetric);
  };
  ranges r;
  r.samples = pass(
      run, open(), [&](std::string const& name, std::span<float const> x) { all[name].add(x); },
      [&] { ++samples == c.stride ? (end(), samples = 0) : samples; });
  end();
  for (auto const& [name, one] : all)
    if (!one.whole().empty()) r.set(name, one.whole());
  return r;
}

template <class Run>
ranges compat_histograms(Run& run, model const& m, std::function<reader()> const& open, compat const& c,
                         calibrate_options const& o) {
  struct state {
    compat_extremes extremes{};
    compat_histogram counts{};
  };
  std::map<std::string, state, std::less<>> all;
  compat_pass pass{m, o, 2};
  auto const end = [] {};
  ranges r;
  r.method = c.name();
  r.samples = pass(run, open(), [&](auto const& name, auto x) { all[name].extremes.add(x); }, end);
  bool const folded = c.method == compat::algorithm::percentile && c.symmetric;
  for (auto& [name, s] : all) {
    auto const magnitudes = s.extremes.magnitudes;
    if (magnitudes.empty()) continue;
    s.counts = {folded ? magnitudes.low : -magnitudes.high, magnitudes.high, c.bin_count()};
    if (s.counts.valid()) continue;
    r.warnings.push_back("'" + name + "' is too narrow for bins, where the reference fails: its extremes were taken");
    s.counts = {};
  }
  auto const count = [&](auto const& name, auto x) {
    if (auto& h = all[name].counts; h.valid()) h.add(x, folded);
  };
  if (pass(run, open(), count, end) != r.samples)
    throw error{error_kind::runtime, "the second pass over the samples has another number of them"};
  for (auto& [name, s] : all) {
    auto const extremes = s.extremes.values;
    if (extremes.empty()) continue;
    tensor_range t{.whole = extremes};
    if (s.counts.valid()) {
      t.whole = c.method == compat::algorithm::entropy ? compat_entropy(s.counts, c, extremes)
                                                       : compat_percentile(s.counts, c, extremes);
      t.counts = s.counts.counts(), t.edges = s.counts.edges();
    }
    r.set(name, std::move(t));
  }
  return r;
}

}  // namespace detail

/// The ranges that the reference chooses, bit for bit where `b` computes the same activations: run on ONNX Runtime
/// without graph optimizations. `open` gives the samples anew for each of up to two passes. One thread, samples in
/// order. Samples may differ in shape, where the reference fails.
template <class Backend>
  requires backend<std::remove_reference_t<Backend>>
ranges calibrate_compat(model const& m, std::function<reader()> const& open, Backend&& b, compat const& c = {},
                        calibrate_options const& o = {}) {
  auto run = [&b](feed const& in, std::span<std::string const> fetch) { return feed(b.run(in, fetch)); };
  return c.method == compat::algorithm::moving_average ? detail::compat_mean(run, m, open, c, o)
                                                       : detail::compat_histograms(run, m, open, c, o);
}

}  // namespace octet
