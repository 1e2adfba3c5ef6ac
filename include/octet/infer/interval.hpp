// Bounds of integers and arithmetic that neither wraps nor forgets that a bound may be infinite.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include <octet/core/error.hpp>

namespace octet {

/// Bounds of an integer, both inclusive; the extreme int64 values mean "unbounded".
struct interval {
  std::int64_t low = std::numeric_limits<std::int64_t>::min();
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
  friend bool operator==(interval const&, interval const&) = default;
};

namespace detail {
constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min(),
                       highest = std::numeric_limits<std::int64_t>::max();

__extension__ typedef __int128 int128;  // no standard type is as wide

constexpr std::int64_t saturated(int128 x) {
  return x <= lowest ? lowest : x >= highest ? highest : static_cast<std::int64_t>(x);
}
constexpr std::int64_t floor_quotient(std::int64_t a, std::int64_t b) {
  if (b == -1) return saturated(-static_cast<int128>(a));
  return a / b - ((a % b != 0) && ((a % b < 0) != (b < 0)));
}
/// a·b where unbounded times zero is zero.
constexpr std::int64_t bound_product(std::int64_t a, std::int64_t b) {
  if (a == 0 || b == 0) return 0;
  if (a == lowest || a == highest || b == lowest || b == highest) return (a < 0) == (b < 0) ? highest : lowest;
  return saturated(static_cast<int128>(a) * b);
}
constexpr std::int64_t bound_sum(std::int64_t a, std::int64_t b) {
  if (a == lowest || b == lowest) return lowest;
  if (a == highest || b == highest) return highest;
  return saturated(static_cast<int128>(a) + b);
}
constexpr interval operator+(interval a, interval b) {
  auto const high = a.high == highest || b.high == highest ? highest : bound_sum(a.high, b.high);
  return {bound_sum(a.low, b.low), high};
}
constexpr interval operator*(interval a, interval b) {
  std::int64_t const all[] = {bound_product(a.low, b.low), bound_product(a.low, b.high), bound_product(a.high, b.low),
                              bound_product(a.high, b.high)};
  return {*std::min_element(all, all + 4), *std::max_element(all, all + 4)};
}
inline std::int64_t checked(bool overflow, std::int64_t x) {
  if (overflow) throw error{error_kind::invalid, "a dimension does not fit 64 bits"};
  return x;
}
inline std::int64_t checked_product(std::int64_t a, std::int64_t b) {
  std::int64_t r = 0;
  bool const bad = __builtin_mul_overflow(a, b, &r);
  return checked(bad, r);
}
inline std::int64_t checked_sum(std::int64_t a, std::int64_t b) {
  std::int64_t r = 0;
  bool const bad = __builtin_add_overflow(a, b, &r);
  return checked(bad, r);
}
}  // namespace detail

}  // namespace octet
