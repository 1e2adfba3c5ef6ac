// Types and shapes of convolutions, and the arithmetic of windows that pooling shares.
#pragma once

#include <octet/graph/vocabulary.hpp>
#include <octet/infer/inference.hpp>

namespace octet::detail {

/// Attributes of a sliding window over `n` spatial axes, with their defaults.
struct sliding_window {
  std::vector<std::int64_t> kernel{}, strides{}, dilations{}, pads{};
  std::string auto_pad{};
  bool ceil_mode = false;
};
inline sliding_window sliding_window_of(octet::node const& n, std::size_t axes, std::vector<std::int64_t> kernel) {
  auto const list = [&](char const* name, std::size_t count, std::int64_t otherwise) {
    auto const* v = n.get<std::vector<std::int64_t>>(name);
    return v != nullptr && v->size() == count ? *v : std::vector<std::int64_t>(count, otherwise);
  };
  sliding_window w{std::move(kernel),
                   list("strides", axes, 1),
                   list("dilations", axes, 1),
                   list("pads", 2 * axes, 0),
                   n.get<std::string>("auto_pad", "NOTSET"),
                   n.get<std::int64_t>("ceil_mode", 0) != 0};
  if (w.kernel.size() != axes)
    throw error{error_kind::invalid, "kernel_shape does not have one number an axis", n.name};
  for (auto const s : w.strides)
    if (s <= 0) throw error{error_kind::invalid, "strides must be positive", n.name};
  return w;
}

/// How many windows fit along one axis. ceil_mode counts a window that begins inside the input or its left padding.
inline expression window_count(expression const& size, sliding_window const& w, std::size_t i) {
  auto const axes = w.kernel.size();
  auto const stride = w.strides[i];
  if (w.auto_pad == "SAME_UPPER" || w.auto_pad == "SAME_LOWER") return ceil_div(size, stride);
  auto const reach = checked_sum(checked_product(w.kernel[i] - 1, w.dilations[i]), 1);
  if (w.auto_pad == "VALID") return floor_div(size - reach, stride) + 1;
  auto const room = size + w.pads[i] + w.pads[i + axes] - reach;
  if (!w.ceil_mode) return floor_div(room, stride) + 1;
  auto const n = ceil_div(room, stride) + 1;
  if (reach >= stride + w.pads[i + axes]) return n;
  return min(n, ceil_div(size + w.pads[i], stride));  // the last window must begin before the right padding
}

/// [N, channels, windows…] for an input [N, C, …] and weights [M, C/group, kernel…].
inline std::optional<dimensions> conv_dims(inference& c, std::size_t x, std::size_t weights) {
  auto const& d = c.dims(x);
  if (!d || d->size() < 2) return std::nullopt;
  auto const axes = d->size() - 2;
  auto const& w = c.dims(weights);
  std::vector<std::int64_t> kernel;
  if (auto const* k = c.node.get<std::vector<std::int64_t>>("kernel_shape")) kernel = *k;
  else if (w && w->size() == d->size()) {
    for (std::size_t i = 0; i < axes; ++i) {
      auto const n = (*w)[2 + i].number();
      if (!n) return std::nullopt;
      kernel.push_back(*n);
    }
  } else return std::nullopt;
  auto const win = sliding_window_of(c.node, axes, kernel);
  dimensions out{(*d)[0], w && !w->empty() ? (*w)[0] : c.fresh(0, 1)};
  for (std::size_t i = 0; i < axes; ++i) out.push_back(window_count((*d)[2 + i], win, i));
  return out;
}

inline void infer_conv(inference& c) { c.set(0, c.type(0), conv_dims(c, 0, 1)); }
inline void infer_conv_integer(inference& c) { c.set(0, element::s32, conv_dims(c, 0, 1)); }

/// size·stride and what kernel, padding and output_padding add; or the output_shape that the node states.
inline void infer_conv_transpose(inference& c) {
  c.type(0, c.type(0));
  auto const &d = c.dims(0), &w = c.dims(1);
  if (!d || !w || d->size() < 2 || w->size() != d->size()) return;
  auto const axes = d->size() - 2;
  std::vector<std::int64_t> kernel;
  for (std::size_t i = 0; i < axes; ++i) {
    auto const n = (*w)[2 + i].number();
    if (!n) return;
    kernel.push_back(*n);
  }
  auto const win = sliding_window_of(c.node, axes, kernel);
  auto const* stated = c.node.get<std::vector<std::int64_t>>("output_shape");
  auto const* extra = c.node.get<std::vector<std::int64_t>>("output_padding");
  dimensions out{(*d)[0], (*w)[1] * c.node.get<std::int64_t>("group", 1)};
  for (std::size_t i = 0; i < axes; ++i) {
    if (stated != nullptr && stated->size() >= axes) {
      out.push_back((*stated)[stated->size() - axes + i]);
      continue;
    }
    if (win.auto_pad == "SAME_UPPER" || win.auto_pad == "SAME_LOWER") {
      out.push_back((*d)[2 + i] * win.strides[i]);
      continue;
    }
    auto const reach = checked_sum(checked_product(kernel[i] - 1, win.dilations[i]), 1);
    auto const pads = win.auto_pad == "VALID" ? 0 : checked_sum(win.pads[i], win.pads[i + axes]);
    auto const more = extra != nullptr && extra->size() == axes ? (*extra)[i] : 0;
    out.push_back(((*d)[2 + i] - 1) * win.strides[i] + more + reach - pads);
  }
  c.shape(0, out);
}

inline constexpr inference_entry conv_inference[] = {
    {"Conv", "", &infer_conv},
    {"ConvTranspose", "", &infer_conv_transpose},
    {"ConvInteger", "", &infer_conv_integer},
    {"DeformConv", "", &infer_conv},
    {"FusedConv", ops::microsoft, &infer_conv},
};

}  // namespace octet::detail
