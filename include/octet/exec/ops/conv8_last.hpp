// Integer convolutions inside the executor's chains of channels-last tensors: QLinearConv with constant parameters.
#pragma once

#include <memory>
#include <type_traits>
#include <vector>

#include <octet/exec/ops/conv8.hpp>
#include <octet/exec/ops/conv_last.hpp>
#include <octet/kernels/depthwise8.hpp>

namespace octet {
namespace detail {

/// x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero, B: all but x constant, w packed.
class conv_8_last {
 public:
  explicit conv_8_last(preparation const& p) : geometry_{p, constant(p, 3).dims(), 1} {
    auto const& who = geometry_.who;
    auto const &w = constant(p, 3), &zero = constant(p, 7);
    expect_8_bit(who, w, "the weights"), expect_8_bit(who, zero, "the zero point of the output");
    w_type_ = w.type(), x_type_ = constant(p, 2).type(), y_type_ = zero.type();
    auto const channels = geometry_.weights[0];
    x_zero_ = zero_points(who, &constant(p, 2), x_type_, 1, "the input")[0];
    w_zeros_ = zero_points(who, &constant(p, 5), w_type_, channels, "the weights");
    y_zero_ = zero_points(who, &zero, y_type_, 1, "the output")[0];
    multipliers_ = multipliers(scales_of(who, constant(p, 1), 1, "the input")[0],
                               scales_of(who, constant(p, 4), channels, "the weights"),
                               scales_of(who, constant(p, 6), 1, "the output")[0], channels);
    if (p.has_input(8)) bias_ = constant(p, 8);
    if (bias_ && (bias_.type() != element::s32 || bias_.size() != channels)) who.invalid("the bias does not fit");
    if (geometry_.depthwise()) pack_depthwise(w);
    else pack(w);
  }

  void operator()(call& c) {
    auto& g = geometry_;
    tensor const x = std::move(c.inputs[0]);
    if (x.type() != x_type_) g.who.invalid("the input and its zero point differ in type");
    g.see(x.dims());
    auto& out = c.make(0, y_type_, g.output);
    visit(g.who, y_type_, types<std::uint8_t, std::int8_t>{},
          [&]<class T>(T) { run<T>(c, x, out.mutable_as<T>().data()); });
  }

 private:
  static tensor const& constant(preparation const& p, std::size_t i) {
    if (p.constant(i) == nullptr) op_label{p}.invalid("input " + std::to_string(i) + " is not constant");
    return *p.constant(i);
  }
  std::int32_t flip() const { return x_type_ == element::s8 ? 128 : 0; }
  std::int32_t zero_of(std::int64_t channel, std::int32_t shift) const {
    return w_zeros_[w_zeros_.size() == 1 ? 0 : std::size_t(channel)] - shift;
  }
  std::int32_t offset(std::int64_t channel, std::int32_t sum, std::int32_t zero) const {
    std::int64_t const b = bias_ ? bias_.as<std::int32_t>()[std::size_t(channel)] : 0, x = x_zero_ + flip();
    return kernels::wrap(b - x * sum + std::int64_t{geometry_.form.group * geometry_.form.taps()} * x * zero);
  }

  void pack(tensor const& w) {
    auto const& form = geometry_.form;
    auto const out = geometry_.out(), k = std::int64_t{form.k(1)};
    auto const each = geometry_.weights.product(1, geometry_.weights.rank());
    auto const* const from = bytes_of(w, 1, 1).data;
    std::vector<std::uint8_t> rows(static_cast<std::size_t>(out * k));
    packed_.resize(static_cast<std::size_t>(geometry_.groups));
    for (std::int64_t n = 0; n < geometry_.groups; ++n) {
      auto& to = packed_[std::size_t(n)];
      for (std::int64_t j = 0; j < out; ++j)
        for (std::int64_t i = 0; i < k; ++i) {
          auto const at = form.weight(i, 1);
          rows[std::size_t(j * k + i)] =
              at < 0 ? std::uint8_t(w_type_ == element::u8 ? 128 : 0) : from[(n * out + j) * each + at];
        }
      repack_right_8(to, w_type_, {rows.data(), out, k}, true, serial{});
      auto const room = to.panels() * panel_columns_8;
      if (n == 0)
        offsets_.resize(room * geometry_.groups), zeros_.resize(offsets_.size()), offsets_.clear(), zeros_.clear();
      for (std::int64_t j = 0; j < out; ++j) {
        auto const zero = zero_of(n * out + j, to.shift);
        zeros_[n * room + j] = zero, any_ |= zero != 0;
        offsets_[n * room + j] = offset(n * out + j, to.sums[j], zero);
      }
    }
  }

  void pack_depthwise(tensor const& w) {
    auto const& form = geometry_.form;
    depthwise_.pack(bytes_of(w, 1, 1).data, w_type_ == element::s8, form.channels, form.taps(),
                    form.axis[2].stride == 1);
    offsets_.resize(depthwise_.size()), zeros_.resize(depthwise_.size()), scales_.resize(depthwise_.size());
    for (std::ptrdiff_t i = 0; i < depthwise_.size(); ++i) {
      auto const c = depthwise_.channel(i);
      zeros_[i] = c < 0 ? 0 : zero_of(c, depthwise_.shift), any_ |= zeros_[i] != 0;
      offsets_[i] = c < 0 ? 0 : offset(c, depthwise_.sums[i], zeros_[i]);
      scales_[i] = c < 0 ? 0.f : multipliers_[std::size_t(c)];
    }
  }

  template <class T>
  void run(call& c, tensor const& x, T* y) const {
    auto const& walk = geometry_.walk;
    auto const& form = walk.form;
    auto const batch = x.dims()[0], pixels = std::int64_t{form.outputs()}, out = geometry_.weights[0];
    auto const* from = bytes_of(x, 1, 1).data;
    if (form.pointwise()) {
      c.path = "pointwise";
      return product(c, from, batch * pixels, y);
    }
    tensor copy;
    if (walk.copies) copy = c.memory.make(element::u8, {walk.padded()});
    for (std::int64_t i = 0; i < batch;
         ++i, from += form.channels * form.axis[0].in * form.axis[1].in * form.axis[2].in) {
      auto const* image = from;
      if (walk.copies) {
        auto* const to = copy.mutable_as<std::uint8_t>().data();
        kernels::pad_image(walk, from, static_cast<std::uint8_t>(x_zero_), to);
        image = to;
      }
      if (geometry_.depthwise()) {
        c.path = "depthwise";
        kernels::depthwise_8(walk, image, depthwise_,
                             {offsets_.data(), any_ ? zeros_.data() : nullptr, scales_.data(), y_zero_,
                              std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), flip() != 0},
                             y + i * pixels * out, c.pool);
      } else {
        c.path = "window";
        windows(c, image, y + i * pixels * out);
      }
    }
  }

  template <class T>
  kernels::requantize<T> output(matrix<T> to, std::int64_t first) const {
    return {to, std::span{multipliers_}.subspan(std::size_t(first), std::size_t(to.columns)), y_zero_};
  }

  /// The image as it is times the weights.
  template <class T>
  void product(call& c, std::uint8_t const* from, std::int64_t rows, T* y) const {
    auto const k = std::int64_t{geometry_.form.channels};
    kernels::buffer<std::int32_t> sums;
    if (any_) {
      sums.resize(rows);
      for (std::int64_t i = 0; i < rows; ++i) sums[i] = sum(from + i * k, k);
    }
    left_source const left{reinterpret_cast<std::byte const*>(from), k, 4, k / 4, static_cast<int>(k % 4)};
    start<std::int32_t> const s{offsets_.data(), any_ ? sums.data() : nullptr, zeros_.data()};
    auto const to = output(matrix<T>{y, rows, geometry_.weights[0]}, 0);
    if (flip() != 0) run_grid<kernels::flipped<dot_8>>(left, rows, packed_[0], s, to, c.pool);
    else run_grid<dot_8>(left, rows, packed_[0], s, to, c.pool);
  }

  template <class T>
  void windows(call& c, std::uint8_t const* image, T* y) const {
    auto const& walk = geometry_.walk;
    auto const pixels = std::int64_t{walk.form.outputs()}, out = geometry_.out();
    kernels::buffer<std::int32_t> sums(any_ ? pixels : 0);
    for (std::int64_t n = 0; n < geometry_.groups; ++n) {
      auto const* const from = image + n * walk.form.group;
      auto const& b = packed_[std::size_t(n)];
      auto const at = n * b.panels() * panel_columns_8;
      if (any_) sum_windows(from, sums.data());
      start<std::int32_t> const s{offsets_.data() + at, any_ ? sums.data() : nullptr, zeros_.data() + at};
      auto const to = output(matrix<T>{y + n * out, pixels, out, geometry_.weights[0]}, n * out);
      auto const* const bytes = reinterpret_cast<std::byte const*>(from);
      if (flip() != 0) walk_image<kernels::flipped<dot_8>>(walk, bytes, b, s, to, c.pool);
      else walk_image<dot_8>(walk, bytes, b, s, to, c.pool);
    }
  }

  /// Σ of n bytes, as the dot product sees them.
  std::int32_t sum(std::uint8_t const* p, std::int64_t n) const {
    if (flip() == 0) return sum_of<dot_8>(p, n);
    return kernels::wrap(std::int64_t{sum_of<dot_8>(reinterpret_cast<std::int8_t const*>(p), n)} + 128 * n);
  }
  void sum_windows(std::uint8_t const* image, std::int32_t* sums) const {
    auto const& w = geometry_.walk;
    for (std::ptrdiff_t line = 0; line < w.planes * w.down; ++line)
      for (std::ptrdiff_t x = 0; x < w.across; ++x) {
        auto const* const at = image + line / w.down * w.plane + line % w.down * w.line + x * w.row;
        std::int32_t total = 0;
        for (auto const o : std::span{w.offsets.data(), std::size_t(w.offsets.size())})
          total += sum(at + o, w.form.length());
        *sums++ = total;
      }
  }

  conv_geometry geometry_;
  element x_type_ = element::u8, w_type_ = element::s8, y_type_ = element::u8;
  std::int32_t x_zero_ = 0, y_zero_ = 0;
  std::vector<std::int32_t> w_zeros_{};
  std::vector<float> multipliers_{};
  tensor bias_{};
  bool any_ = false;  ///< some zero point of the packed weights is not 0
  std::vector<right_8> packed_{};
  kernels::packed_depthwise<dot_8> depthwise_{};
  kernels::buffer<std::int32_t> offsets_{}, zeros_{};
  kernels::buffer<float> scales_{};
};

inline operation prepare_conv_8_last(preparation const& p) {
  expect_inputs(p, 8, 9);
  auto const self = std::make_shared<conv_8_last>(p);
  return [self](call& c) { (*self)(c); };
}

/// com.microsoft: as ONNX's, or with channels last when the attribute says so.
inline operation prepare_contrib_qlinear_conv(preparation const& p) {
  if (p.get("channels_last", std::int64_t{0}) == 0) return prepare_qlinear_conv(p);
  for (std::size_t i = 1; i < p.node.inputs.size(); ++i)
    if (p.has_input(i) && p.constant(i) == nullptr)
      op_label{p}.unsupported("channels_last with an input " + std::to_string(i) + " that is not constant");
  return prepare_conv_8_last(p);
}

}  // namespace detail

inline constexpr operator_entry conv8_last_operators[] = {
    {"QLinearConv", "octet", 1, &detail::prepare_conv_8_last},
    {"QLinearConv", "com.microsoft", 1, &detail::prepare_contrib_qlinear_conv},
};

}  // namespace octet
