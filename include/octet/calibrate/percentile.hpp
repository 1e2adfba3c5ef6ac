// Ranges that leave out a share of the values: what lies far outside is clipped, so that the rest gets a finer grid.
#pragma once

#include <cstdint>
#include <string_view>

#include <octet/calibrate/calibrator.hpp>

namespace octet {

/// Keeps `percent` of the values. Symmetric: of the magnitudes; else the rest is cut in equal parts at both ends, or at
/// the far end alone where no value is on the other side of zero. Never cuts a cluster far outside (an attention mask):
/// such values mean something.
struct percentile {
  static constexpr sketch_parts parts = sketch_parts::histogram;
  static constexpr std::string_view name = "Percentile";
  double percent = 99.999;
  bool symmetric = true;

  range choose(sketch const& s) const;
  friend constexpr bool operator==(percentile const&, percentile const&) = default;
};

namespace detail {

/// One side of a histogram, seen from zero outwards; or both folded together.
class magnitudes {
 public:
  magnitudes(histogram const& h, bool negative, bool positive)
      : counts_{h.counts()}, width_{h.width()}, negative_{negative}, positive_{positive} {
    for (std::size_t j = 0; j < size(); ++j) total_ += (*this)[j];
  }
  static constexpr std::size_t size() { return histogram::half; }
  std::uint64_t operator[](std::size_t j) const {
    return (negative_ ? counts_[histogram::half - 1 - j] : 0) + (positive_ ? counts_[histogram::half + j] : 0);
  }
  std::uint64_t total() const { return total_; }
  double width() const { return width_; }

  /// The magnitude that leaves `cut` values outside (as many as the bins can tell: the values of a bin are thought
  /// evenly spread); −1 where a cluster would be cut.
  double keeping(double cut) const {
    double outside = 0;
    for (std::size_t j = size(); j-- != 0;) {
      auto const n = static_cast<double>((*this)[j]);
      if (outside + n > cut) {
        double const edge = (static_cast<double>(j) + 1 - (cut - outside) / n) * width_;
        return cluster_beyond(j, outside) ? -1 : edge;
      }
      outside += n;
    }
    return cluster_beyond(0, outside) ? -1 : 0;
  }

 private:
  /// Whether one bin beyond four times the threshold's distance holds most of what is outside of bin j, and that is not
  /// just a few values.
  bool cluster_beyond(std::size_t j, double outside) const {
    if (outside < 16) return false;
    for (std::size_t i = 4 * (j + 1); i < size(); ++i)
      if (static_cast<double>((*this)[i]) > outside / 2) return true;
    return false;
  }

  std::span<std::uint64_t const> counts_;
  double width_;
  bool negative_, positive_;
  std::uint64_t total_ = 0;
};

}  // namespace detail

inline range percentile::choose(sketch const& s) const {
  auto const all = s.extremes();
  auto const cut = static_cast<double>(s.counts().total()) * (100 - percent) / 100;
  if (!(cut > 0) || s.counts().empty()) return all;
  if (symmetric) {
    double const t = detail::magnitudes{s.counts(), true, true}.keeping(cut);
    return t < 0 ? all : within({static_cast<float>(-t), static_cast<float>(t)}, all);
  }
  double const share = all.low >= 0 || all.high <= 0 ? cut : cut / 2;
  double const low = all.low < 0 ? detail::magnitudes{s.counts(), true, false}.keeping(share) : 0;
  double const high = all.high > 0 ? detail::magnitudes{s.counts(), false, true}.keeping(share) : 0;
  return within({low < 0 ? all.low : static_cast<float>(-low), high < 0 ? all.high : static_cast<float>(high)}, all);
}

}  // namespace octet
