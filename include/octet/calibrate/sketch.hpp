// What calibration remembers of a tensor: a fixed number of bytes for any amount of data. All parts are exact, so that
// sketches merge in any order, from any batches, threads or machines, to the same bytes.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <octet/calibrate/exact_sum.hpp>
#include <octet/calibrate/histogram.hpp>
#include <octet/core/error.hpp>
#include <octet/numeric/range.hpp>

namespace octet {

/// What a sketch gathers beside counts and extremes; a calibrator names what it needs, for each part costs time.
enum class sketch_parts : std::uint8_t {
  extremes = 0,
  histogram = 1,
  sums = 2,      ///< sum and sum of squares
  samples = 4,   ///< sums of the samples' extremes
  channels = 8,  ///< extremes of each channel
  all = 15,
};
constexpr sketch_parts operator|(sketch_parts a, sketch_parts b) {
  return static_cast<sketch_parts>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr bool contains(sketch_parts all, sketch_parts one) {
  return (static_cast<unsigned>(all) & static_cast<unsigned>(one)) == static_cast<unsigned>(one);
}

/// Exact statistics of a tensor over all samples. Infinities and NaN are counted and take no part in anything else.
class sketch {
 public:
  sketch() = default;
  explicit sketch(sketch_parts parts) : parts_{parts} {}

  /// Takes values of the current sample in.
  void observe(std::span<float const> x) {
    for (; x.size() >= block; x = x.subspan(block)) observe_block(x.first<block>());
    if (!x.empty()) observe_block(x);
  }

  /// Takes the extremes of `channels` channels in, each of `inner` neighbouring values; `observe` does the rest. Throws
  /// `invalid` when the number of channels changes.
  void observe_channels(std::span<float const> x, std::size_t channels, std::size_t inner);

  /// Drops the extremes of channels: their number turned out to differ.
  void forget_channels() { channels_.clear(); }

  /// Ends the current sample: what was observed since the last call gives one pair of extremes to the mean of them.
  void end_sample() {
    if (!contains(parts_, sketch_parts::samples) || current_.empty()) return;
    lows_.add(current_.low), highs_.add(current_.high);
    ++samples_;
    current_ = {};
  }

  /// Adds another sketch of the same parts; throws `internal` where these differ.
  void merge(sketch const& o);

  sketch_parts parts() const { return parts_; }
  std::uint64_t count() const { return count_; }  ///< of finite values
  std::uint64_t nan_count() const { return nans_; }
  std::uint64_t infinity_count() const { return infinities_; }
  bool empty() const { return count_ == 0; }
  /// Least and greatest finite value; empty when there was none. Zero is positive.
  octet::range extremes() const { return extremes_; }
  std::span<octet::range const> channels() const { return channels_; }
  octet::histogram const& counts() const { return histogram_; }

  double sum() const { return sum_.value(); }
  double sum_of_squares() const { return squares_.value(); }
  double mean() const { return count_ == 0 ? 0 : sum_.value() / static_cast<double>(count_); }
  /// Standard deviation of the values as a whole (divided by their count).
  double deviation() const {
    if (count_ == 0) return 0;
    auto const n = static_cast<double>(count_), m = mean();
    double const variance = squares_.value() / n - m * m;
    return variance > 0 ? std::sqrt(variance) : 0;
  }
  std::uint64_t samples() const { return samples_; }
  /// Mean of the samples' least values, and of their greatest; empty without samples.
  octet::range mean_extremes() const {
    if (samples_ == 0) return {};
    auto const n = static_cast<double>(samples_);
    return {static_cast<float>(lows_.value() / n), static_cast<float>(highs_.value() / n)};
  }

  friend bool operator==(sketch const&, sketch const&) = default;

 private:
  friend struct sketch_bytes;
  static constexpr std::size_t block = exact_sum::block;
  static_assert(block == histogram::block);

  // Floats as integers in the same order: −NaN < −inf < … < −0 < 0 < … < inf < NaN. Their least and greatest are found
  // with vector instructions, and do not depend on the order where −0 meets 0.
  static constexpr std::int32_t key_of_infinity = 0x7f800000;
  static std::int32_t key(float x) {
    auto const i = std::bit_cast<std::int32_t>(x);
    return i ^ ((i >> 31) & 0x7fffffff);
  }
  static float value_of(std::int32_t k) { return std::bit_cast<float>(k ^ ((k >> 31) & 0x7fffffff)) + 0.f; }

  struct keys {
    std::int32_t low, high;
  };
  static keys extreme_keys(std::span<float const> x) {
    std::int32_t low = key(x[0]), high = low;
    auto const scan = [&](std::size_t n) {
      for (std::size_t i = 0; i < n; ++i) {
        auto const k = key(x[i]);
        low = k < low ? k : low, high = k > high ? k : high;
      }
    };
    if (x.size() == block) scan(block);  // a known length is vectorized at -O2
    else scan(x.size());
    return {low, high};
  }

  void observe_block(std::span<float const> x) {
    auto const k = extreme_keys(x);
    if (k.low <= ~key_of_infinity || k.high >= key_of_infinity) return observe_finite_of(x);
    octet::range const r{value_of(k.low), value_of(k.high)};
    count_ += x.size();
    extremes_ = octet::merge(extremes_, r);
    if (parts_ == sketch_parts::extremes) return;
    if (contains(parts_, sketch_parts::samples)) current_ = octet::merge(current_, r);
    float const largest = std::max(std::fabs(r.low), std::fabs(r.high));
    if (contains(parts_, sketch_parts::histogram)) histogram_.add(x, largest);
    if (contains(parts_, sketch_parts::sums) && largest > 0) add_sums(x, largest);
  }

  void observe_finite_of(std::span<float const> x) {
    float finite[block];
    std::size_t n = 0;
    for (auto const v : x) {
      if (std::isnan(v)) ++nans_;
      else if (std::isinf(v)) ++infinities_;
      else finite[n++] = v;
    }
    if (n != 0) observe_block({finite, n});
  }

  void add_sums(std::span<float const> x, float largest) {
    int const top = std::ilogb(largest) + 1;
    double numbers[block];
    std::span const all{numbers, x.size()};
    for (std::size_t i = 0; i < x.size(); ++i) numbers[i] = x[i];
    sum_.add(all, top);
    for (std::size_t i = 0; i < x.size(); ++i) numbers[i] = static_cast<double>(x[i]) * static_cast<double>(x[i]);
    squares_.add(all, 2 * top);
  }

  sketch_parts parts_ = sketch_parts::all;
  std::uint64_t count_ = 0, nans_ = 0, infinities_ = 0, samples_ = 0;
  octet::range extremes_{}, current_{};
  octet::histogram histogram_{};
  exact_sum sum_{}, squares_{}, lows_{}, highs_{};
  std::vector<octet::range> channels_{};
};

inline void sketch::observe_channels(std::span<float const> x, std::size_t channels, std::size_t inner) {
  if (channels == 0 || inner == 0) return;
  if (channels_.empty()) channels_.resize(channels);
  if (channels_.size() != channels)
    throw error{
        error_kind::invalid,
        "the number of channels changes from " + std::to_string(channels_.size()) + " to " + std::to_string(channels),
        {},
        "calibrate this tensor as a whole"};
  for (std::size_t c = 0; x.size() >= inner; x = x.subspan(inner), c = c + 1 == channels ? 0 : c + 1)
    for (auto const v : x.first(inner))
      if (std::isfinite(v)) channels_[c].add(v + 0.f);
}

inline void sketch::merge(sketch const& o) {
  if (parts_ != o.parts_) throw error{error_kind::internal, "sketches of different parts were merged"};
  if (channels_.empty()) channels_ = o.channels_;
  else if (!o.channels_.empty() && o.channels_.size() != channels_.size())
    throw error{error_kind::invalid, "the number of channels differs", {}, "calibrate this tensor as a whole"};
  else
    for (std::size_t i = 0; i < o.channels_.size(); ++i) channels_[i] = octet::merge(channels_[i], o.channels_[i]);
  count_ += o.count_, nans_ += o.nans_, infinities_ += o.infinities_, samples_ += o.samples_;
  extremes_ = octet::merge(extremes_, o.extremes_);
  current_ = octet::merge(current_, o.current_);
  histogram_.merge(o.histogram_);
  sum_.merge(o.sum_), squares_.merge(o.squares_), lows_.merge(o.lows_), highs_.merge(o.highs_);
}

}  // namespace octet
