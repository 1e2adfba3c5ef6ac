// From pixels to a model's input: resized, scaled and shifted by channel, in the order that the model wants.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <octet/calibrate/readers/signature.hpp>
#include <octet/core/convert.hpp>

namespace octet {

/// Decoded pixels, 8 bits each: rows from the top, `channels` neighbouring values a pixel (1 grey, 3 RGB).
struct image {
  std::int64_t height = 0, width = 0, channels = 3;
  std::vector<std::uint8_t> pixels{};
};

/// How an image gets the size that the model wants.
enum class image_fit : std::uint8_t {
  stretch,  ///< to the size, whatever the proportions
  crop,     ///< the shorter side first, then the middle
  pad,      ///< the whole image in the middle, a plain colour around it
};

/// How a pixel is made of others, all at half-pixel centres.
enum class image_filter : std::uint8_t {
  antialias,  ///< a triangle that widens when the image shrinks, as Pillow and PyTorch do
  linear,     ///< two neighbours whatever the scale, as OpenCV does
  nearest,
};

enum class image_order : std::uint8_t { by_model, nchw, nhwc };
enum class image_colour : std::uint8_t { by_model, rgb, bgr, grey };

/// How images become samples. What is not given is taken from the model's input.
struct image_options {
  /// Reads a file, with 1 (grey) or 3 (RGB) channels: `decode_image` of readers/decode.hpp, or the host's own.
  image (*decode)(std::string const& path, std::int64_t channels) = nullptr;
  std::int64_t height = 0, width = 0;  ///< 0: the model's
  image_fit fit = image_fit::stretch;
  std::int64_t shorter = 0;  ///< crop: length of the shorter side before; 0: as long as needed
  float fill = 0;            ///< pad: a pixel value, 0 to 255
  image_filter filter = image_filter::antialias;
  image_order order = image_order::by_model;
  image_colour colour = image_colour::by_model;
  std::optional<float> scale{};    ///< of pixel values; otherwise 1/255 for float inputs, 1 for integers
  std::vector<float> mean{};       ///< taken off after scaling: one, or one a channel
  std::vector<float> deviation{};  ///< what is left is divided by it: one, or one a channel
};

namespace detail {

/// Which source pixels make one pixel of the result, and their weights, which sum up to 1.
struct pixel_weights {
  std::int64_t first = 0;
  std::vector<float> weights{};
};

inline pixel_weights weights_at(double centre, double reach, std::int64_t from) {
  auto const low = std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor(centre - 0.5 - reach)) + 1);
  std::vector<double> weights;
  double sum = 0;
  for (auto k = low; k < from && static_cast<double>(k) + 0.5 < centre + reach; ++k) {
    weights.push_back(1 - std::fabs(static_cast<double>(k) + 0.5 - centre) / reach);
    sum += weights.back();
  }
  pixel_weights t{low, {}};
  for (auto const w : weights) t.weights.push_back(static_cast<float>(w / sum));
  return t;
}

/// For each of `to` pixels, what it is made of when `from` pixels are resized along one axis.
inline std::vector<pixel_weights> resize_weights(std::int64_t from, std::int64_t to, image_filter filter) {
  double const scale = static_cast<double>(from) / static_cast<double>(to);
  double const reach = filter == image_filter::antialias ? std::max(scale, 1.0) : 1.0;
  std::vector<pixel_weights> all;
  for (std::int64_t i = 0; i < to; ++i) {
    double const centre = (static_cast<double>(i) + 0.5) * scale;
    if (filter == image_filter::nearest) all.push_back({std::min(static_cast<std::int64_t>(centre), from - 1), {1.f}});
    else all.push_back(weights_at(centre, reach, from));
  }
  return all;
}

/// Float pixels: rows from the top, channels neighbours.
struct float_image {
  std::int64_t height = 0, width = 0, channels = 0;
  std::vector<float> pixels{};
  float const* row(std::int64_t y) const { return pixels.data() + y * width * channels; }
  float* row(std::int64_t y) { return pixels.data() + y * width * channels; }
};

inline float_image blank(std::int64_t height, std::int64_t width, std::int64_t channels, float value = 0) {
  return {height, width, channels, std::vector<float>(static_cast<std::size_t>(height * width * channels), value)};
}

/// Along the rows first, then along the columns; pixels are not rounded.
inline float_image resized(float_image const& in, std::int64_t height, std::int64_t width, image_filter filter) {
  if (in.height == height && in.width == width) return in;
  auto wide = blank(in.height, width, in.channels);
  auto const across = resize_weights(in.width, width, filter), down = resize_weights(in.height, height, filter);
  for (std::int64_t y = 0; y < in.height; ++y)
    for (std::int64_t x = 0; x < width; ++x)
      for (std::int64_t c = 0; c < in.channels; ++c) {
        auto const& t = across[static_cast<std::size_t>(x)];
        float sum = 0;
        for (std::size_t k = 0; k < t.weights.size(); ++k)
          sum += t.weights[k] * in.row(y)[(t.first + static_cast<std::int64_t>(k)) * in.channels + c];
        wide.row(y)[x * in.channels + c] = sum;
      }
  auto out = blank(height, width, in.channels);
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width * in.channels; ++x) {
      auto const& t = down[static_cast<std::size_t>(y)];
      float sum = 0;
      for (std::size_t k = 0; k < t.weights.size(); ++k)
        sum += t.weights[k] * wide.row(t.first + static_cast<std::int64_t>(k))[x];
      out.row(y)[x] = sum;
    }
  return out;
}

/// The part of `in` that begins at (top, left), which may be outside of it, where `fill` is.
inline float_image cropped(float_image const& in, std::int64_t top, std::int64_t left, std::int64_t height,
                           std::int64_t width, float fill) {
  auto out = blank(height, width, in.channels, fill);
  auto const from = std::max<std::int64_t>(0, -left), to = std::min(width, in.width - left);
  for (std::int64_t y = 0; y < height; ++y)
    if (y + top >= 0 && y + top < in.height && from < to)
      std::copy_n(in.row(y + top) + (from + left) * in.channels, (to - from) * in.channels,
                  out.row(y) + from * in.channels);
  return out;
}

inline float_image fitted(float_image const& in, std::int64_t height, std::int64_t width, image_options const& o) {
  if (o.fit == image_fit::stretch) return resized(in, height, width, o.filter);
  bool const crop = o.fit == image_fit::crop;
  double const across = static_cast<double>(width) / static_cast<double>(in.width),
               down = static_cast<double>(height) / static_cast<double>(in.height);
  double scale = crop ? std::max(across, down) : std::min(across, down);
  if (crop && o.shorter > 0)
    scale = static_cast<double>(o.shorter) / static_cast<double>(std::min(in.height, in.width));
  auto const side = [&](std::int64_t n) {
    return std::max<std::int64_t>(1, std::llround(static_cast<double>(n) * scale));
  };
  auto const all = resized(in, side(in.height), side(in.width), o.filter);
  auto const half = [](std::int64_t more) { return more >= 0 ? more / 2 : -((-more) / 2); };
  return cropped(all, half(all.height - height), half(all.width - width), height, width, o.fill);
}

/// What the input and the options make of an image: where its dimensions are, and their sizes.
struct image_layout {
  element type = element::f32;
  bool channels_first = true, batch = true;
  std::int64_t channels = 3, height = 0, width = 0;
};

inline image_layout image_layout_of(model_input const& in, image_options const& o) {
  image_layout l{.height = o.height, .width = o.width};
  if (o.colour == image_colour::grey) l.channels = 1;
  l.channels_first = o.order != image_order::nhwc;
  if (!in.type || !in.type->is_tensor()) return l;
  if (in.type->element != element::undefined) l.type = in.type->element;
  if (!in.type->dims) return l;
  auto const& d = *in.type->dims;
  if (d.size() != 3 && d.size() != 4)
    throw error{error_kind::invalid, "'" + in.name + "' is " + text(*in.type) + ", which is not an image", in.name};
  l.batch = d.size() == 4;
  auto const at = [&](std::size_t i) { return d[i + l.batch].known() ? d[i + l.batch].size : 0; };
  auto const colours = [](std::int64_t n) { return n == 1 || n == 3; };
  if (o.order == image_order::by_model)  // three is more likely a number of colours than one
    l.channels_first = at(0) == 3 || (at(2) != 3 && (at(0) == 1 || at(2) != 1));
  std::int64_t const channels = at(l.channels_first ? 0 : 2);
  if (o.colour == image_colour::by_model && colours(channels)) l.channels = channels;
  if (l.height == 0) l.height = at(l.channels_first ? 1 : 0);
  if (l.width == 0) l.width = at(l.channels_first ? 2 : 1);
  return l;
}

/// One value a channel of a setting that has one, or one a channel.
inline float per_channel(std::vector<float> const& all, std::int64_t c, float otherwise) {
  return all.empty() ? otherwise : all[all.size() == 1 ? 0 : static_cast<std::size_t>(c)];
}

inline tensor stored(tensor const& x, element type) {
  if (fits_f32(type)) return from_f32(x, type);
  if (type != element::u8 && type != element::s8)
    throw error{error_kind::unsupported, "images do not become " + onnx_name(type)};
  tensor t{type, x.dims()};
  auto const in = x.as<float>();
  float const low = type == element::u8 ? 0.f : -128.f;
  for (std::size_t i = 0; i < in.size(); ++i)  // the low byte is the same for both types
    t.mutable_bytes()[i] = static_cast<std::byte>(static_cast<int>(std::nearbyint(std::clamp(in[i], low, low + 255))));
  return t;
}

}  // namespace detail

/// How many channels an image has to be decoded with for this input: 1 or 3.
inline std::int64_t image_channels(model_input const& in, image_options const& o) {
  return detail::image_layout_of(in, o).channels;
}

/// An image as this input wants it: (value · scale − mean) / deviation for each pixel of the resized image. Throws
/// `usage` where the size is not known, `unsupported` for types that hold no image.
inline tensor to_tensor(image const& from, model_input const& in, image_options const& o) {
  auto const l = detail::image_layout_of(in, o);
  if (l.height == 0 || l.width == 0)
    throw error{error_kind::usage, "the model does not say what size an image for '" + in.name + "' has", in.name,
                "give the size of images"};
  for (auto const* list : {&o.mean, &o.deviation})
    if (list->size() > 1 && list->size() != static_cast<std::size_t>(l.channels))
      throw error{error_kind::usage,
                  std::to_string(list->size()) + " numbers were given for images of " + std::to_string(l.channels) +
                      " channels",
                  in.name};
  detail::float_image f{from.height, from.width, from.channels, {from.pixels.begin(), from.pixels.end()}};
  f = detail::fitted(f, l.height, l.width, o);
  auto const area = l.height * l.width;
  tensor t{element::f32,
           l.channels_first ? shape{1, l.channels, l.height, l.width} : shape{1, l.height, l.width, l.channels}};
  auto const out = t.mutable_as<float>();
  float const scale = o.scale.value_or(fits_f32(l.type) ? 1.f / 255 : 1.f);
  for (std::int64_t c = 0; c < l.channels; ++c) {
    auto const source = o.colour == image_colour::bgr ? l.channels - 1 - c : c;
    float const mean = detail::per_channel(o.mean, c, 0), deviation = detail::per_channel(o.deviation, c, 1);
    for (std::int64_t i = 0; i < area; ++i) {
      float const x = f.pixels[static_cast<std::size_t>(i * l.channels + source)];
      out[static_cast<std::size_t>(l.channels_first ? c * area + i : i * l.channels + c)] =
          (x * scale - mean) / deviation;
    }
  }
  auto const dims = t.dims();
  auto const whole = detail::stored(t, l.type);
  return l.batch ? whole : whole.reshaped(shape{std::span{dims.begin() + 1, 3}});
}

}  // namespace octet
