// What was observed of a tensor.
#pragma once

#include <limits>

namespace octet {

/// Least and greatest value; empty when nothing was observed. NaN takes part in no comparison and is ignored.
struct range {
  float low = std::numeric_limits<float>::infinity();
  float high = -std::numeric_limits<float>::infinity();

  constexpr bool empty() const { return !(low <= high); }
  constexpr void add(float x) {
    low = x < low ? x : low;
    high = x > high ? x : high;
  }
  friend constexpr bool operator==(range const&, range const&) = default;
};

/// The smallest range that holds both: merging is commutative and associative, and the empty range changes nothing.
constexpr range merge(range a, range b) { return {b.low < a.low ? b.low : a.low, b.high > a.high ? b.high : a.high}; }

/// The smallest range that holds `r` and zero.
constexpr range including_zero(range r) { return {r.low < 0 ? r.low : 0.f, r.high > 0 ? r.high : 0.f}; }

}  // namespace octet
