// How far two tensors are apart, gathered piece by piece: nothing but a few sums is kept.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

#include <octet/core/convert.hpp>

namespace octet::debug {

/// Differences of `y` from `x` over all pieces.
class error_metrics {
 public:
  /// Adds a piece; both have the same length.
  void add(std::span<float const> x, std::span<float const> y) { add_piece(x, y); }
  void add(std::span<double const> x, std::span<double const> y) { add_piece(x, y); }
  /// Adds two tensors of numbers; throws `invalid` where their shapes differ, `unsupported` for other types.
  void add(tensor const& x, tensor const& y) {
    if (!(x.dims() == y.dims()))
      throw error{error_kind::invalid, "shapes " + x.dims().text() + " and " + y.dims().text() + " differ"};
    if (fits_f32(x.type()) && fits_f32(y.type())) {
      auto const a = to_f32(x), b = to_f32(y);
      return add(a.as<float>(), b.as<float>());
    }
    auto const a = to_f64(x), b = to_f64(y);
    add(std::span<double const>{a}, std::span<double const>{b});
  }

  std::size_t count() const { return count_; }
  double noise() const { return dd_; }  ///< ‖x − y‖²
  /// Signal-to-quantization-noise ratio, 20·log10(‖x‖ / ‖x − y‖), the norms not below the machine epsilon of double;
  /// NaN where something is no number.
  double sqnr_db() const {
    constexpr double least = std::numeric_limits<double>::epsilon();
    auto const floored = [](double norm) { return norm < least ? least : norm; };
    return 20 * std::log10(floored(std::sqrt(xx_)) / floored(std::sqrt(dd_)));
  }
  double largest_error() const { return largest_; }
  /// Cosine of the angle between both; 1 when one of them is zero everywhere.
  double cosine() const { return xx_ == 0 || yy_ == 0 ? 1 : xy_ / (std::sqrt(xx_) * std::sqrt(yy_)); }

 private:
  template <class T>
  void add_piece(std::span<T const> x, std::span<T const> y) {
    double xx = 0, yy = 0, xy = 0, dd = 0;
    for (std::size_t i = 0; i < x.size() && i < y.size(); ++i) {
      double const a{x[i]}, b{y[i]}, d = a - b;
      xx += a * a, yy += b * b, xy += a * b, dd += d * d;
      double const size = std::fabs(d);
      largest_ = size > largest_ || size != size ? size : largest_;
    }
    xx_ += xx, yy_ += yy, xy_ += xy, dd_ += dd;
    count_ += x.size();
  }

  double xx_ = 0, yy_ = 0, xy_ = 0, dd_ = 0, largest_ = 0;
  std::size_t count_ = 0;
};

/// Largest index of each row of `x` (along the last axis) compared with that of `y`: how often they agree.
struct top1_agreement {
  std::size_t rows = 0, same = 0;

  void add(std::span<float const> x, std::span<float const> y, std::size_t row) {
    for (std::size_t i = 0; row != 0 && i + row <= x.size() && i + row <= y.size(); i += row, ++rows)
      same += largest(x.subspan(i, row)) == largest(y.subspan(i, row));
  }
  double share() const { return rows == 0 ? 1 : static_cast<double>(same) / static_cast<double>(rows); }

 private:
  static std::size_t largest(std::span<float const> x) {
    std::size_t best = 0;
    for (std::size_t i = 1; i < x.size(); ++i)
      if (x[i] > x[best]) best = i;
    return best;
  }
};

}  // namespace octet::debug
