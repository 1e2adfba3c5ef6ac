// Float convolutions inside the executor's chains of channels-last tensors, with what follows them: a residual, limits,
// an activation. Domain "octet": these nodes exist in graphs that are only run, never in files.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include <octet/exec/ops/broadcast.hpp>
#include <octet/exec/ops/conv.hpp>
#include <octet/exec/ops/row_activation.hpp>
#include <octet/kernels/conv.hpp>
#include <octet/kernels/depthwise.hpp>
#include <octet/kernels/transpose.hpp>

namespace octet {
namespace detail {

/// What both kinds of channels-last convolutions know: their geometry for the input seen last.
struct conv_geometry {
  op_label who;
  window_attributes attributes;
  shape weights{};  ///< [out, in of a group, spatial…]
  std::int64_t groups = 1;
  int size = 4;  ///< bytes of an element
  shape known{-1}, output{};
  kernels::conv_walk walk{};

  conv_geometry(preparation const& p, shape const& w, int bytes)
      : who{p}, attributes{p}, weights{w}, groups{p.get("group", std::int64_t{1})}, size{bytes} {
    if (w.rank() < 3 || w.rank() > 5 || groups < 1 || w[0] % groups != 0)
      who.invalid("weights of shape " + w.text() + " and " + std::to_string(groups) + " groups do not fit");
    complete_kernel(who, attributes, w);
    window win{.rank = w.rank() - 2};
    for (std::size_t i = 0; i < win.rank; ++i) win.axis[3 - win.rank + i] = read_axis(who, attributes, i, win.rank, 1);
    form = form_of(win);
  }
  bool depthwise() const { return groups > 1 && weights[1] == 1 && weights[0] == groups; }
  std::int64_t out() const { return weights[0] / groups; }

  kernels::conv_form form{};  ///< as far as the weights fix it
  kernels::conv_form form_of(window const& w) const {
    kernels::conv_form f{.channels = weights[1] * groups, .group = weights[1]};
    for (std::size_t i = 0; i < 3; ++i) {
      auto const& a = w.axis[i];
      f.axis[i] = {a.in, a.out, a.kernel, a.stride, a.dilation, a.begin};
    }
    return f;
  }

  /// Geometry of an input [batch, spatial…, channels].
  void see(shape const& x) {
    if (x == known) return;
    if (x.rank() != weights.rank() || x[x.rank() - 1] != weights[1] * groups)
      who.invalid("input " + x.text() + " (channels last) and weights " + weights.text() + " do not fit");
    shape first = x;
    first[1] = x[x.rank() - 1];
    for (std::size_t i = 2; i < x.rank(); ++i) first[i] = x[i - 1];
    auto const w = make_window(who, attributes, first);
    output = x;
    for (std::size_t i = 0; i < w.rank; ++i) output[i + 1] = w.axis[3 - w.rank + i].out;
    output[x.rank() - 1] = weights[0];
    walk = kernels::conv_walk{form_of(w), size};
    known = x;
  }
};

/// Epilogue: + residual, clamped to [low, high], then an activation. NaN stays NaN.
struct store_joined {
  static constexpr bool direct = true;
  matrix<float> c;
  float const* more;  ///< null, or rows as those of `c`
  float low, high;
  kernels::row_function then{};

  OCTET_INLINE void limit(start<float>& s) const {
    if (more == nullptr) kernels::store_clamped{c, low, high}.limit(s);
  }
  OCTET_INLINE void fetch(std::ptrdiff_t i0, int rows, std::ptrdiff_t j0, std::ptrdiff_t columns) const {
    if (more != nullptr) kernels::fetch_rows<false>(more + i0 * c.stride + j0, c.stride, rows, columns);
  }
  template <class Arch>
  OCTET_INLINE void finish(std::ptrdiff_t i0, int rows, std::ptrdiff_t j0, std::ptrdiff_t columns) const {
    using batch = xsimd::batch<float, Arch>;
    constexpr auto lanes = static_cast<std::ptrdiff_t>(batch::size);
    if (more == nullptr) return kernels::store_clamped{c, low, high, then}.template finish<Arch>(i0, rows, j0, columns);
    batch const lo(low), hi(high);
    for (int i = 0; i < rows; ++i) {
      float* const p = c.data + (i0 + i) * c.stride + j0;
      float const* const q = more + (i0 + i) * c.stride + j0;
      std::ptrdiff_t j = 0;
      for (; j + lanes <= columns; j += lanes)
        clamp(batch::load_unaligned(p + j) + batch::load_unaligned(q + j), lo, hi).store_unaligned(p + j);
      for (; j < columns; ++j) {
        float const x = p[j] + q[j];
        p[j] = x < low ? low : x > high ? high : x;
      }
      then(p, columns);
    }
  }
};

/// A float convolution with packed weights: X, W, B (may be left out), residual (may be left out).
class conv_last {
 public:
  conv_last(preparation const& p, tensor const& w, tensor const* bias)
      : geometry_{p, w.dims(), 4},
        low_{p.get("low", -std::numeric_limits<float>::infinity())},
        high_{p.get("high", std::numeric_limits<float>::infinity())},
        activation_{noted_activation(p.node)} {
    auto const* const b = bias == nullptr ? nullptr : bias->as<float>().data();
    if (bias != nullptr && bias->size() != w.dims()[0]) geometry_.who.invalid("the bias does not fit");
    if (geometry_.depthwise()) pack_depthwise(w.as<float>().data(), b);
    else pack(w.as<float>().data(), b);
  }

  void operator()(call& c) {
    auto& g = geometry_;
    tensor const x = std::move(c.inputs[0]);
    g.see(x.dims());
    auto const& walk = g.walk;
    auto* const y = c.make(0, element::f32, g.output).mutable_as<float>().data();
    bool const joined = c.has(3) && c.inputs[3].dims() == g.output;
    bool const later = c.has(3) && !joined;
    auto const batch = x.dims()[0], pixels = walk.form.outputs(), out = g.weights[0];
    store_joined const all{matrix<float>{y, batch * pixels, out}, joined ? c.inputs[3].as<float>().data() : nullptr,
                           later ? -std::numeric_limits<float>::infinity() : low_,
                           later ? std::numeric_limits<float>::infinity() : high_,
                           later ? kernels::row_function{} : activation_.then()};
    if (walk.form.pointwise()) {
      c.path = "pointwise";
      left_source const left{reinterpret_cast<std::byte const*>(x.as<float>().data()), walk.form.channels * 4, 4,
                             walk.form.channels, 0};
      run_grid<dot>(left, batch * pixels, packed_[0], start<float>{bias_.data()}, all, c.pool);
    } else {
      for (std::int64_t i = 0; i < batch; ++i) image(c, x, i, all);
    }
    if (later) add_later(c);
  }

 private:
  using dot = kernels::fma1<xsimd::default_arch>;

  void pack(float const* w, float const* b) {
    auto const out = geometry_.out(), k = std::int64_t{geometry_.form.k(4)};
    auto const each = geometry_.weights.product(1, geometry_.weights.rank());
    packed_.resize(static_cast<std::size_t>(geometry_.groups));
    std::vector<float> rows(static_cast<std::size_t>(out * k));
    for (std::int64_t n = 0; n < geometry_.groups; ++n) {
      for (std::int64_t j = 0; j < out; ++j)
        for (std::int64_t i = 0; i < k; ++i)
          rows[std::size_t(j * k + i)] = w[(n * out + j) * each + geometry_.form.weight(i, 4)];
      repack_right(packed_[std::size_t(n)], rows.data(), k, out, 1, k, serial{});
    }
    auto const room = packed_.empty() ? 0 : packed_[0].panels() * panel_columns;
    bias_.resize(room * geometry_.groups);
    bias_.clear();
    for (std::int64_t j = 0; b != nullptr && j < geometry_.weights[0]; ++j) bias_[j / out * room + j % out] = b[j];
  }

  void pack_depthwise(float const* w, float const* b) {
    auto const channels = geometry_.weights[0], taps = std::int64_t{geometry_.form.taps()};
    auto const room = kernels::depthwise_room(channels);
    weights_.resize(taps * room), bias_.resize(room);
    weights_.clear(), bias_.clear();
    for (std::int64_t i = 0; i < channels; ++i) {
      for (std::int64_t t = 0; t < taps; ++t) weights_[t * room + i] = w[i * taps + t];
      if (b != nullptr) bias_[i] = b[i];
    }
  }

  void image(call& c, tensor const& x, std::int64_t number, store_joined output) const {
    auto const& walk = geometry_.walk;
    auto const& form = walk.form;
    auto const pixels = form.outputs(), out = geometry_.out();
    auto const* from = x.as<float>().data() + number * (x.size() / std::max<std::int64_t>(1, x.dims()[0]));
    tensor copy;
    if (walk.copies && !geometry_.depthwise()) {
      copy = c.memory.make(element::f32, {walk.padded()});
      kernels::pad_image(walk, from, 0.f, copy.mutable_as<float>().data());
      from = copy.as<float>().data();
    }
    output.c.data += number * pixels * output.c.stride;
    if (output.more != nullptr) output.more += number * pixels * output.c.stride;
    if (geometry_.depthwise()) {
      c.path = "depthwise";
      bool const more = output.more != nullptr;
      float const end = std::numeric_limits<float>::infinity();
      kernels::depthwise_f32(form, from, weights_.data(), bias_.data(), more ? -end : output.low,
                             more ? end : output.high, output.c.data, c.pool,
                             more ? kernels::row_function{} : output.then);
      if (more) output.template finish<xsimd::default_arch>(0, static_cast<int>(pixels), 0, output.c.stride);
      return;
    }
    c.path = "window";
    for (std::int64_t n = 0; n < geometry_.groups; ++n) {
      store_joined part = output;
      part.c.data += n * out, part.c.rows = pixels, part.c.columns = out;
      if (part.more != nullptr) part.more += n * out;
      auto const& b = packed_[std::size_t(n)];
      start<float> const s{bias_.data() + n * b.panels() * panel_columns};
      walk_image<dot>(walk, reinterpret_cast<std::byte const*>(from + n * form.group), b, s, part, c.pool);
    }
  }

  /// A residual of another shape, broadcast.
  void add_later(call& c) const {
    auto const add = [](row const& r) {
      map_floats(r.operand<float>(0), r.single[0], r.operand<float>(1), r.single[1], r.result<float>(), r.n,
                 [](floats a, floats b) { return a + b; });
    };
    tensor sum = broadcast_two(c, geometry_.who, c.outputs[0], c.inputs[3], element::f32, +add);
    auto const v = sum.mutable_as<float>();
    floats const lo(low_), hi(high_);
    map_floats(v.data(), v.data(), std::int64_t(v.size()), [&](floats x) { return clamp(x, lo, hi); });
    activation_.then()(v.data(), std::int64_t(v.size()));
    c.outputs[0] = sum;
  }

  conv_geometry geometry_;
  float low_, high_;
  row_activation activation_;
  std::vector<right_f32> packed_{};
  kernels::buffer<float> weights_{}, bias_{};
};

inline operation prepare_conv_last(preparation const& p) {
  auto const *w = p.constant(1), *b = p.constant(2);
  if (w == nullptr || (p.has_input(2) && b == nullptr)) op_label{p}.invalid("the weights are not constant");
  auto const self = std::make_shared<conv_last>(p, *w, b);
  return [self](call& c) { (*self)(c); };
}

/// Copies [batch, channels, spatial…] to [batch, spatial…, channels], or back. The result is always a new tensor.
template <bool ToLast>
operation prepare_channels(preparation const& p) {
  expect_inputs(p, 1, 1);
  return [who = op_label{p}](call& c) {
    tensor const x = std::move(c.inputs[0]);
    auto const& d = x.dims();
    if (d.rank() < 3) who.invalid("an input of shape " + d.text() + " has no spatial dimensions");
    auto const last = d.rank() - 1;
    shape to = d;
    if (ToLast) std::rotate(to.begin() + 1, to.begin() + 2, to.end());
    else std::rotate(to.begin() + 1, to.begin() + static_cast<std::ptrdiff_t>(last), to.end());
    auto& y = c.make(0, x.type(), to);
    auto const channels = ToLast ? d[1] : d[last], pixels = ToLast ? d.product(2, d.rank()) : d.product(1, last);
    auto const rows = ToLast ? channels : pixels, columns = ToLast ? pixels : channels;
    visit_width(who, x.type(), [&]<class T>(T) {
      auto const* const from = reinterpret_cast<T const*>(x.bytes().data());
      auto* const out = reinterpret_cast<T*>(y.mutable_bytes().data());
      if (rows == 1 || columns == 1) {
        std::copy_n(from, x.size(), out);
        return;
      }
      std::int64_t const block =
          std::max<std::int64_t>(1, 64 / std::max<std::int64_t>(1, rows)) * (64 / std::int64_t{sizeof(T)});
      for_rows(c.pool, d[0] * ((columns + block - 1) / block), rows * block, [&](std::int64_t begin, std::int64_t end) {
        auto const blocks = (columns + block - 1) / block;
        for (auto i = begin; i < end; ++i) {
          auto const j0 = i % blocks * block, image = i / blocks * rows * columns;
          matrix<T const> const strip{from + image + j0, rows, std::min(block, columns - j0), columns};
          kernels::transpose(strip, out + image + j0 * rows, rows);
        }
      });
    });
  };
}

}  // namespace detail

inline constexpr operator_entry conv_last_operators[] = {
    {"Conv", "octet", 1, &detail::prepare_conv_last},
    {"ChannelsLast", "octet", 1, &detail::prepare_channels<true>},
    {"ChannelsFirst", "octet", 1, &detail::prepare_channels<false>},
};

}  // namespace octet
