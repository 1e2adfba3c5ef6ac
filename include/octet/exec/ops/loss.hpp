// Losses of classification, which exported training graphs still carry.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <octet/exec/ops/normalization.hpp>
#include <octet/exec/ops/softmax.hpp>

namespace octet::detail {

enum class loss_reduction : std::uint8_t { none, mean, sum };

struct loss_options {
  loss_reduction how = loss_reduction::mean;
  bool ignores = false;
  std::int64_t ignored = 0;

  loss_options(preparation const& p) {
    auto const text = p.get<std::string>("reduction", "mean");
    if (text != "mean" && text != "sum" && text != "none") op_label{p}.invalid("reduction is \"" + text + "\"");
    how = text == "none" ? loss_reduction::none : text == "sum" ? loss_reduction::sum : loss_reduction::mean;
    if (auto const* i = p.node.get<std::int64_t>("ignore_index")) ignores = true, ignored = *i;
  }
};

/// −weight[target] · x[n, target, …], reduced; `x` holds logarithms of probabilities.
template <class T>
tensor negative_log_likelihood(op_label const& who, call& c, tensor const& x, loss_options const& o) {
  channel_dims const d{who, x.dims()};
  if (x.rank() < 2) who.invalid("scores of shape " + x.dims().text() + " have no classes");
  shape want{x.dims()[0]};
  for (std::size_t i = 2; i < x.rank(); ++i) want.push_back(x.dims()[i]);
  if (!(c.inputs[1].dims() == want))
    who.invalid("targets of shape " + c.inputs[1].dims().text() + " do not fit scores of " + x.dims().text());
  if (c.inputs[1].type() != element::s64 && c.inputs[1].type() != element::s32)
    unsupported_type(who, c.inputs[1].type(), {element::s64, element::s32});
  tensor const targets = convert(c, c.inputs[1], element::s64);
  T const* const weight = c.has(2) ? parameter<T>(who, c, 2, d.channels) : nullptr;
  tensor each = c.memory.make(x.type(), want);
  auto const* const from = x.as<T>().data();
  auto* const to = each.mutable_as<T>().data();
  double sum = 0, weights = 0;
  for (std::int64_t i = 0; i < each.size(); ++i) {
    auto const t = targets.as<std::int64_t>()[std::size_t(i)];
    to[i] = 0;
    if (o.ignores && t == o.ignored) continue;
    auto const k = checked_index(who, t, d.channels);
    T const w = weight != nullptr ? weight[k] : T(1);
    to[i] = -w * from[(i / d.inner * d.channels + k) * d.inner + i % d.inner];
    sum += double(to[i]), weights += double(w);
  }
  if (o.how == loss_reduction::none) return each;
  tensor r = c.memory.make(x.type(), {});
  r.mutable_as<T>()[0] = static_cast<T>(o.how == loss_reduction::sum ? sum : sum / weights);
  return r;
}

inline operation prepare_negative_log_likelihood(preparation const& p) {
  expect_inputs(p, 2, 3);
  return with_half([who = op_label{p}, o = loss_options{p}](call& c) {
    visit(who, c.inputs[0].type(), float_types{},
          [&]<class T>(T) { c.outputs[0] = negative_log_likelihood<T>(who, c, c.inputs[0], o); });
  });
}

inline operation prepare_softmax_cross_entropy(preparation const& p) {
  expect_inputs(p, 2, 3);
  return with_half([who = op_label{p}, o = loss_options{p}](call& c) {
    auto const rank = c.inputs[0].rank();
    if (rank < 2) who.invalid("scores of shape " + c.inputs[0].dims().text() + " have no classes");
    std::vector<std::size_t> order, back(rank);
    for (std::size_t i = 0; i < rank; ++i)
      if (i != 1) order.push_back(i);
    order.push_back(1);
    for (std::size_t i = 0; i < rank; ++i) back[order[i]] = i;
    tensor const rows = transposed(c, who, c.inputs[0], order);
    tensor logs = c.memory.make(rows.type(), rows.dims());
    auto const n = c.inputs[0].dims()[1];
    visit(who, rows.type(), float_types{}, [&]<class T>(T) {
      auto const* const x = rows.as<T>().data();
      auto* const y = logs.mutable_as<T>().data();
      for_rows(c.pool, logs.size() == 0 ? 0 : logs.size() / n, n, [&](std::int64_t begin, std::int64_t end) {
        for (auto r = begin; r < end; ++r) log_softmax_row(x + r * n, y + r * n, n);
      });
      logs = transposed(c, who, logs, back);
      c.outputs[0] = negative_log_likelihood<T>(who, c, logs, o);
    });
    if (c.outputs.size() > 1) c.outputs[1] = logs;
  });
}

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry loss_operators[] = {
    {"NegativeLogLikelihoodLoss", "", 12, &detail::prepare_negative_log_likelihood},
    {"SoftmaxCrossEntropyLoss", "", 12, &detail::prepare_softmax_cross_entropy},
};

}  // namespace octet
