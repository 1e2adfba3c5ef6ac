// What rounding does to the mean of each output channel of a product, in closed form from the means of its input's
// channels (NNCF's fast bias correction, with the activation's rounding besides).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <octet/calibrate/channels.hpp>
#include <octet/kernels/dequantize.hpp>
#include <octet/quantize/plan.hpp>
#include <octet/quantize/weights.hpp>

namespace octet::detail {

/// One product whose bias can be corrected.
struct correctable {
  std::string node{}, op{}, input{};
  int axis = 1;              ///< of the input's channels
  grid on{};                 ///< the input's
  tensor before{}, after{};  ///< the weight, and what its integers stand for
  std::int64_t groups = 1;
  bool rows = true;  ///< output channels are the weight's first axis
  float alpha = 1;   ///< Gemm's
};

/// What the integers of a constant stand for.
inline tensor on_its_grids(tensor const& values, planned_tensor const& t) {
  auto const q = quantize_constant(values, t);
  tensor y{element::f32, values.dims()};
  auto const out = y.mutable_as<float>();
  auto const fill = [&](auto const in) {
    for_each_run(values.dims(), t, [&](std::ptrdiff_t first, std::ptrdiff_t n, std::size_t g) {
      auto const at = static_cast<std::size_t>(first), count = static_cast<std::size_t>(n);
      kernels::dequantize(in.subspan(at, count), t.grids[g], out.subspan(at, count));
    });
  };
  if (t.type == element::u8) fill(q.as<std::uint8_t>());
  else if (t.type == element::s8) fill(q.as<std::int8_t>());
  else if (t.type == element::u16) fill(q.as<std::uint16_t>());
  else if (t.type == element::s16) fill(q.as<std::int16_t>());
  else return to_f32(values);
  return y;
}

/// Σ over input channels and taps of weight · mean, for each output channel.
inline void add_products(correctable const& c, tensor const& weight, std::vector<double> const& means, double sign,
                         std::vector<double>& out) {
  auto const w = weight.as<float>();
  auto const outputs = out.size(), inputs = means.size();
  if (!c.rows) {
    for (std::size_t i = 0; i < inputs; ++i)
      for (std::size_t o = 0; o < outputs; ++o) out[o] += sign * double{w[i * outputs + o]} * means[i];
    return;
  }
  auto const each = inputs / static_cast<std::size_t>(c.groups), filters = outputs / static_cast<std::size_t>(c.groups);
  auto const taps = w.size() / outputs / each;
  for (std::size_t o = 0; o < outputs; ++o)
    for (std::size_t i = 0; i < each; ++i)
      for (std::size_t k = 0; k < taps; ++k)
        out[o] += sign * double{w[(o * each + i) * taps + k]} * means[o / filters * each + i];
}

/// E[W x] − E[Ŵ x̂] for each output channel: W, x in float, Ŵ, x̂ on their grids. What padding adds is left out. Empty
/// where the channels are not known.
inline std::vector<float> mean_error(correctable const& c, std::vector<channel_sketch> const& channels) {
  auto const& dims = c.before.dims();
  auto const outputs = static_cast<std::size_t>(dims[c.rows ? 0 : 1]);
  auto const inputs = static_cast<std::size_t>(dims[c.rows ? 1 : 0] * c.groups);
  if (channels.size() != inputs || c.groups < 1 || outputs % static_cast<std::size_t>(c.groups) != 0) return {};
  std::vector<double> exact(inputs), rounded(inputs), sum(outputs, 0);
  for (std::size_t i = 0; i < inputs; ++i) exact[i] = channels[i].mean(), rounded[i] = channels[i].mean_on(c.on);
  add_products(c, c.before, exact, 1, sum);
  add_products(c, c.after, rounded, -1, sum);
  std::vector<float> shift(outputs);
  for (std::size_t o = 0; o < outputs; ++o) shift[o] = static_cast<float>(sum[o] * double{c.alpha});
  return shift;
}

}  // namespace octet::detail
