// The threshold whose 8-bit picture of a distribution loses the least information (Kullback–Leibler divergence), as
// TensorRT searches it.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

#include <octet/calibrate/percentile.hpp>

namespace octet {

/// Searches all thresholds from `quantized_bins` bins up to the largest magnitude; the bins are those of the sketch,
/// coarsened to at most `bins`.
struct entropy {
  static constexpr sketch_parts parts = sketch_parts::histogram;
  static constexpr std::string_view name = "Entropy";
  int bins = 2048;           ///< of the magnitudes
  int quantized_bins = 128;  ///< levels of the magnitudes

  range choose(sketch const& s) const;
  friend constexpr bool operator==(entropy const&, entropy const&) = default;
};

namespace detail {

/// Divergences of one distribution from its quantized pictures, each in O(levels) by running sums.
class divergence {
 public:
  divergence(std::vector<double> counts, std::size_t levels)
      : levels_{levels}, sum_(counts.size() + 1), used_(counts.size() + 1), log_(counts.size() + 1) {
    for (std::size_t i = 0; i < counts.size(); ++i) {
      sum_[i + 1] = sum_[i] + counts[i];
      used_[i + 1] = used_[i] + (counts[i] > 0);
      log_[i + 1] = log_[i] + (counts[i] > 0 ? counts[i] * std::log(counts[i]) : 0);
    }
  }
  std::size_t size() const { return sum_.size() - 1; }

  /// Of the first `n` bins with everything beyond put into their last one (P) from the same bins merged into the levels
  /// and spread over the bins that are not empty (Q): Σ p ln(p / q), both normalized. Values lost to empty bins of Q
  /// weigh as a share of 1e-4.
  double operator()(std::size_t n) const {
    double const all = sum_.back(), outside = all - sum_[n], inside = sum_[n];
    if (inside <= 0) return std::numeric_limits<double>::infinity();
    double const last = sum_[n] - sum_[n - 1], p_last = last + outside;
    // Σ p ln p over the bins, then − Σ p ln q level by level
    double kl = log_[n] - (last > 0 ? last * std::log(last) : 0) + (p_last > 0 ? p_last * std::log(p_last) : 0);
    for (std::size_t level = 0; level < levels_; ++level) {
      auto const from = level * n / levels_, to = (level + 1) * n / levels_;
      double const count = sum_[to] - sum_[from], used = used_[to] - used_[from];
      if (count > 0) kl -= count * std::log(count / used);
    }
    if (outside >
        0) {  // belongs to the last bin: its q is the last level's share, or next to nothing when that bin is empty
      auto const from = (levels_ - 1) * n / levels_;
      double const count = sum_[n] - sum_[from], used = used_[n] - used_[from];
      kl -= outside * std::log(last > 0 ? count / used : 1e-4 * inside / static_cast<double>(n));
    }
    return (kl - all * std::log(all / inside)) / all;
  }

 private:
  std::size_t levels_;
  std::vector<double> sum_, used_, log_;
};

}  // namespace detail

inline range entropy::choose(sketch const& s) const {
  auto const all = s.extremes();
  if (s.counts().empty()) return all;
  detail::magnitudes const m{s.counts(), true, true};
  std::size_t group = 1;
  while (detail::magnitudes::size() / group > static_cast<std::size_t>(std::max(bins, 2))) group *= 2;
  std::vector<double> counts;
  for (std::size_t j = 0; j < m.size(); j += group) {
    double sum = 0;
    for (std::size_t k = j; k < j + group; ++k) sum += static_cast<double>(m[k]);
    counts.push_back(sum);
  }
  while (!counts.empty() && counts.back() == 0) counts.pop_back();
  auto const levels = static_cast<std::size_t>(std::max(quantized_bins, 1));
  if (counts.size() <= levels || counts.size() < 2) return all;
  counts[0] = std::min(counts[0], counts[1]);  // zeros are exact on any grid: they say nothing about the threshold
  detail::divergence const kl{std::move(counts), levels};
  std::size_t best = kl.size();
  double least = kl(best);
  auto const search = [&](std::size_t from, std::size_t to, std::size_t step) {
    for (std::size_t i = from; i <= to; i += step)
      if (double const d = kl(i); d < least) least = d, best = i;
  };
  std::size_t const step = 8;  // then every one near the best
  search(levels, kl.size(), step);
  search(std::max(levels, best - std::min(best, step)), std::min(kl.size(), best + step), 1);
  if (best == kl.size()) return all;
  auto const t = static_cast<float>((static_cast<double>(best) + 0.5) * static_cast<double>(group) * m.width());
  return within({-t, t}, all);
}

}  // namespace octet
