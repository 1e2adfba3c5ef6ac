// Weights of a quantized model beside those of its float model: how much rounding took from each.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <octet/debug/dequantized.hpp>
#include <octet/debug/metrics.hpp>

namespace octet::debug {

/// One weight in both models.
struct weight_match {
  std::string name{};  ///< in the float model
  tensor before{};
  tensor after{};  ///< dequantized
};

struct weight_difference {
  std::string name{};
  double sqnr_db = 0;
};

}  // namespace octet::debug

namespace octet::detail {

/// A quantized constant: what a node reads, and how it is to be understood.
struct dequantizable {
  std::string name{};
  tensor integers{}, scale{}, zero_point{};
  std::int64_t axis = 1, block = 0;
};

inline tensor constant_or_none(graph const& g, std::string const& name) {
  auto const v = g.find(name);
  auto const* t = v == value_id::none ? nullptr : g.constant(v);
  return t == nullptr ? tensor{} : t->align();
}

/// The name of the float weight: without "_quantized" (and a number that made it unique).
inline std::optional<std::string> float_weight_name(std::string_view name) {
  auto const at = name.rfind("_quantized");
  if (at == std::string_view::npos || at == 0) return {};
  auto const rest = name.substr(at + 10);
  bool const numbered =
      rest.size() > 1 && rest[0] == '_' && rest.find_first_not_of("0123456789", 1) == std::string_view::npos;
  if (!rest.empty() && !numbered) return {};
  return std::string{name.substr(0, at)};
}

/// A weight behind a DequantizeLinear.
inline std::optional<dequantizable> weight_behind(graph const& g, node const& n) {
  if (n.op != "DequantizeLinear" || !n.has_input(0) || !n.has_input(1)) return {};
  auto const *q = g.constant(n.inputs[0]), *s = g.constant(n.inputs[1]),
             *z = n.has_input(2) ? g.constant(n.inputs[2]) : nullptr;
  auto const name = float_weight_name(g[n.inputs[0]].name);
  if (q == nullptr || s == nullptr || !name) return {};
  return dequantizable{*name,
                       q->align(),
                       s->align(),
                       z == nullptr ? tensor{} : z->align(),
                       n.get("axis", std::int64_t{1}),
                       n.get("block_size", std::int64_t{0})};
}

/// The axis of the channels of a weight that an integer operator reads.
inline std::int64_t integer_weight_axis(node const& n, tensor const& q) {
  if (n.op == "QLinearConv" || n.op == "ConvInteger") return 0;
  if (n.op == "QGemm") return n.get("transB", std::int64_t{0}) != 0 ? 0 : 1;
  return q.rank() == 0 ? 0 : static_cast<std::int64_t>(q.rank()) - 1;
}

/// Weights of integer operators: initializers W_quantized with W_scale and W_zero_point beside them.
inline std::vector<dequantizable> integer_weights(graph const& g, node const& n) {
  std::vector<dequantizable> all;
  if (n.op == "DequantizeLinear" || n.op == "QuantizeLinear") return all;
  for (auto const v : n.inputs) {
    auto const* q = v == value_id::none ? nullptr : g.constant(v);
    if (q == nullptr || octet::bits(q->type()) > 32 || octet::bits(q->type()) == 0) continue;
    auto const name = float_weight_name(g[v].name);
    if (!name) continue;
    auto scale = constant_or_none(g, *name + "_scale"), zero = constant_or_none(g, *name + "_zero_point");
    if (!scale)
      scale = constant_or_none(g, g[v].name + "_scale"),
      zero = constant_or_none(g, g[v].name + "_zero_point");  // biases
    if (scale) all.push_back({*name, q->align(), scale, zero, integer_weight_axis(n, *q), 0});
  }
  return all;
}

}  // namespace octet::detail

namespace octet::debug {

/// Calls f(weight_match) for each quantized weight whose float counterpart `before` has, in the order of `after`;
/// returns why others have none. Holds one weight at a time.
template <class F>
std::vector<std::string> match_weights(model const& before, model const& after, F&& f) {
  std::vector<std::string> warnings;
  std::vector<std::string> seen;
  auto const take = [&](octet::detail::dequantizable const& w) {
    if (std::find(seen.begin(), seen.end(), w.name) != seen.end()) return;
    seen.push_back(w.name);
    auto const original = octet::detail::constant_or_none(before.main, w.name);
    if (!original) return warnings.push_back("the float model has no weight '" + w.name + "'");
    auto const back = located("weight '" + w.name + "'",
                              [&] { return dequantized(w.integers, w.scale, w.zero_point, w.axis, w.block); });
    if (!(back.dims() == original.dims()))
      return warnings.push_back("weight '" + w.name + "' has shape " + original.dims().text() +
                                " in the float model and " + back.dims().text() + " in the quantized one");
    f(weight_match{w.name, to_f32(original), back});
  };
  for (auto const id : after.main.order) {
    auto const& n = after.main[id];
    if (auto const w = octet::detail::weight_behind(after.main, n)) take(*w);
    for (auto const& w : octet::detail::integer_weights(after.main, n)) take(w);
  }
  return warnings;
}

/// The signal-to-noise ratio of each weight, in the order of the quantized model.
inline std::vector<weight_difference> weights(model const& before, model const& after) {
  std::vector<weight_difference> all;
  match_weights(before, after, [&](weight_match const& w) {
    error_metrics m;
    m.add(w.before, w.after);
    all.push_back({w.name, m.sqnr_db()});
  });
  return all;
}

}  // namespace octet::debug
