// Constants that scale or shift the channels around a convolution go into its weights; padding by zero becomes its
// pads.
#pragma once

#include <octet/rewrite/rules/batch_norm.hpp>

namespace octet::rewrite {

/// The convolution `layer` followed by `scale`·y + `shift`, each made from the constant c.
template <class Make>
value_id fold_constant(match const& m, patch& p, Make make) {
  auto const channels = output_channels(m);
  if (auto why = unusable(m, channels); !why.empty()) return p.decline(std::move(why));
  auto const& t = m.fixed(var::c);
  if (t.type() != m.fixed(var::w).type()) return p.decline("the constant has another type than the weights");
  auto const v = per_channel(t, m.fixed(var::w).rank(), channels);
  if (!v) return p.decline("the constant does not act on channels only");
  affine a{std::vector<double>(v->size(), 1.0), std::vector<double>(v->size(), 0.0)};
  for (std::size_t i = 0; i < v->size(); ++i) {
    make(a, i, (*v)[i]);
    if (!std::isfinite(a.scale[i]) || !std::isfinite(a.shift[i]))
      return p.decline("the constant is not finite or divides by zero");
  }
  return absorb(m, p, a);
}

inline constexpr auto any_conv = either(ops::Conv(var::x, var::w, maybe(var::b)).as(var::layer),
                                        ops::ConvTranspose(var::x, var::w, maybe(var::b)).as(var::layer));

inline bool pads_nothing(octet::node const& n) {
  auto const how = n.get<std::string>("auto_pad", "NOTSET");
  if (how == "VALID") return true;
  auto const* pads = n.get<std::vector<std::int64_t>>("pads");
  return how == "NOTSET" && (pads == nullptr || std::all_of(pads->begin(), pads->end(), [](auto i) { return i == 0; }));
}

/// A Conv of scale·x + shift, with constants for each input channel. A shift may go only where nothing is padded.
inline value_id absorb_input(match const& m, patch& p, affine const& a, bool shifts) {
  auto const& weight = m.fixed(var::w);
  auto const groups = m.attr(var::layer, "group", std::int64_t{1});
  if (shifts && !pads_nothing(m.at(var::layer))) return p.decline("zeros that are padded would not be shifted");
  auto const scaled_weight = p.constant(scale_inputs(weight, a.scale, groups), m[var::w]);
  if (!shifts)
    return p(ops::Conv,
             m.has(var::b) ? std::vector{m[var::x], scaled_weight, m[var::b]} : std::vector{m[var::x], scaled_weight},
             m.at(var::layer).attributes);
  auto const v = reals(weight);
  auto const row = static_cast<std::size_t>(weight.dims().product(1, weight.rank())),
             cell = static_cast<std::size_t>(weight.dims().product(2, weight.rank()));
  auto const per_group = static_cast<std::size_t>(weight.dims()[1]),
             outputs = static_cast<std::size_t>(weight.dims()[0] / groups);
  affine sum{std::vector<double>(static_cast<std::size_t>(weight.dims()[0]), 1.0),
             std::vector<double>(static_cast<std::size_t>(weight.dims()[0]), 0.0)};
  for (std::size_t i = 0; i < v.size(); ++i)
    sum.shift[i / row] += v[i] * a.shift[i / row / outputs * per_group + i / cell % per_group];
  auto const bias = shifted(m.has(var::b) ? &m.fixed(var::b) : nullptr, sum, weight.type());
  return p(ops::Conv,
           {m[var::x], scaled_weight,
            p.constant(bias, m.has(var::b)      ? m[var::b]
                             : m.has(var::beta) ? m[var::beta]
                                                : value_id::none)},
           m.at(var::layer).attributes);
}

inline std::int64_t input_channels(match const& m) {
  auto const& d = m.fixed(var::w).dims();
  auto const groups = m.attr(var::layer, "group", std::int64_t{1});
  return d.rank() < 3 || groups <= 0 || d[0] % groups != 0 ? 0 : d[1] * groups;
}

template <class Make>
value_id fold_constant_before(match const& m, patch& p, bool shifts, Make make) {
  if (auto why = unusable(m, output_channels(m)); !why.empty()) return p.decline(std::move(why));
  auto const& t = m.fixed(var::c);
  if (t.type() != m.fixed(var::w).type()) return p.decline("the constant has another type than the weights");
  auto const v = per_channel(t, m.fixed(var::w).rank(), input_channels(m));
  if (!v) return p.decline("the constant does not act on channels only");
  affine a{std::vector<double>(v->size(), 1.0), std::vector<double>(v->size(), 0.0)};
  for (std::size_t i = 0; i < v->size(); ++i) {
    make(a, i, (*v)[i]);
    if (!std::isfinite(a.scale[i]) || !std::isfinite(a.shift[i]))
      return p.decline("the constant is not finite or divides by zero");
  }
  auto const* type = m.type(var::x);
  bool const same = type != nullptr && type->dims && type->dims->size() == m.fixed(var::w).rank();
  if (t.size() != 1 && !(same && (*type->dims)[1].known() && (*type->dims)[1].size == input_channels(m)))
    return p.decline("the input is not known to have the channels of the weights");
  return absorb_input(m, p, a, shifts);
}

inline constexpr auto set_scale = [](affine& a, std::size_t i, double v) { a.scale[i] = v; };
inline constexpr auto set_inverse = [](affine& a, std::size_t i, double v) { a.scale[i] = 1 / v; };
inline constexpr auto set_shift = [](affine& a, std::size_t i, double v) { a.shift[i] = v; };
inline constexpr auto set_negative_shift = [](affine& a, std::size_t i, double v) { a.shift[i] = -v; };

/// The pads of a constant Pad by zero over spatial axes, begins then ends; or why not.
inline std::optional<std::vector<std::int64_t>> spatial_pads(match const& m, std::size_t rank, std::string& why) {
  auto const& n = m.at(var::pad);
  std::optional<std::vector<std::int64_t>> pads;
  if (auto const* a = n.get<std::vector<std::int64_t>>("pads")) pads = *a;
  else if (n.has_input(1) && m.graph.constant(n.inputs[1]) != nullptr)
    pads = to_integers(*m.graph.constant(n.inputs[1]));
  double value = static_cast<double>(n.get<float>("value", 0.0f));
  if (n.has_input(2)) {
    auto const* t = m.graph.constant(n.inputs[2]);
    value = t == nullptr ? 1 : to_real(*t).value_or(1);
  }
  if (n.get<std::string>("mode", "constant") != "constant" || value != 0) why = "the padding is not by zero";
  else if (n.has_input(3)) why = "the padding names axes";
  else if (!pads || pads->size() != 2 * rank) why = "the padding is not constant";
  else if (std::any_of(pads->begin(), pads->end(), [](auto i) { return i < 0; })) why = "the padding cuts";
  else if ((*pads)[0] != 0 || (*pads)[1] != 0 || (*pads)[rank] != 0 || (*pads)[rank + 1] != 0)
    why = "batch or channels are padded";
  return why.empty() ? pads : std::nullopt;
}

inline constexpr auto any_pad = ops::Pad(var::x, maybe(var::amounts), maybe(var::fill), maybe(var::axes)).as(var::pad);

/// The attributes of `layer` with the pads of the Pad before it added.
inline std::optional<std::vector<attribute>> with_pads(match const& m, std::size_t rank, std::string& why) {
  auto const& n = m.at(var::layer);
  auto const pads = spatial_pads(m, rank, why);
  if (!pads) return std::nullopt;
  if (n.get<std::string>("auto_pad", "NOTSET") != "NOTSET") why = "the layer pads by itself";
  auto const axes_count = rank - 2;
  auto sum = n.get<std::vector<std::int64_t>>("pads", std::vector<std::int64_t>(2 * axes_count, 0));
  if (sum.size() != 2 * axes_count) why = "the layer's pads do not fit";
  if (!why.empty()) return std::nullopt;
  for (std::size_t i = 0; i < axes_count; ++i) sum[i] += (*pads)[2 + i], sum[axes_count + i] += (*pads)[rank + 2 + i];
  octet::node changed{.attributes = n.attributes};
  changed.set("pads", std::move(sum));
  return changed.attributes;
}

inline constexpr rule fold_mul_into_conv{"mul-into-conv", ops::Mul(any_conv, var::c),
                                         [](match const& m, patch& p) { return fold_constant(m, p, set_scale); }};
inline constexpr rule fold_div_into_conv{"div-into-conv", ops::Div(any_conv, var::c),
                                         [](match const& m, patch& p) { return fold_constant(m, p, set_inverse); }};
inline constexpr rule fold_add_into_conv{"add-into-conv", ops::Add(any_conv, var::c),
                                         [](match const& m, patch& p) { return fold_constant(m, p, set_shift); }};
inline constexpr rule fold_sub_into_conv{"sub-into-conv", ops::Sub(any_conv, var::c), [](match const& m, patch& p) {
                                           return fold_constant(m, p, set_negative_shift);
                                         }};

inline constexpr rule fold_mul_before_conv{
    "mul-before-conv", ops::Conv(ops::Mul(var::x, var::c), var::w, maybe(var::b)).as(var::layer),
    [](match const& m, patch& p) { return fold_constant_before(m, p, false, set_scale); }};
inline constexpr rule fold_div_before_conv{
    "div-before-conv", ops::Conv(ops::Div(var::x, var::c), var::w, maybe(var::b)).as(var::layer),
    [](match const& m, patch& p) { return fold_constant_before(m, p, false, set_inverse); }};
inline constexpr rule fold_add_before_conv{
    "add-before-conv", ops::Conv(ops::Add(var::x, var::c), var::w, maybe(var::b)).as(var::layer),
    [](match const& m, patch& p) { return fold_constant_before(m, p, true, set_shift); }};
inline constexpr rule fold_sub_before_conv{
    "sub-before-conv", ops::Conv(ops::Sub(var::x, var::c), var::w, maybe(var::b)).as(var::layer),
    [](match const& m, patch& p) { return fold_constant_before(m, p, true, set_negative_shift); }};

inline constexpr rule fold_batch_norm_before_conv{
    "batch-norm-before-conv",
    ops::Conv(ops::BatchNormalization(var::x, var::gamma, var::beta, var::mean, var::variance).as(var::bn), var::w,
              maybe(var::b))
        .as(var::layer),
    [](match const& m, patch& p) {
      std::string why = unusable(m, output_channels(m));
      auto const a = why.empty() ? batch_norm(m, input_channels(m), why) : std::nullopt;
      return a ? absorb_input(m, p, *a, true) : p.decline(why);
    }};

inline constexpr rule fold_pad_into_conv{"pad-into-conv", ops::Conv(any_pad, var::w, maybe(var::b)).as(var::layer),
                                         [](match const& m, patch& p) {
                                           std::string why;
                                           auto attributes = with_pads(m, m.fixed(var::w).rank(), why);
                                           if (!attributes) return p.decline(why);
                                           auto inputs = m.at(var::layer).inputs;
                                           inputs[0] = m[var::x];
                                           return p(ops::Conv, std::move(inputs), std::move(*attributes));
                                         }};

inline constexpr rule fold_pad_into_average_pool{
    "pad-into-average-pool", ops::AveragePool(any_pad).as(var::layer), [](match const& m, patch& p) {
      auto const* kernel = m.at(var::layer).get<std::vector<std::int64_t>>("kernel_shape");
      if (m.attr(var::layer, "count_include_pad", std::int64_t{0}) == 0)
        return p.decline("the average leaves padding out");
      if (kernel == nullptr || m.attr(var::layer, "ceil_mode", std::int64_t{0}) != 0)
        return p.decline("the pool rounds its size up");
      std::string why;
      auto attributes = with_pads(m, kernel->size() + 2, why);
      if (!attributes) return p.decline(why);
      return p(ops::AveragePool, {m[var::x]}, std::move(*attributes));
    }};

/// Scales, shifts and padding around convolutions.
inline constexpr auto affine_rules =
    rules(fold_mul_into_conv, fold_div_into_conv, fold_add_into_conv, fold_sub_into_conv, fold_mul_before_conv,
          fold_div_before_conv, fold_add_before_conv, fold_sub_before_conv, fold_batch_norm_before_conv,
          fold_pad_into_conv, fold_pad_into_average_pool);

}  // namespace octet::rewrite
