// The calibrators that use nothing but extremes: of everything, or their mean over the samples.
#pragma once

#include <string_view>

#include <octet/calibrate/calibrator.hpp>

namespace octet {

/// From the least value to the greatest: cuts nothing.
struct min_max {
  static constexpr sketch_parts parts = sketch_parts::extremes;
  static constexpr std::string_view name = "MinMax";

  range choose(sketch const& s) const { return s.extremes(); }
  friend constexpr bool operator==(min_max const&, min_max const&) = default;
};

/// From the mean of the samples' least values to the mean of their greatest: single outliers weigh little.
struct moving_average {
  static constexpr sketch_parts parts = sketch_parts::samples;
  static constexpr std::string_view name = "MinMax";

  range choose(sketch const& s) const {
    return s.samples() == 0 ? s.extremes() : within(s.mean_extremes(), s.extremes());
  }
  friend constexpr bool operator==(moving_average const&, moving_average const&) = default;
};

}  // namespace octet
