// Counts of values in bins whose edges are fixed by arithmetic: multiples of a power of two, which doubles as larger
// values appear. Growing and merging add counts of whole bins, so the result depends on the values alone.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace octet {

/// 2048 bins on each side of zero, of width 2^exponent(): bin 2048 + j holds [j, j + 1) widths, bin 2047 − j its mirror
/// image. Zero lies in bin 2048. The exponent is the least that covers the largest magnitude (but not below −126).
class histogram {
 public:
  static constexpr std::size_t half = 2048, bins = 2 * half;
  static constexpr std::size_t block = 1024;
  static constexpr int least_exponent = -126;  // so that 1 / width is a float

  bool empty() const { return count_.empty(); }
  int exponent() const { return exponent_; }
  double width() const { return power(exponent_); }
  double edge(std::size_t i) const { return (static_cast<double>(i) - half) * width(); }  ///< left edge of bin i
  /// `bins` counts, or none when nothing was added.
  std::span<std::uint64_t const> counts() const { return count_; }
  std::uint64_t total() const {
    std::uint64_t n = 0;
    for (auto const c : count_) n += c;
    return n;
  }

  /// The exponent of a histogram whose largest magnitude is `x` (finite).
  static int exponent_for(float x) {
    auto const e = static_cast<int>(std::bit_cast<std::uint32_t>(x) >> 23 & 0xff) - 127;  // of denormals: −127
    return std::max(e - 10, least_exponent);
  }

  /// Counts finite values, none larger in magnitude than `largest`.
  void add(std::span<float const> x, float largest) {
    if (x.empty()) return;
    cover(exponent_for(largest));
    auto const scale = static_cast<float>(power(-exponent_));
    for (; x.size() >= block; x = x.subspan(block)) add_block(x.first<block>(), scale);
    for (auto const v : x) ++count_[bin(v, scale)];
  }

  void merge(histogram const& o) {
    if (o.empty()) return;
    cover(o.exponent_);
    int const shift = std::min(exponent_ - o.exponent_, 11);
    for (std::size_t j = 0; j < half; ++j) {
      count_[half + (j >> shift)] += o.count_[half + j];
      count_[half - 1 - (j >> shift)] += o.count_[half - 1 - j];
    }
  }

  /// Rebuilds a histogram from what exponent() and counts() said; false when that cannot be.
  bool restore(int exponent, std::vector<std::uint64_t> counts) {
    if (counts.size() != bins || exponent < least_exponent || exponent > 117) return false;
    exponent_ = exponent;
    count_ = std::move(counts);
    return true;
  }
  friend bool operator==(histogram const&, histogram const&) = default;

 private:
  static double power(int e) { return std::bit_cast<double>(static_cast<std::uint64_t>(e + 1023) << 52); }

  static std::uint32_t bin(float v, float scale) {
    auto const magnitude = std::bit_cast<float>(std::bit_cast<std::uint32_t>(v) & 0x7fffffff);
    auto const j = static_cast<std::int32_t>(magnitude * scale);
    return static_cast<std::uint32_t>(static_cast<std::int32_t>(half) + (v < 0 ? ~j : j));
  }

  /// Two steps, so that the first is vectorized. Many zeros are left out of the second, where equal neighbours wait for
  /// each other.
  void add_block(std::span<float const, block> x, float scale) {
    std::uint32_t where[block];
    std::uint32_t zeros = 0;
    for (std::size_t i = 0; i < block; ++i) {
      where[i] = bin(x[i], scale);
      zeros += where[i] == half;
    }
    std::size_t n = block;
    if (zeros > block / 8) {
      n = 0;
      for (std::size_t i = 0; i < block; ++i) {
        auto const w = where[i];
        where[n] = w;
        n += w != half;
      }
      count_[half] += zeros;
    }
    auto* const c = count_.data();
    for (std::size_t i = 0; i < n; ++i) ++c[where[i]];
  }

  /// Makes the bins at least 2^exponent wide.
  void cover(int exponent) {
    if (count_.empty()) {
      count_.assign(bins, 0);
      exponent_ = exponent;
    }
    if (exponent <= exponent_) return;
    int const shift = std::min(exponent - exponent_, 11);
    exponent_ = exponent;
    for (std::size_t j = 1; j < half; ++j) {
      auto const to = j >> shift;
      count_[half + to] += std::exchange(count_[half + j], 0);
      count_[half - 1 - to] += std::exchange(count_[half - 1 - j], 0);
    }
  }

  int exponent_ = 0;
  std::vector<std::uint64_t> count_{};
};

}  // namespace octet
