// The range whose grid has the least mean square error, clipping and rounding together.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

#include <octet/calibrate/calibrator.hpp>

namespace octet {

/// Shrinks both ends in turn from the extremes to where the square error of a grid of `levels` values is least.
struct mse {
  static constexpr sketch_parts parts = sketch_parts::histogram;
  static constexpr std::string_view name = "MinMax";  // ONNX Runtime has no such method
  int levels = 256;
  bool symmetric = false;

  range choose(sketch const& s) const;
  friend constexpr bool operator==(mse const&, mse const&) = default;
};

namespace detail {

/// Square errors of grids on a histogram whose values are spread evenly within each bin.
class square_error {
 public:
  explicit square_error(histogram const& h) : h_{&h}, width_{h.width()}, per_width_{1 / width_} {
    auto const c = h.counts();
    moments at{};
    for (std::size_t i = 0; i < histogram::bins; ++i) {
      at_[i] = at;
      at = at + part(static_cast<double>(c[i]) * per_width_, h.edge(i), h.edge(i + 1));
    }
    at_[histogram::bins] = at;
  }

  /// Σ (x − nearest of the grid)² for the grid of `levels` values from `low` to `high` that has zero in it. Terms are
  /// not negative: an error that reaches `enough` ends the sum.
  double operator()(double low, double high, int levels,
                    double enough = std::numeric_limits<double>::infinity()) const {
    double const step = (high - low) / (levels - 1);
    if (!(step > 0)) return at_[histogram::bins].xx;
    double const first = std::nearbyint(low / step), last = first + levels - 1;
    auto const beyond = at_[histogram::bins] - below((last - 0.5) * step);
    if (double const clipped = beyond.about(last * step); clipped >= enough) return clipped;
    double error = 0;
    moments before{};
    for (double cell = first; cell <= last && error < enough; ++cell) {
      auto const upto = cell == last ? at_[histogram::bins] : below((cell + 0.5) * step);
      auto const m = upto - before;
      error += m.about(cell * step);
      before = upto;
    }
    return error;
  }

  /// The part of it that values outside of the grid make.
  double clipped(double low, double high, int levels) const {
    double const step = (high - low) / (levels - 1);
    if (!(step > 0)) return 0;
    double const first = std::nearbyint(low / step) * step, last = first + (levels - 1) * step;
    auto const under = below(first), over = at_[histogram::bins] - below(last);
    return under.about(first) + over.about(last);
  }

 private:
  struct moments {
    double n = 0, x = 0, xx = 0;
    moments operator+(moments const& o) const { return {n + o.n, x + o.x, xx + o.xx}; }
    moments operator-(moments const& o) const { return {n - o.n, x - o.x, xx - o.xx}; }
    /// Σ (x − c)²
    double about(double c) const { return std::max(0.0, xx - 2 * c * x + c * c * n); }
  };
  static moments part(double density, double a, double b) {
    return {density * (b - a), density * (b * b - a * a) / 2, density * (b * b * b - a * a * a) / 3};
  }
  double edge(std::size_t i) const { return h_->edge(i); }

  /// Moments of all values below x.
  moments below(double x) const {
    double const at = x * per_width_ + histogram::half;
    if (at <= 0) return {};
    if (at >= histogram::bins) return at_[histogram::bins];
    auto const i = static_cast<std::size_t>(at);
    return at_[i] + part(static_cast<double>(h_->counts()[i]) * per_width_, edge(i), x);
  }

  histogram const* h_;
  double width_, per_width_;  ///< powers of two: multiplying by one is dividing by the other, to the last bit
  std::vector<moments> at_ = std::vector<moments>(histogram::bins + 1);
};

/// What `m` chooses within the extremes `all` by the errors of the histogram.
inline range least_square_range(mse const& m, range all, square_error const& error) {
  auto const widest = m.symmetric ? symmetric(all) : including_zero(all);
  if (!(widest.low < widest.high) || m.levels < 2) return all;
  double low = widest.low, high = widest.high, least = error(low, high, m.levels);
  auto const shrink = [&](double& end, double full, double const& other) {
    if (full == 0) return;
    double best = end;
    for (int k = 100; k >= 10; k -= 2) {
      double const end_now = full * k / 100, e = m.symmetric
                                                     ? error(-std::abs(end_now), std::abs(end_now), m.levels, least)
                                                 : &end == &low ? error(end_now, other, m.levels, least)
                                                                : error(other, end_now, m.levels, least);
      if (e < least) least = e, best = end_now;
    }
    end = best;
  };
  for (int sweep = 0; sweep < (m.symmetric ? 1 : 3); ++sweep) {
    double const before = least;
    shrink(high, widest.high, low);
    if (m.symmetric) low = -high;
    else shrink(low, widest.low, high);
    if (least == before) break;
  }
  return within({static_cast<float>(low), static_cast<float>(high)}, all);
}

}  // namespace detail

inline range mse::choose(sketch const& s) const {
  auto const all = s.extremes();
  return s.counts().empty() ? all : detail::least_square_range(*this, all, detail::square_error{s.counts()});
}

}  // namespace octet
