// What is said of one layer of a quantized model: a plain value for reports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <octet/numeric/range.hpp>

namespace octet::detail {

inline std::string range_text(octet::range r) {
  char text[64];
  std::snprintf(text, sizeof text, "%.4g … %.4g", double{r.low}, double{r.high});
  return text;
}

}  // namespace octet::detail

namespace octet::debug {

enum class layer_cause : std::uint8_t {
  rounding,          ///< nothing but the steps of its grids
  outliers,          ///< few large values leave few steps to all others
  wide_range,        ///< the grid reaches much further than the values do
  mixed_ranges,      ///< parts of one Concat differ much in size and share a grid
  tiny_scale,        ///< the step is so small that sums of products with it are not exact
  clipped_range,     ///< most of the error lies in values beyond the grid
  destroyed,         ///< nothing is left of the values
  damaged_weight,    ///< a weight is not the float model's
  swapped_channels,  ///< channels of a weight have changed places
  wrong_scale,       ///< a weight is a multiple of the float model's
};

/// 2 for what is wrong with a weight, 1 for what is wrong with a grid, 0 for what rounding brings.
constexpr int gravity(layer_cause c) {
  if (c >= layer_cause::damaged_weight) return 2;
  return c >= layer_cause::clipped_range || c == layer_cause::wide_range ? 1 : 0;
}

/// "clipped range"
constexpr std::string_view text(layer_cause c) {
  constexpr std::string_view all[] = {"rounding",         "outliers",      "wide range", "mixed ranges",
                                      "tiny scale",       "clipped range", "destroyed",  "damaged weight",
                                      "swapped channels", "wrong scale"};
  return all[static_cast<std::size_t>(c)];
}

/// One layer: what makes one activation of the float model from others that the quantized model has too.
struct layer_error {
  std::string tensor{};              ///< the activation, by its name in the float model
  std::string node{}, op{};          ///< what makes it in the float model; empty for an input of the model
  std::vector<std::string> nodes{};  ///< all nodes of the layer
  double own_db = 0;    ///< SQNR of the layer on inputs that both have rounded: its weights' and its own grid's error
  double local_db = 0;  ///< SQNR of the layer on the float model's activations: also the error of its inputs' grids
  double accumulated_db = 0;  ///< SQNR of this activation in the quantized model: what has come together so far
  octet::range values{};      ///< in the float model
  octet::range grid{};        ///< what its grid can express; empty without a fixed grid
  layer_cause cause = layer_cause::rounding;
  std::string detail{}, advice{};
};

}  // namespace octet::debug
