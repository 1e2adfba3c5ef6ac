// Dimensions of a tensor: a small vector of int64, without allocation up to rank 8.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <octet/core/error.hpp>

namespace octet {

/// Concrete dimensions, outermost first. A scalar has rank 0.
class shape {
 public:
  shape() = default;
  shape(std::initializer_list<std::int64_t> dims) : shape{std::span{dims.begin(), dims.size()}} {}
  explicit shape(std::span<std::int64_t const> dims) { assign(dims); }
  shape(shape const&) = default;
  shape& operator=(shape const&) = default;
  /// What was moved from is a scalar's shape.
  shape(shape&& o) noexcept : rank_{std::exchange(o.rank_, 0)}, many_{std::move(o.many_)} {
    std::copy(std::begin(o.few_), std::end(o.few_), few_);
  }
  shape& operator=(shape&& o) noexcept {
    rank_ = std::exchange(o.rank_, 0);
    std::copy(std::begin(o.few_), std::end(o.few_), few_);
    many_ = std::move(o.many_);
    return *this;
  }
  ~shape() = default;

  std::size_t rank() const { return rank_; }
  std::int64_t const* begin() const { return data(); }
  std::int64_t const* end() const { return data() + rank_; }
  std::int64_t* begin() { return data(); }
  std::int64_t* end() { return data() + rank_; }
  std::int64_t operator[](std::size_t i) const { return data()[i]; }
  std::int64_t& operator[](std::size_t i) { return data()[i]; }
  operator std::span<std::int64_t const>() const { return {data(), rank_}; }

  void push_back(std::int64_t dim) {
    std::vector<std::int64_t> all(begin(), end());
    all.push_back(dim);
    assign(all);
  }

  /// Elements of such a tensor; throws `invalid` when a dimension is negative or the number does not fit int64.
  std::int64_t size() const { return product(0, rank_); }

  /// Product of the dimensions [from, to); throws as `size` does.
  std::int64_t product(std::size_t from, std::size_t to) const {
    std::int64_t n = 1;
    bool zero = false;
    for (std::size_t i = from; i < to; ++i) {
      auto const d = (*this)[i];
      if (d < 0) throw error{error_kind::invalid, "negative dimension in shape " + text()};
      if (d == 0) zero = true;
      else if (__builtin_mul_overflow(n, d, &n)) throw error{error_kind::invalid, "shape " + text() + " is too large"};
    }
    return zero ? 0 : n;
  }

  /// The axis as an index in [0, rank): negative values count from the end; throws `invalid` outside.
  std::size_t axis(std::int64_t a) const {
    auto const r = static_cast<std::int64_t>(rank_);
    if (a < -r || a >= r)
      throw error{error_kind::invalid, "axis " + std::to_string(a) + " is outside of shape " + text()};
    return static_cast<std::size_t>(a < 0 ? a + r : a);
  }

  /// "[1,3,224,224]"
  std::string text() const {
    std::string s = "[";
    for (auto d : *this) s += (s.size() > 1 ? "," : "") + std::to_string(d);
    return s + "]";
  }

  friend bool operator==(shape const& a, shape const& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

 private:
  static constexpr std::size_t small = 8;
  std::int64_t const* data() const { return rank_ <= small ? few_ : many_.data(); }
  std::int64_t* data() { return rank_ <= small ? few_ : many_.data(); }
  void assign(std::span<std::int64_t const> dims) {
    rank_ = dims.size();
    if (rank_ > small) many_.assign(dims.begin(), dims.end());
    else std::copy(dims.begin(), dims.end(), few_);
  }

  std::size_t rank_ = 0;
  std::int64_t few_[small] = {};
  std::vector<std::int64_t> many_{};
};

/// Strides of a contiguous tensor, in elements, innermost last.
inline shape strides(shape const& s) {
  shape r = s;
  std::int64_t step = 1;
  for (std::size_t i = s.rank(); i-- != 0; step *= std::max<std::int64_t>(s[i], 1)) r[i] = step;
  return r;
}

}  // namespace octet
