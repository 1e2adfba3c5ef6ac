// Changes that are tried on a quantized model and kept where the error on samples held back clearly falls.
#pragma once

#include <cmath>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include <octet/core/error.hpp>
#include <octet/quantize/options.hpp>
#include <octet/quantize/output_error.hpp>
#include <octet/quantize/report.hpp>

namespace octet {

/// How changes are tried.
struct trial_options {
  std::size_t samples = 64;  ///< of those held back, at most so many
  unsigned threads = 0;
  std::function<bool()> stop{};  ///< asked between measurements: true ends the trials, with what is kept so far
  octet::progress progress{};
  std::string_view what = "try";  ///< how progress calls this
};

namespace detail {

/// Whether the noise fell: each change moves the outputs' rounding errors about, up or down, so the sum over the
/// samples has to fall by so many of its standard errors, and most samples' noise with it; or that of every sample, of
/// at least eight: where samples differ much in noise, their falls do too.
inline bool clearly_less(std::vector<double> const& before, std::vector<double> const& after, double errors) {
  double sum = 0, squares = 0;
  std::size_t better = 0, worse = 0;
  for (std::size_t i = 0; i < before.size() && i < after.size(); ++i) {
    double const fall = before[i] - after[i];
    sum += fall, squares += fall * fall;
    better += fall > 0, worse += fall < 0;
  }
  auto const n = static_cast<double>(before.size());
  double const spread = squares - sum * sum / std::max(n, 1.);  // sum of squares around the mean
  if (before.size() < 2 || (before.size() >= 8 && better == before.size())) return sum > 0;
  return sum > 0 && better > worse && sum > errors * std::sqrt(std::max(spread, 0.) * n / (n - 1));
}

/// Tries all changes together; where that is no gain, each half of them on top of what is kept, and so on: few
/// decisions, so that few are luck. `make` makes the model with the changes whose place is true.
class trials {
 public:
  using maker = std::function<model(std::vector<bool> const& on)>;

  trials(model const& m, std::vector<feed> const& held_back, trial_options const& o, std::vector<tried_change> changes,
         maker make)
      : options_{o}, meter_{m, held_back, o.threads}, make_{std::move(make)}, on_(changes.size(), false) {
    if (held_back.empty())
      throw error{error_kind::invalid, "No data is collected: changes are kept by the error on samples held back"};
    result_.changes = std::move(changes);
    result_.samples = std::min(options_.samples, meter_.samples());
  }

  trial_report run() {
    best_ = measure();
    result_.before_db = best_.worst();
    keep(0, on_.size());
    result_.after_db = best_.worst();
    return std::move(result_);
  }

 private:
  output_error measure() {
    ++result_.trials;
    return meter_.measure(make_(on_), result_.samples);
  }
  void set(std::size_t from, std::size_t to, bool on) {
    for (auto i = from; i < to; ++i) on_[i] = on;
  }
  void keep(std::size_t from, std::size_t to) {
    result_.interrupted = result_.interrupted || (options_.stop && options_.stop());
    if (from == to || result_.interrupted) return;
    set(from, to, true);
    auto const e = measure();
    // all together are one decision; their parts are many, of which some would pass by luck
    bool const kept = clearly_less(best_.noise, e.noise, to - from == on_.size() ? 2 : 3);
    for (auto i = from; i < to; ++i) {
      result_.changes[i].kept = kept;
      result_.changes[i].gain_db = 10 * std::log10(best_.all_noise() / e.all_noise());
      result_.changes[i].together = to - from;
    }
    if (options_.progress) options_.progress(options_.what, result_.trials, 0);
    if (kept) {
      best_ = e;
      return;
    }
    set(from, to, false);
    auto const middle = from + (to - from) / 2;
    if (to - from > 1) keep(from, middle), keep(middle, to);
  }

  trial_options const& options_;
  output_meter meter_;
  maker make_;
  std::vector<bool> on_;
  output_error best_{};
  trial_report result_{};
};

}  // namespace detail
}  // namespace octet
