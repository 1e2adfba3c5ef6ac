// The reference's choice of ranges (onnxruntime.quantization), to the last bit: for comparing, not for quantizing well.
// It works on numpy's float32 histograms, so that numpy's roundings are part of the definition.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <string_view>
#include <vector>

#include <octet/core/error.hpp>
#include <octet/numeric/range.hpp>

namespace octet {

/// A calibrator of the reference with its settings; the defaults are those of its create_calibrator.
struct compat {
  enum class algorithm : std::uint8_t { moving_average, percentile, entropy };
  algorithm method = algorithm::percentile;
  int bins = 0;              ///< 0: 2048 for percentile, 128 for entropy (which then has one threshold to choose)
  int quantized_bins = 128;  ///< entropy
  double percent = 99.999;   ///< percentile
  bool symmetric = true;     ///< percentile: a histogram of magnitudes
  std::size_t stride = 0;    ///< moving average: the plain mean of so many samples; 0: of all
  double constant = 0.01;    ///< moving average: the weight of the next such mean
  int bin_count() const { return bins > 0 ? bins : method == algorithm::entropy ? 128 : 2048; }
  std::string_view name() const {
    return method == algorithm::entropy ? "Entropy" : method == algorithm::percentile ? "Percentile" : "MinMax";
  }
};

namespace detail {

/// numpy's sum of contiguous floats: halves of multiples of 8 down to 128 values, there eight sums side by side.
inline float numpy_sum(std::span<float const> x) {
  if (x.size() > 128) {
    auto half = x.size() / 2;
    half -= half % 8;
    return numpy_sum(x.first(half)) + numpy_sum(x.subspan(half));
  }
  std::size_t i = 0;
  float sum = 0;
  if (x.size() >= 8) {
    float s[8];
    std::copy_n(x.data(), 8, s);
    for (i = 8; i + 8 <= x.size(); i += 8)
      for (std::size_t k = 0; k < 8; ++k) s[k] += x[i + k];
    sum = ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
  }
  for (; i < x.size(); ++i) sum += x[i];
  return sum;
}

/// Least and greatest value, and least and greatest magnitude; NaN and infinities are passed over.
struct compat_extremes {
  range values{}, magnitudes{};

  void add(std::span<float const> all) {
    for (auto const x : all)
      if (std::isfinite(x)) values.add(x), magnitudes.add(std::fabs(x));
  }
};

/// numpy.histogram of float32 values with equal bins over [low, high]: values beyond are dropped, the last bin has both
/// its ends.
class compat_histogram {
 public:
  compat_histogram() = default;
  compat_histogram(float low, float high, int bins) {
    if (low == high) low -= 0.5f, high += 0.5f;
    width_ = high - low, counts_.resize(static_cast<std::size_t>(bins));
    auto const n = static_cast<float>(bins);
    float const step = width_ / n;
    for (int i = 0; i < bins; ++i) {
      auto const x = static_cast<float>(i);
      edges_.push_back((step == 0 ? x / n * width_ : x * step) + low);
    }
    edges_.push_back(high);
  }
  /// Whether all bins have a width; numpy refuses others.
  bool valid() const {
    return !counts_.empty() && std::adjacent_find(edges_.begin(), edges_.end(), std::greater_equal<>{}) == edges_.end();
  }

  /// Counts values, or with `folded` their magnitudes.
  void add(std::span<float const> all, bool folded) {
    float const low = edges_.front(), high = edges_.back(), n = static_cast<float>(counts_.size());
    for (auto x : all) {
      if (folded) x = std::fabs(x);
      if (!(x >= low && x <= high)) continue;
      auto i = std::min(static_cast<std::size_t>((x - low) / width_ * n), counts_.size() - 1);
      if (x < edges_[i]) --i;
      if (x >= edges_[i + 1] && i + 1 != counts_.size()) ++i;
      ++counts_[i];
    }
  }

  std::vector<std::int64_t> const& counts() const { return counts_; }
  std::vector<float> const& edges() const { return edges_; }
  std::int64_t total() const { return std::accumulate(counts_.begin(), counts_.end(), std::int64_t{0}); }

 private:
  float width_ = 0;
  std::vector<std::int64_t> counts_{};
  std::vector<float> edges_{};
};

/// `r` cut to the extremes at each end for itself, as the reference does.
inline range compat_cut(range r, range extremes) {
  if (r.low < extremes.low) r.low = extremes.low;
  if (r.high > extremes.high) r.high = extremes.high;
  return r;
}

/// The left edges of the bins where the running share of the counts reaches what is wanted.
inline range compat_percentile(compat_histogram const& h, compat const& c, range extremes) {
  std::vector<double> shares;
  double sum = 0;
  auto const total = static_cast<double>(h.total());
  for (auto const n : h.counts()) shares.push_back(sum += static_cast<double>(n) / total);
  auto const edge = [&](double share) {
    auto const at = std::lower_bound(shares.begin(), shares.end(), share) - shares.begin();
    return h.edges()[static_cast<std::size_t>(at)];
  };
  if (c.symmetric) {
    float const t = edge(c.percent / 100.0);
    return compat_cut({-t, t}, extremes);
  }
  double const cut = (100.0 - c.percent) / 200.0;
  return compat_cut({edge(cut), edge(1.0 - cut)}, extremes);
}

/// Counts as a distribution without zeros: each zero gets 1e-4, what the others give up; empty where all are zero.
inline std::vector<float> compat_smoothed(std::vector<std::int64_t> const& counts) {
  auto const zeros = static_cast<double>(std::count(counts.begin(), counts.end(), 0));
  double const others = static_cast<double>(counts.size()) - zeros;
  if (others == 0 || 1e-4 * zeros / others >= 1) return {};
  auto const given = static_cast<float>(1e-4), taken = static_cast<float>(-(1e-4 * zeros / others));
  std::vector<float> all;
  for (auto const n : counts) all.push_back(static_cast<float>(n) + (n == 0 ? given : taken));
  return all;
}

/// Σ p ln(p / q) of two distributions that are normalized first, in float32.
inline float compat_divergence(std::vector<float> p, std::vector<float> q) {
  float const p_sum = numpy_sum(p), q_sum = numpy_sum(q);
  for (std::size_t i = 0; i < p.size(); ++i) {
    p[i] /= p_sum, q[i] /= q_sum;
    if (!(p[i] > 0 && q[i] > 0)) return std::numeric_limits<float>::infinity();
    p[i] *= static_cast<float>(std::log(static_cast<double>(p[i] / q[i])));
  }
  return numpy_sum(p);
}

/// The divergence of bins [from, to) with all else put into their ends from the same bins merged into `levels`.
inline float compat_divergence(std::vector<std::int64_t> const& counts, std::size_t from, std::size_t to,
                               std::size_t levels) {
  auto const at = [&](std::size_t i) { return counts.begin() + static_cast<std::ptrdiff_t>(i); };
  std::vector<std::int64_t> const inside(at(from), at(to));
  auto p = inside;
  p.front() = std::accumulate(at(0), at(from), p.front());
  p.back() = std::accumulate(at(to), counts.end(), p.back());
  auto const width = inside.size() / levels;
  std::vector<std::int64_t> q(inside.size());
  for (std::size_t level = 0; level < levels; ++level) {
    auto const first = level * width, last = first + width;
    std::int64_t sum = 0, used = 0;
    for (auto i = first; i < last; ++i) sum += inside[i], used += p[i] != 0;
    if (level + 1 == levels)
      for (auto i = last; i < inside.size(); ++i) sum += inside[i];  // counted, but not given any bin
    auto const share = used == 0 ? 0 : static_cast<std::int64_t>(static_cast<double>(sum) / static_cast<double>(used));
    std::fill(q.begin() + static_cast<std::ptrdiff_t>(first), q.begin() + static_cast<std::ptrdiff_t>(last), share);
  }
  auto a = compat_smoothed(p), b = compat_smoothed(q);
  if (a.empty() || b.empty()) return std::numeric_limits<float>::infinity();
  return compat_divergence(std::move(a), std::move(b));
}

/// The threshold with the least divergence, the first of equals. Throws `invalid` for fewer bins than levels, which the
/// reference fails at.
inline range compat_entropy(compat_histogram const& h, compat const& c, range extremes) {
  auto const& counts = h.counts();
  auto const n = counts.size(), middle = n / 2, levels = static_cast<std::size_t>(c.quantized_bins);
  if (n < levels)
    throw error{error_kind::invalid, std::to_string(n) + " bins do not become " + std::to_string(levels) + " levels"};
  float least = std::numeric_limits<float>::infinity();
  std::size_t best = levels / 2;
  for (auto i = best; i <= middle; ++i) {
    float const d = compat_divergence(counts, middle - i, std::min(middle + i + 1, n), levels);
    if (d < least) least = d, best = i;
  }
  return compat_cut({h.edges()[middle - best], h.edges()[std::min(middle + best + 1, n)]}, extremes);
}

}  // namespace detail
}  // namespace octet
