// From what was measured of a layer to the likely cause of its error, and to advice.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <octet/debug/layer_error.hpp>
#include <octet/debug/weight_faults.hpp>
#include <octet/numeric/range.hpp>

namespace octet::debug {

constexpr double reach(octet::range r) { return double{r.high} - double{r.low}; }

/// What is known of a layer.
struct layer_facts {
  octet::range values{};  ///< in the float model
  octet::range grid{};    ///< empty: no fixed grid
  float scale = 0;
  double noise = 0, clipped = 0;  ///< energy of the layer's own error, and of its part beyond the grid
  double energy = 0, count = 0;   ///< of the float values
  double own_db = 0, accumulated_db = 0;
  octet::range made{};  ///< what the quantized layer makes
  std::string op{};
  std::optional<weight_fault> weight{};
  std::string weight_name{};
  std::vector<double> concatenated{};  ///< how far the values of each part of a Concat reach

  /// `x` in the float model; `expected` on rounded inputs, where the quantized layer makes `y`.
  void add(std::span<float const> x, std::span<float const> expected, std::span<float const> y) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (!std::isfinite(x[i]) || !std::isfinite(expected[i])) continue;
      values.add(x[i]), made.add(y[i]);
      double const d = double{expected[i]} - double{y[i]};
      noise += d * d, energy += double{x[i]} * double{x[i]}, ++count;
      if (grid.empty()) continue;
      double const beyond = expected[i] < grid.low    ? double{grid.low} - double{expected[i]}
                            : expected[i] > grid.high ? double{expected[i]} - double{grid.high}
                                                      : 0;
      clipped += beyond * beyond;
    }
  }
};

struct explanation {
  layer_cause cause = layer_cause::rounding;
  std::string detail{}, advice{};
};

}  // namespace octet::debug

namespace octet::detail {

inline debug::explanation explain_weight(debug::layer_facts const& f) {
  using enum debug::layer_cause;
  auto const kind = f.weight->kind;
  auto const cause = kind == debug::weight_fault_kind::wrong_scale        ? wrong_scale
                     : kind == debug::weight_fault_kind::swapped_channels ? swapped_channels
                                                                          : damaged_weight;
  return {cause, "weight '" + f.weight_name + "': " + f.weight->detail,
          "the file is not what the quantizer wrote, or belongs to another float model: quantize again, and look at "
          "whatever changed the model afterwards"};
}

inline std::optional<debug::explanation> explain_grid(debug::layer_facts const& f) {
  using enum debug::layer_cause;
  auto const shares = "values " + range_text(f.values) + ", grid " + range_text(f.grid);
  if (f.clipped > 0.5 * f.noise && f.own_db < 30)
    return debug::explanation{clipped_range, shares,
                              "calibrate on more samples that are like these, or with --method minmax; an override of "
                              "the tensor's range also ends it"};
  if (auto const& c = f.concatenated; c.size() > 1) {
    auto const [least, most] = std::minmax_element(c.begin(), c.end());
    if (*most > 16 * *least)
      return debug::explanation{mixed_ranges,
                                "parts of one Concat reach over " + factor_text(*least) + " and " + factor_text(*most),
                                "exclude the Concat and what follows it from quantization (--exclude-node), so that "
                                "each part keeps its own range"};
  }
  bool const fixed = f.op == "Softmax" || f.op == "Sigmoid" || f.op == "LogSoftmax";
  auto const used = debug::reach(including_zero(f.values));
  if (debug::reach(f.grid) > 3 * used && !fixed && f.own_db < 50)
    return debug::explanation{wide_range, shares,
                              "the range was calibrated on other data or set by hand: calibrate on samples like these"};
  if (std::fabs(double{f.scale}) < 1e-12 || (used != 0 && used < 1e-9))
    return debug::explanation{tiny_scale, "the step is " + factor_text(double{f.scale}),
                              "give --minimum-real-range 0.0001, or keep the node float"};
  return {};
}

}  // namespace octet::detail

namespace octet::debug {

/// The likely cause of a layer's own error.
inline explanation explain(layer_facts const& f) {
  using enum layer_cause;
  if (f.weight) return octet::detail::explain_weight(f);
  if (!f.grid.empty() && f.noise != 0)
    if (auto e = octet::detail::explain_grid(f)) return *e;
  if (f.own_db < 3 && reach(f.values) != 0)
    return {destroyed, "values " + octet::detail::range_text(f.values) + " became " + octet::detail::range_text(f.made),
            "keep the node float (--exclude-node), or give it 16-bit activations by an override"};
  double const rms = f.count > 0 ? std::sqrt(f.energy / f.count) : 0;
  double const peak = std::max(std::fabs(double{f.values.low}), std::fabs(double{f.values.high}));
  if (!f.values.empty() && f.own_db < 30 && peak > 12 * rms)
    return {outliers, "the largest value is " + octet::detail::factor_text(peak / rms) + " times the root mean square",
            "try --method automatic, mse or percentile, 16-bit activations for this tensor, or keep the node float"};
  return {rounding, {}, f.own_db < 20 ? "keep the node float (--exclude-node) if the outputs are not good enough" : ""};
}

}  // namespace octet::debug
