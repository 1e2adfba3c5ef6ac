// BatchNormalization after a layer with weights is a scale and a shift of each channel: both go into the weights.
#pragma once

#include <octet/rewrite/numbers.hpp>
#include <octet/rewrite/rule.hpp>
#include <octet/rewrite/rules/variables.hpp>

namespace octet::rewrite {

/// The channels' scales and shifts of the node `bn`; why they cannot be used is in `why`.
inline std::optional<affine> batch_norm(match const& m, std::int64_t channels, std::string& why) {
  if (m.attr(var::bn, "training_mode", std::int64_t{0}) != 0 || m.at(var::bn).outputs.size() > 3)
    why = "the normalization is in training form";
  else if (m.attr(var::bn, "spatial", std::int64_t{1}) == 0) why = "the normalization is not over channels";
  else if (m.fixed(var::gamma).size() != channels)
    why = "the normalization has another number of channels than the weights";
  if (!why.empty()) return std::nullopt;
  auto a = normalization_of(m.fixed(var::gamma), m.fixed(var::beta), m.fixed(var::mean), m.fixed(var::variance),
                            static_cast<double>(m.attr(var::bn, "epsilon", 1e-5f)));
  if (!a) why = "the statistics are not finite";
  return a;
}

/// Why weights and bias of a convolution cannot be folded into, or nothing.
inline std::string unusable(match const& m, std::int64_t channels) {
  auto const& t = m.fixed(var::w);
  if (!is_float(t.type()) || t.rank() < 3) return "the weights are not float weights of a convolution";
  auto const* bias = m.has(var::b) ? m.constant_of(var::b) : nullptr;
  if (bias != nullptr && (bias->size() != channels || bias->type() != t.type()))
    return "the bias does not fit the weights";
  return {};
}

/// Output channels of a convolution's weights, 0 when its groups do not fit.
inline std::int64_t output_channels(match const& m) {
  auto const& d = m.fixed(var::w).dims();
  auto const groups = m.attr(var::layer, "group", std::int64_t{1});
  if (d.rank() < 3 || groups <= 0 || d[0] % groups != 0) return 0;
  return m.at(var::layer).op == "ConvTranspose" ? d[1] * groups : d[0];
}

/// The convolution `layer` followed by an affine map of its channels, as one convolution.
inline value_id absorb(match const& m, patch& p, affine const& a) {
  bool const transposed = m.at(var::layer).op == "ConvTranspose";
  auto const& weight = m.fixed(var::w);
  auto const scaled_weight = transposed
                                 ? scale_transposed(weight, a.scale, m.attr(var::layer, "group", std::int64_t{1}))
                                 : scale_outputs(weight, a.scale);
  auto const bias = shifted(m.has(var::b) ? &m.fixed(var::b) : nullptr, a, weight.type());
  auto const like = m.has(var::b)      ? m[var::b]
                    : m.has(var::beta) ? m[var::beta]
                    : m.has(var::c)    ? m[var::c]
                                       : value_id::none;
  return p(transposed ? ops::ConvTranspose : ops::Conv,
           {m[var::x], p.constant(scaled_weight, m[var::w]), p.constant(bias, like)}, m.at(var::layer).attributes);
}

inline value_id fold_batch_norm(match const& m, patch& p) {
  auto const channels = output_channels(m);
  auto why = unusable(m, channels);
  auto const a = why.empty() ? batch_norm(m, channels, why) : std::nullopt;
  return a ? absorb(m, p, *a) : p.decline(why);
}

/// Gemm is alpha·A·B + beta·C: the scale goes into the columns of B, and C takes beta, scale and shift.
inline value_id fold_batch_norm_gemm(match const& m, patch& p) {
  auto const& weight = m.fixed(var::w);
  bool const turned = m.attr(var::layer, "transB", std::int64_t{0}) != 0;
  if (!is_float(weight.type()) || weight.rank() != 2) return p.decline("the weights are not a float matrix");
  auto const columns = weight.dims()[turned ? 0 : 1];
  std::string why;
  auto const a = batch_norm(m, columns, why);
  if (!a) return p.decline(why);
  auto bias = std::vector<double>(static_cast<std::size_t>(columns), 0.0);
  if (m.has(var::b)) {
    auto const given = per_column(m.fixed(var::b), 2, columns);
    if (!given) return p.decline("the bias is not one number a column");
    bias = *given;
  }
  auto const by = static_cast<double>(m.attr(var::layer, "beta", 1.0f));
  for (std::size_t i = 0; i < bias.size(); ++i) bias[i] = by * bias[i] * a->scale[i] + a->shift[i];
  auto const n = static_cast<std::size_t>(columns), k = static_cast<std::size_t>(weight.dims()[turned ? 1 : 0]);
  auto const scaled_weight = scaled(weight, a->scale, [=](std::size_t i) { return turned ? i / k : i % n; });
  auto attributes = m.at(var::layer).attributes;
  attributes.erase(
      std::remove_if(attributes.begin(), attributes.end(), [](attribute const& t) { return t.name == "beta"; }),
      attributes.end());
  return p(ops::Gemm,
           {m[var::x], p.constant(scaled_weight, m[var::w]),
            p.constant(rounded(weight.type(), shape{columns}, bias), m.has(var::b) ? m[var::b] : m[var::beta])},
           std::move(attributes));
}

/// Only of two axes is the column of a MatMul the channel of the normalization.
inline value_id fold_batch_norm_matmul(match const& m, patch& p) {
  auto const& weight = m.fixed(var::w);
  if (!is_float(weight.type()) || weight.rank() != 2) return p.decline("the weights are not a float matrix");
  if (m.rank(var::x) != 2) return p.decline("the input of MatMul is not known to have two axes");
  std::string why;
  auto const a = batch_norm(m, weight.dims()[1], why);
  if (!a) return p.decline(why);
  auto const n = static_cast<std::size_t>(weight.dims()[1]);
  return p(ops::Gemm, {m[var::x], p.constant(scaled(weight, a->scale, [n](std::size_t i) { return i % n; }), m[var::w]),
                       p.constant(rounded(weight.type(), shape{weight.dims()[1]}, a->shift), m[var::beta])});
}

inline constexpr rule fold_batch_norm_into_conv{
    "batch-norm-into-conv",
    ops::BatchNormalization(ops::Conv(var::x, var::w, maybe(var::b)).as(var::layer), var::gamma, var::beta, var::mean,
                            var::variance)
        .as(var::bn),
    [](match const& m, patch& p) { return fold_batch_norm(m, p); }};

inline constexpr rule fold_batch_norm_into_conv_transpose{
    "batch-norm-into-conv-transpose",
    ops::BatchNormalization(ops::ConvTranspose(var::x, var::w, maybe(var::b)).as(var::layer), var::gamma, var::beta,
                            var::mean, var::variance)
        .as(var::bn),
    [](match const& m, patch& p) { return fold_batch_norm(m, p); }};

inline constexpr rule fold_batch_norm_into_gemm{
    "batch-norm-into-gemm",
    ops::BatchNormalization(ops::Gemm(var::x, var::w, maybe(var::b)).as(var::layer), var::gamma, var::beta, var::mean,
                            var::variance)
        .as(var::bn),
    [](match const& m, patch& p) { return fold_batch_norm_gemm(m, p); }};

inline constexpr rule fold_batch_norm_into_matmul{
    "batch-norm-into-matmul",
    ops::BatchNormalization(ops::MatMul(var::x, var::w).as(var::layer), var::gamma, var::beta, var::mean, var::variance)
        .as(var::bn),
    [](match const& m, patch& p) { return fold_batch_norm_matmul(m, p); }};

/// BatchNormalization into the layer before it.
inline constexpr auto batch_norm_rules = rules(fold_batch_norm_into_conv, fold_batch_norm_into_conv_transpose,
                                               fold_batch_norm_into_gemm, fold_batch_norm_into_matmul);

}  // namespace octet::rewrite
