// A sum of numbers without any rounding: whatever the order, the grouping or the machine, the bits are the same. Room
// for the squares of all floats, 2^64 of them.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace octet {

/// An exact sum of multiples of 2^-298 (floats, and products of two floats), as one wide integer in two's complement.
class exact_sum {
 public:
  static constexpr int lowest = -298;         ///< exponent of the last bit: the square of the least denormal
  static constexpr std::size_t words = 10;    ///< 640 bits: 298 behind the point, 256 before it, 64 to count, a sign
  static constexpr std::size_t block = 1024;  ///< `add` takes up to so many numbers at once

  /// Adds a finite multiple of 2^-298 below 2^320.
  void add(double x) {
    if (x == 0) return;
    auto const bits = std::bit_cast<std::uint64_t>(x);
    int const exponent = static_cast<int>(bits >> 52 & 0x7ff);
    std::uint64_t mantissa = (bits & ((std::uint64_t{1} << 52) - 1)) | (std::uint64_t{1} << 52);
    int shift = exponent - 1075 - lowest;  // x = mantissa · 2^(exponent − 1075)
    if (shift < 0) mantissa >>= -shift, shift = 0;
    auto const word = static_cast<std::size_t>(shift / 64);
    int const bit = shift % 64;
    add_at(word, mantissa << bit, bit == 0 ? 0 : mantissa >> (64 - bit), bits >> 63 != 0);
  }

  /// Adds up to `block` numbers, each below 2^top in magnitude, and destroys them. Each pass takes off the bits that a
  /// double sums exactly; numbers of similar size need one or two.
  void add(std::span<double> x, int top) {
    for (bool more = true; more; top -= digits) more = take(x, top - digits);
  }

  void merge(exact_sum const& o) {
    unsigned carry = 0;
    for (std::size_t i = 0; i < words; ++i) {
      std::uint64_t const with = word_[i] + o.word_[i], sum = with + carry;
      carry = (with < o.word_[i]) | (sum < with);
      word_[i] = sum;
    }
  }

  /// The sum as a double: truncated to 53 bits, so at most one unit in the last place off.
  double value() const {
    bool const negative = word_[words - 1] >> 63 != 0;
    auto magnitude = word_;
    if (negative) {
      bool carry = true;
      for (auto& w : magnitude) w = ~w + carry, carry = carry && w == 0;
    }
    for (std::size_t i = words; i-- != 0;) {
      if (magnitude[i] == 0) continue;
      int const zeros = std::countl_zero(magnitude[i]);
      std::uint64_t const below = i == 0 || zeros == 0 ? 0 : magnitude[i - 1] >> (64 - zeros);
      std::uint64_t const head = (magnitude[i] << zeros | below) >> 11;
      double const x = std::ldexp(static_cast<double>(head), static_cast<int>(i) * 64 - zeros + 11 + lowest);
      return negative ? -x : x;
    }
    return 0;
  }

  std::array<std::uint64_t, words> const& state() const { return word_; }
  static exact_sum of_state(std::array<std::uint64_t, words> const& s) {
    exact_sum r;
    r.word_ = s;
    return r;
  }
  friend bool operator==(exact_sum const&, exact_sum const&) = default;

 private:
  static constexpr int digits = 42;  // of each number and pass: block · 2^digits stays below 2^53
  // The compilers' own vectors: g++ does not find this loop worth it by itself, and it is half the cost of a sketch.
  typedef double pair __attribute__((vector_size(16)));
  typedef long long truths __attribute__((vector_size(16)));

  /// Sums what x holds above 2^unit, leaves the rest in x; whether there is any.
  bool take(std::span<double> x, int unit) {
    double const magic = std::ldexp(1.5, unit + 52);  // the sum with it has its last bit at 2^unit
    pair const m = {magic, magic};
    pair sums[4] = {};
    truths left = {};
    std::size_t i = 0;
    for (; i + 8 <= x.size(); i += 8)
      for (std::size_t j = 0; j < 4; ++j) {
        pair v;
        std::memcpy(&v, &x[i + 2 * j], sizeof v);
        pair const high = (v + m) - m;
        v -= high;
        sums[j] += high;
        left |= v != 0.0;
        std::memcpy(&x[i + 2 * j], &v, sizeof v);
      }
    pair const sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    double total = sum[0] + sum[1];
    bool more = (left[0] | left[1]) != 0;
    for (; i < x.size(); ++i) {
      double const high = (x[i] + magic) - magic;
      total += high, x[i] -= high;
      more |= x[i] != 0;
    }
    add(total);
    return more;
  }

  void add_at(std::size_t at, std::uint64_t low, std::uint64_t high, bool negative) {
    std::uint64_t const part[2] = {low, high};
    unsigned carry = 0;
    for (std::size_t i = at; i < words; ++i) {
      std::uint64_t const p = i - at < 2 ? part[i - at] : 0, old = word_[i];
      if (negative) {
        word_[i] = old - p - carry;
        carry = (old < p) | (old - p < carry);
      } else {
        word_[i] = old + p + carry;
        carry = (old + p < p) | (word_[i] < carry);
      }
      if (i > at && carry == 0) break;
    }
  }

  std::array<std::uint64_t, words> word_{};
};

}  // namespace octet
