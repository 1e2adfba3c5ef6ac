// For those who do not want to choose: per tensor, whichever shipped calibrator's range loses least.
#pragma once

#include <cmath>
#include <string_view>

#include <octet/calibrate/entropy.hpp>
#include <octet/calibrate/mse.hpp>
#include <octet/calibrate/percentile.hpp>

namespace octet {

/// Of the ranges of min_max, percentile (99.999 and 99.99), entropy and mse, the one whose grid of `levels` values has
/// the least expected square error. Errors of clipped values weigh `clipping` times: unlike those of rounding they all
/// point the same way, so that a layer's sum does not average them out. A range that cuts a mode is never taken.
struct automatic {
  static constexpr sketch_parts parts = sketch_parts::histogram;
  static constexpr std::string_view name = "MinMax";  // ONNX Runtime has no such method
  int levels = 256;
  double clipping = 6;  ///< chosen by measurement: docs/decisions/automatic-calibrator.md

  range choose(sketch const& s) const;
  friend constexpr bool operator==(automatic const&, automatic const&) = default;
};

namespace detail {

/// Whether a range cuts off a cluster far from the rest, such as an attention mask or a sentinel: of the values beyond
/// one end, at least 16 and most of them lie in one bin, more than twice as far from zero as the end.
inline bool cuts_a_mode(histogram const& h, range r) {
  auto const counts = h.counts();
  auto const beyond = [&](bool negative, double end) {
    std::uint64_t outside = 0, most = 0;
    for (std::size_t j = 0; j < histogram::half; ++j) {
      double const from = static_cast<double>(j) * h.width();
      if (from < end) continue;
      auto const n = counts[negative ? histogram::half - 1 - j : histogram::half + j];
      outside += n;
      if (from > 2 * end && n > most) most = n;
    }
    return outside >= 16 && most > outside / 2;
  };
  return beyond(true, r.low < 0 ? -r.low : 0) || beyond(false, r.high > 0 ? r.high : 0);
}

}  // namespace detail

inline range automatic::choose(sketch const& s) const {
  auto const all = s.extremes();
  auto const widest = including_zero(all);
  if (!(widest.low < widest.high) || levels < 2 || s.counts().empty()) return all;
  detail::square_error const error{s.counts()};
  auto const loss = [&](range r) {
    auto const grid = including_zero(r);
    return error(grid.low, grid.high, levels) + (clipping - 1) * error.clipped(grid.low, grid.high, levels);
  };
  range best = all;
  double least = loss(all);
  for (auto const r : {percentile{99.999}.choose(s), percentile{99.99}.choose(s), entropy{}.choose(s),
                       detail::least_square_range({.levels = levels}, all, error)}) {
    if (r == best || detail::cuts_a_mode(s.counts(), r)) continue;
    if (double const e = loss(r); e < least) least = e, best = r;
  }
  return best;
}

}  // namespace octet
