// The arithmetic that folding does on weights: in double, rounded once at the end.
#pragma once

#include <cmath>
#include <optional>
#include <vector>

#include <octet/core/convert.hpp>
#include <octet/infer/constants.hpp>

namespace octet::rewrite {

/// Whether folding can compute with tensors of this type.
constexpr bool is_float(element e) {
  return e == element::f32 || e == element::f64 || e == element::f16 || e == element::bf16;
}

/// All elements of a float tensor.
inline std::vector<double> reals(tensor const& t) {
  auto v = is_float(t.type()) ? to_reals(t, t.size()) : std::nullopt;
  if (!v) throw error{error_kind::internal, "numbers of a tensor of type " + onnx_name(t.type()) + " are folded"};
  return std::move(*v);
}

/// A tensor of a float type, each element rounded to nearest.
inline tensor rounded(element e, shape dims, std::vector<double> const& v) {
  tensor t{e, std::move(dims)};
  auto const fill = [&](auto out, auto round) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = round(v[i]);
  };
  using std::uint16_t;
  if (e == element::f64) fill(t.mutable_as<double>(), [](double x) { return x; });
  else if (e == element::f16)
    fill(t.mutable_as<uint16_t>(), [](double x) { return narrow_f16(static_cast<float>(x)); });
  else if (e == element::bf16)
    fill(t.mutable_as<uint16_t>(), [](double x) { return narrow_bf16(static_cast<float>(x)); });
  else fill(t.mutable_as<float>(), [](double x) { return static_cast<float>(x); });
  return t;
}

/// y = scale·x + shift, for each channel.
struct affine {
  std::vector<double> scale{}, shift{};
};

/// What BatchNormalization does to its channels in inference. Nothing when the sizes differ or a variance is not
/// usable.
inline std::optional<affine> normalization_of(tensor const& gamma, tensor const& beta, tensor const& mean,
                                              tensor const& variance, double epsilon) {
  for (auto const* t : {&gamma, &beta, &mean, &variance})
    if (!is_float(t->type()) || t->size() != gamma.size()) return std::nullopt;
  auto const g = reals(gamma), b = reals(beta), m = reals(mean), v = reals(variance);
  affine a;
  for (std::size_t c = 0; c < g.size(); ++c) {
    auto const s = g[c] / std::sqrt(v[c] + epsilon);
    if (!std::isfinite(s)) return std::nullopt;
    a.scale.push_back(s);
    a.shift.push_back(b[c] - m[c] * s);
  }
  return a;
}

/// A constant that acts on the channels (axis 1) of a tensor of `rank` axes without changing its shape: one number, or
/// one for each channel. Nothing when it acts otherwise.
inline std::optional<std::vector<double>> per_channel(tensor const& c, std::size_t rank, std::int64_t channels) {
  if (!is_float(c.type()) || c.rank() > rank || channels < 0) return std::nullopt;
  for (std::size_t i = 0; i < c.rank(); ++i) {
    bool const channel = i + rank == c.rank() + 1;
    if (c.dims()[i] != 1 && !(channel && c.dims()[i] == channels)) return std::nullopt;
  }
  auto v = reals(c);
  if (v.size() == 1) v.assign(static_cast<std::size_t>(channels), v[0]);
  return v;
}

/// The same for the last axis.
inline std::optional<std::vector<double>> per_column(tensor const& c, std::size_t rank, std::int64_t columns) {
  if (!is_float(c.type()) || c.rank() > rank || columns < 0) return std::nullopt;
  for (std::size_t i = 0; i < c.rank(); ++i)
    if (c.dims()[i] != 1 && !(i + 1 == c.rank() && c.dims()[i] == columns)) return std::nullopt;
  auto v = reals(c);
  if (v.size() == 1) v.assign(static_cast<std::size_t>(columns), v[0]);
  return v;
}

/// `w` with element i multiplied by scale[index(i)].
template <class Index>
tensor scaled(tensor const& w, std::vector<double> const& scale, Index index) {
  auto v = reals(w);
  for (std::size_t i = 0; i < v.size(); ++i) v[i] *= scale[index(i)];
  return rounded(w.type(), w.dims(), v);
}

/// Conv weights [M, C/g, …] with each output channel scaled.
inline tensor scale_outputs(tensor const& w, std::vector<double> const& scale) {
  auto const row = static_cast<std::size_t>(w.dims().product(1, w.rank()));
  return scaled(w, scale, [row](std::size_t i) { return i / row; });
}

/// Conv weights [M, C/g, …] with each input channel scaled.
inline tensor scale_inputs(tensor const& w, std::vector<double> const& scale, std::int64_t groups) {
  auto const per_group = static_cast<std::size_t>(w.dims()[1]),
             cell = static_cast<std::size_t>(w.dims().product(2, w.rank()));
  auto const outputs = static_cast<std::size_t>(w.dims()[0] / groups);
  return scaled(w, scale,
                [=](std::size_t i) { return i / cell / per_group / outputs * per_group + i / cell % per_group; });
}

/// ConvTranspose weights [C, M/g, …] with each output channel scaled.
inline tensor scale_transposed(tensor const& w, std::vector<double> const& scale, std::int64_t groups) {
  auto const per_group = static_cast<std::size_t>(w.dims()[1]),
             cell = static_cast<std::size_t>(w.dims().product(2, w.rank()));
  auto const inputs = static_cast<std::size_t>(w.dims()[0] / groups);
  return scaled(w, scale,
                [=](std::size_t i) { return i / cell / per_group / inputs * per_group + i / cell % per_group; });
}

/// bias·scale + shift, where an absent bias is 0.
inline tensor shifted(tensor const* bias, affine const& a, element e) {
  auto b = bias == nullptr ? std::vector<double>(a.scale.size(), 0.0) : reals(*bias);
  for (std::size_t c = 0; c < b.size(); ++c) b[c] = b[c] * a.scale[c] + a.shift[c];
  return rounded(e, shape{static_cast<std::int64_t>(b.size())}, b);
}

}  // namespace octet::rewrite
