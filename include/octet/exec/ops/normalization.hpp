// Normalizations: batch, instance, layer, group, RMS, Lp, local response, mean and variance. Moments are taken in
// double.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <octet/exec/ops/adapt.hpp>
#include <octet/exec/ops/arguments.hpp>
#include <octet/exec/ops/layout.hpp>
#include <octet/exec/ops/rows.hpp>

namespace octet::detail {

/// Input i as n numbers of type T.
template <class T>
T const* parameter(op_label const& who, call const& c, std::size_t i, std::int64_t n) {
  auto const& t = c.inputs[i];
  if (t.type() != element_of<T>() || t.size() != n)
    who.invalid("input " + std::to_string(i) + " is " + onnx_name(t.type()) + t.dims().text() + " instead of " +
                onnx_name(element_of<T>()) + "[" + std::to_string(n) + "]");
  return t.as<T>().data();
}

struct moments {
  double mean = 0, variance = 0;
};
template <class T>
moments row_moments(T const* x, std::int64_t n) {
  moments m;
  if (n == 0) return m;
  m.mean = row_sum(x, n) / double(n);
  m.variance = row_deviation(x, n, m.mean) / double(n);
  return m;
}

/// Batch, channels and what follows them.
struct channel_dims {
  std::int64_t batch = 1, channels = 1, inner = 1;
  channel_dims(op_label const& who, shape const& d) {
    if (d.rank() == 0) who.invalid("a scalar has no channels");
    batch = d.rank() > 1 ? d[0] : d.size() == 0 ? 0 : 1;
    channels = d.rank() > 1 ? d[1] : d[0];
    inner = d.product(std::min<std::size_t>(2, d.rank()), d.rank());
  }
};

/// y = x · scale[c] + shift[c]
template <class T>
void scale_channels(call& c, T const* x, T* y, channel_dims const& d, std::vector<T> const& scale,
                    std::vector<T> const& shift) {
  if (d.inner == 1) {
    for_rows(c.pool, d.batch, d.channels, [&](std::int64_t begin, std::int64_t end) {
      for (auto b = begin; b < end; ++b)
        for (std::int64_t k = 0; k < d.channels; ++k)
          y[b * d.channels + k] = x[b * d.channels + k] * scale[std::size_t(k)] + shift[std::size_t(k)];
    });
    return;
  }
  for_rows(c.pool, d.batch * d.channels, d.inner, [&](std::int64_t begin, std::int64_t end) {
    for (auto r = begin; r < end; ++r) {
      auto const k = std::size_t(r % d.channels);
      scale_row(x + r * d.inner, y + r * d.inner, d.inner, scale[k], shift[k]);
    }
  });
}

/// Mean and variance of each channel over the batch.
template <class T>
std::vector<moments> channel_moments(T const* x, channel_dims const& d) {
  std::vector<moments> r{std::size_t(d.channels)};
  auto const n = double(d.batch * d.inner);
  for (std::int64_t k = 0; k < d.channels; ++k) {
    auto& m = r[std::size_t(k)];
    for (std::int64_t b = 0; b < d.batch; ++b) m.mean += row_sum(x + (b * d.channels + k) * d.inner, d.inner) / n;
    for (std::int64_t b = 0; b < d.batch; ++b)
      m.variance += row_deviation(x + (b * d.channels + k) * d.inner, d.inner, m.mean) / n;
  }
  return r;
}

struct batch_norm_options {
  float epsilon = 1e-5f, momentum = 0.9f;
  bool training = false;
};

template <class T>
void batch_norm(op_label const& who, call& c, batch_norm_options const& o) {
  channel_dims const d{who, c.inputs[0].dims()};
  auto const* const x = c.inputs[0].as<T>().data();
  T const* given[4];
  for (std::size_t i = 0; i < 4; ++i) given[i] = parameter<T>(who, c, i + 1, d.channels);
  std::vector<T> scale(std::size_t(d.channels)), shift(scale.size());
  std::vector<moments> m(scale.size());
  if (o.training) m = channel_moments(x, d);
  for (std::size_t k = 0; k < scale.size(); ++k) {
    if (!o.training) m[k] = {double(given[2][k]), double(given[3][k])};
    double const factor = double(given[0][k]) / std::sqrt(m[k].variance + double(o.epsilon));
    scale[k] = static_cast<T>(factor);
    shift[k] = static_cast<T>(double(given[1][k]) - m[k].mean * factor);
  }
  for (std::size_t i = 1; o.training && i < std::min<std::size_t>(c.outputs.size(), 3); ++i) {
    auto const running = c.make(i, c.inputs[0].type(), {d.channels}).template mutable_as<T>();
    for (std::size_t k = 0; k < m.size(); ++k)
      running[k] = static_cast<T>(double(given[i + 1][k]) * double(o.momentum) +
                                  (i == 1 ? m[k].mean : m[k].variance) * (1 - double(o.momentum)));
  }
  shape const dims = c.inputs[0].dims();
  auto* const y = c.make_over(0, 0, c.inputs[0].type(), dims).template mutable_as<T>().data();
  scale_channels(c, x, y, d, scale, shift);
}

inline operation prepare_batch_norm(preparation const& p) {
  expect_inputs(p, 5, 5);
  if (p.get<std::int64_t>("spatial", 1) == 0)
    op_label{p}.unsupported("spatial = 0 is not supported", "convert to opset 9 or later");
  batch_norm_options const o{p.get("epsilon", 1e-5f), p.get("momentum", 0.9f),
                             p.get<std::int64_t>("training_mode", 0) != 0};
  return with_half([who = op_label{p}, o](call& c) {
    visit(who, c.inputs[0].type(), float_types{}, [&]<class T>(T) { batch_norm<T>(who, c, o); });
  });
}

/// Rows of [batch · groups]: each is normalized by its own moments, then scaled and shifted by channel.
template <class T>
void group_norm(op_label const& who, call& c, std::int64_t groups, bool by_group, double epsilon) {
  channel_dims const d{who, c.inputs[0].dims()};
  if (groups < 1 || d.channels % groups != 0)
    who.invalid(std::to_string(d.channels) + " channels have no " + std::to_string(groups) + " groups");
  auto const each = d.channels / groups, parameters = by_group ? groups : d.channels;
  auto const* const x = c.inputs[0].as<T>().data();
  T const* const scale = parameter<T>(who, c, 1, parameters);
  T const* const bias = parameter<T>(who, c, 2, parameters);
  shape const dims = c.inputs[0].dims();
  auto* const y = c.make_over(0, 0, c.inputs[0].type(), dims).template mutable_as<T>().data();
  for_rows(c.pool, d.batch * groups, each * d.inner, [&](std::int64_t begin, std::int64_t end) {
    for (auto r = begin; r < end; ++r) {
      auto const m = row_moments(x + r * each * d.inner, each * d.inner);
      double const inverse = 1 / std::sqrt(m.variance + epsilon);
      for (std::int64_t k = 0; k < each; ++k) {
        auto const at = (r * each + k) * d.inner, channel = by_group ? r % groups : r % groups * each + k;
        double const factor = double(scale[channel]) * inverse;
        scale_row(x + at, y + at, d.inner, static_cast<T>(factor),
                  static_cast<T>(double(bias[channel]) - m.mean * factor));
      }
    }
  });
}

inline operation prepare_instance_norm(preparation const& p) {
  expect_inputs(p, 3, 3);
  return with_half([who = op_label{p}, epsilon = double(p.get("epsilon", 1e-5f))](call& c) {
    if (c.inputs[0].rank() < 2) who.invalid("shape " + c.inputs[0].dims().text() + " has no channels");
    auto const channels = c.inputs[0].dims()[1];
    visit(who, c.inputs[0].type(), float_types{}, [&]<class T>(T) { group_norm<T>(who, c, channels, false, epsilon); });
  });
}
inline operation prepare_group_norm(preparation const& p) {
  expect_inputs(p, 3, 3);
  return with_half([who = op_label{p}, groups = p.get<std::int64_t>("num_groups", 0), by_group = p.opset < 21,
                    epsilon = double(p.get("epsilon", 1e-5f))](call& c) {
    visit(who, c.inputs[0].type(), float_types{},
          [&]<class T>(T) { group_norm<T>(who, c, groups, by_group, epsilon); });
  });
}

/// Scale or bias of a row-wise normalization as one value per element of a row.
inline tensor row_parameter(op_label const& who, call& c, std::size_t i, shape const& row) {
  if (!c.has(i)) return {};
  auto const& t = c.inputs[i];
  if (t.type() != c.inputs[0].type()) who.invalid("input " + std::to_string(i) + " has another element type");
  if (t.size() == row.size()) return t;
  if (!(broadcast(who, t.dims(), row) == row))
    who.invalid("input " + std::to_string(i) + " of shape " + t.dims().text() + " does not fit " + row.text());
  return expanded(c, who, t, row);
}

/// LayerNormalization, and with `center` false RMSNormalization.
template <class T>
void layer_norm(op_label const& who, call& c, std::int64_t at, bool center, double epsilon) {
  auto const d = c.inputs[0].dims();
  auto const axis = axis_of(who, at, d.rank());
  auto const rows = d.product(0, axis), n = d.product(axis, d.rank());
  shape row_dims = shape_of(integers(d.begin() + axis, d.end())), statistics = d;
  for (auto i = axis; i < d.rank(); ++i) statistics[i] = 1;
  tensor const scale = row_parameter(who, c, 1, row_dims), bias = row_parameter(who, c, 2, row_dims);
  T const* const s = scale.as<T>().data();
  T const* const b = bias ? bias.as<T>().data() : nullptr;
  T* means = nullptr;
  T* inverses = nullptr;
  if (c.outputs.size() > 1) means = c.make(1, c.inputs[0].type(), statistics).template mutable_as<T>().data();
  if (c.outputs.size() > 2) inverses = c.make(2, c.inputs[0].type(), statistics).template mutable_as<T>().data();
  auto const* const x = c.inputs[0].as<T>().data();
  auto* const y = c.make_over(0, 0, c.inputs[0].type(), d).template mutable_as<T>().data();
  for_rows(c.pool, rows, n, [&](std::int64_t begin, std::int64_t end) {
    for (auto r = begin; r < end; ++r) {
      auto const m =
          center ? row_moments(x + r * n, n) : moments{0, n == 0 ? 0 : row_sum_of_squares(x + r * n, n) / double(n)};
      double const inverse = 1 / std::sqrt(m.variance + epsilon);
      if (means != nullptr) means[r] = static_cast<T>(m.mean);
      if (inverses != nullptr) inverses[r] = static_cast<T>(inverse);
      normalize_row(x + r * n, y + r * n, n, static_cast<T>(m.mean), static_cast<T>(inverse), s, b);
    }
  });
}

inline operation layer_norm_like(preparation const& p, bool center) {
  expect_inputs(p, 2, center ? 3 : 2);
  return with_half(
      [who = op_label{p}, center, at = p.get<std::int64_t>("axis", -1),
       epsilon = double(p.get("epsilon", 1e-5f))](call& c) {
        visit(who, c.inputs[0].type(), float_types{}, [&]<class T>(T) { layer_norm<T>(who, c, at, center, epsilon); });
      },
      1);
}
inline operation prepare_layer_norm(preparation const& p) { return layer_norm_like(p, true); }
inline operation prepare_rms_norm(preparation const& p) { return layer_norm_like(p, false); }

/// F(x, y, n) on rows that consist of the given axes; the result has the input's shape.
template <class F>
void on_axes(op_label const& who, call& c, std::vector<std::size_t> const& axes, F const& f) {
  auto const rank = c.inputs[0].rank();
  std::vector<std::size_t> order, back(rank);
  for (std::size_t i = 0; i < rank; ++i)
    if (std::find(axes.begin(), axes.end(), i) == axes.end()) order.push_back(i);
  auto const outer = order.size();
  order.insert(order.end(), axes.begin(), axes.end());
  for (std::size_t i = 0; i < rank; ++i) back[order[i]] = i;
  tensor const in = transposed(c, who, c.inputs[0], order);
  auto const rows = in.dims().product(0, outer), n = in.dims().product(outer, rank);
  tensor out = c.memory.make(in.type(), in.dims());
  visit(who, in.type(), float_types{}, [&]<class T>(T) {
    auto const* const x = in.as<T>().data();
    auto* const y = out.mutable_as<T>().data();
    for_rows(c.pool, rows, n, [&](std::int64_t begin, std::int64_t end) {
      for (auto r = begin; r < end; ++r) f(x + r * n, y + r * n, n);
    });
  });
  c.outputs[0] = transposed(c, who, out, back);
}

inline operation prepare_lp_norm(preparation const& p) {
  expect_inputs(p, 1, 1);
  auto const power = p.get<std::int64_t>("p", 2);
  if (power != 1 && power != 2) op_label{p}.invalid("p is " + std::to_string(power) + ", neither 1 nor 2");
  return with_half([who = op_label{p}, power, at = p.get<std::int64_t>("axis", -1)](call& c) {
    on_axes(who, c, {axis_of(who, at, c.inputs[0].rank())}, [power]<class T>(T const* x, T* y, std::int64_t n) {
      double const norm = power == 2 ? std::sqrt(row_sum_of_squares(x, n)) : row_sum_of(x, n, [](auto v) {
        using std::abs;
        return abs(v);
      });
      for (std::int64_t i = 0; i < n; ++i) y[i] = norm == 0 ? T(0) : static_cast<T>(double(x[i]) / norm);
    });
  });
}

inline operation prepare_mean_variance_norm(preparation const& p) {
  expect_inputs(p, 1, 1);
  return with_half([who = op_label{p}, axes = p.get("axes", integers{0, 2, 3})](call& c) {
    on_axes(who, c, axes_of(who, axes, c.inputs[0].rank()), []<class T>(T const* x, T* y, std::int64_t n) {
      auto const m = row_moments(x, n);
      double const deviation = std::sqrt(m.variance) + 1e-9;
      for (std::int64_t i = 0; i < n; ++i) y[i] = static_cast<T>((double(x[i]) - m.mean) / deviation);
    });
  });
}

struct lrn_options {
  std::int64_t size = 1;
  float alpha = 1e-4f, beta = 0.75f, bias = 1;
};

inline operation prepare_lrn(preparation const& p) {
  expect_inputs(p, 1, 1);
  lrn_options const o{p.get<std::int64_t>("size", 0), p.get("alpha", 1e-4f), p.get("beta", 0.75f), p.get("bias", 1.0f)};
  if (o.size < 1) op_label{p}.invalid("size is " + std::to_string(o.size));
  return with_half([who = op_label{p}, o](call& c) {
    channel_dims const d{who, c.inputs[0].dims()};
    auto& out = c.make(0, c.inputs[0].type(), c.inputs[0].dims());
    auto const before = std::min((o.size - 1) / 2, d.channels), after = std::min(o.size / 2, d.channels);
    visit(who, c.inputs[0].type(), float_types{}, [&]<class T>(T) {
      auto const* const x = c.inputs[0].as<T>().data();
      auto* const y = out.template mutable_as<T>().data();
      for_rows(c.pool, d.batch * d.channels, d.inner * (before + after + 1), [&](std::int64_t begin, std::int64_t end) {
        for (auto r = begin; r < end; ++r) {
          auto const k = r % d.channels, first = std::max<std::int64_t>(k - before, 0),
                     last = std::min(k + after, d.channels - 1);
          T* const to = y + r * d.inner;
          std::fill(to, to + d.inner, T(0));
          for (auto j = first; j <= last; ++j) {
            T const* const from = x + (r - k + j) * d.inner;
            for (std::int64_t i = 0; i < d.inner; ++i) to[i] += from[i] * from[i];
          }
          for (std::int64_t i = 0; i < d.inner; ++i)
            to[i] = x[r * d.inner + i] / std::pow(T(o.bias) + T(o.alpha) / T(o.size) * to[i], T(o.beta));
        }
      });
    });
  });
}

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry normalization_operators[] = {
    {"BatchNormalization", "", 7, &detail::prepare_batch_norm},
    {"GroupNormalization", "", 18, &detail::prepare_group_norm},
    {"InstanceNormalization", "", 6, &detail::prepare_instance_norm},
    {"LRN", "", 1, &detail::prepare_lrn},
    {"LayerNormalization", "", 1, &detail::prepare_layer_norm},  // ONNX Runtime's optimizer writes it in any opset
    {"LayerNormalization", "octet", 1, &detail::prepare_layer_norm},
    {"LpNormalization", "", 1, &detail::prepare_lp_norm},
    {"MeanVarianceNormalization", "", 9, &detail::prepare_mean_variance_norm},
    {"RMSNormalization", "", 23, &detail::prepare_rms_norm},
    {"RMSNormalization", "octet", 1, &detail::prepare_rms_norm},
};

}  // namespace octet
