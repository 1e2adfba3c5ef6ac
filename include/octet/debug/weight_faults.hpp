// What is wrong with a quantized weight beside its float original, where rounding alone does not explain it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <octet/core/convert.hpp>
#include <octet/debug/weights.hpp>
#include <octet/graph/graph.hpp>

namespace octet::debug {

enum class weight_fault_kind : std::uint8_t { wrong_scale, swapped_channels, damaged };

struct weight_fault {
  weight_fault_kind kind = weight_fault_kind::damaged;
  std::string detail{};  ///< which channels, by which factor
  double sqnr_db = 0;    ///< of the weight as a whole
};

}  // namespace octet::debug

namespace octet::detail {

/// Products of channels of two weights of one shape: [outer, channels, inner] around the axis of the channels.
class channel_products {
 public:
  channel_products(tensor const& a, tensor const& b, std::size_t axis)
      : a_{a}, b_{b}, channels_{static_cast<std::size_t>(a.dims()[axis])} {
    for (std::size_t i = axis + 1; i < a.rank(); ++i) inner_ *= static_cast<std::size_t>(a.dims()[i]);
    for (std::size_t i = 0; i < axis; ++i) outer_ *= static_cast<std::size_t>(a.dims()[i]);
  }
  std::size_t channels() const { return channels_; }
  double aa(std::size_t k) const { return product(a_, k, a_, k); }
  double bb(std::size_t k) const { return product(b_, k, b_, k); }
  /// Channel i of the first with channel k of the second.
  double ab(std::size_t i, std::size_t k) const { return product(a_, i, b_, k); }

 private:
  double product(tensor const& x, std::size_t i, tensor const& y, std::size_t k) const {
    double sum = 0;
    auto const u = x.as<float>(), v = y.as<float>();
    for (std::size_t o = 0; o < outer_; ++o)
      for (std::size_t j = 0; j < inner_; ++j)
        sum += double{u[(o * channels_ + i) * inner_ + j]} * double{v[(o * channels_ + k) * inner_ + j]};
    return sum;
  }
  tensor a_, b_;
  std::size_t channels_, outer_ = 1, inner_ = 1;
};

inline std::string factor_text(double f) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", f);
  return text;
}

}  // namespace octet::detail

namespace octet::debug {

/// The fault of a weight whose channels lie along `axis`, where one explains more than rounding does: another channel's
/// values, or a multiple of its own. Vectors are not judged, nor channels that hold less than 1 % of the mean energy.
inline std::optional<weight_fault> find_weight_fault(tensor const& before, tensor const& after, std::size_t axis) {
  auto const a = to_f32(before), b = to_f32(after);
  if (!(a.dims() == b.dims()) || a.rank() < 2 || axis >= a.rank() || a.size() == 0) return {};
  octet::detail::channel_products const p{a, b, axis};
  double all = 0, common = 0, noise = 0;
  std::vector<double> energy(p.channels());
  std::vector<std::size_t> bad;
  for (std::size_t k = 0; k < p.channels(); ++k) {
    double const aa = energy[k] = p.aa(k), ab = p.ab(k, k), error = aa - 2 * ab + p.bb(k);
    all += aa, common += ab, noise += error;
    if (error > 0.5 * aa) bad.push_back(k);
  }
  std::erase_if(bad, [&](std::size_t k) { return energy[k] < 0.01 * all / static_cast<double>(p.channels()); });
  std::vector<std::pair<std::size_t, std::size_t>> moved;
  std::size_t scaled = 0;
  for (auto const k : bad) {
    double best = 0.9 * 0.9;
    std::size_t from = p.channels();
    for (auto const i : bad) {
      double const ab = p.ab(i, k), norm = energy[i] * p.bb(k);
      if (ab > 0 && norm > 0 && ab * ab / norm > best) best = ab * ab / norm, from = i;
    }
    if (from == k) ++scaled;
    else if (from != p.channels()) moved.emplace_back(k, from);
  }
  double const factor = all > 0 ? common / all : 1, db = all > 0 && noise > 0 ? 10 * std::log10(all / noise) : 0;
  if (!moved.empty() && moved.size() >= scaled)
    return weight_fault{weight_fault_kind::swapped_channels,
                        "channel " + std::to_string(moved[0].first) + " holds what channel " +
                            std::to_string(moved[0].second) + " should, in all " + std::to_string(moved.size()) +
                            " of " + std::to_string(p.channels()) + " channels",
                        db};
  if (scaled != 0 && 2 * scaled >= bad.size()) {
    auto const k = bad[0];
    return weight_fault{weight_fault_kind::wrong_scale,
                        std::to_string(scaled) + " of " + std::to_string(p.channels()) + " channels are about " +
                            octet::detail::factor_text(p.ab(k, k) / energy[k]) + " times what they should be",
                        db};
  }
  if (bad.empty() && std::fabs(factor - 1) > 0.2)
    return weight_fault{weight_fault_kind::wrong_scale,
                        "the values are about " + octet::detail::factor_text(factor) + " times what they should be",
                        db};
  if (bad.empty()) return {};
  return weight_fault{
      weight_fault_kind::damaged,
      std::to_string(bad.size()) + " of " + std::to_string(p.channels()) + " channels are not those of the float model",
      db};
}

/// The axis of the output channels of a float weight at input `i` of `n`.
inline std::size_t channel_axis(node const& n, std::size_t i, std::size_t rank) {
  if (rank < 2) return 0;
  if (n.op == "Conv") return 0;
  if (n.op == "ConvTranspose") return 1;
  if (n.op == "Gemm") return (n.get("transB", std::int64_t{0}) != 0) == (i == 1) ? 0 : 1;
  return rank - 1;
}

}  // namespace octet::debug
