// How much a node computes: for reports that say how much of a model is quantized.
#pragma once

#include <cstddef>
#include <cstdint>

#include <octet/graph/graph.hpp>

namespace octet {

namespace detail {

/// Dimension `i` (negative: from the end) of a value; 1 where it is unknown or symbolic, such as a batch.
inline double extent(graph const& g, value_id v, int i) {
  if (v == value_id::none) return 1;
  if (auto const* c = g.constant(v)) {
    auto const rank = static_cast<int>(c->rank());
    auto const k = i < 0 ? i + rank : i;
    return k >= 0 && k < rank ? static_cast<double>(c->dims()[static_cast<std::size_t>(k)]) : 1;
  }
  auto const& t = g[v].type;
  if (!t || !t->dims) return 1;
  auto const rank = static_cast<int>(t->dims->size());
  auto const k = i < 0 ? i + rank : i;
  if (k < 0 || k >= rank) return 1;
  auto const& d = (*t->dims)[static_cast<std::size_t>(k)];
  return d.known() ? static_cast<double>(d.size) : 1;
}

inline double elements(graph const& g, value_id v) {
  if (v == value_id::none) return 0;
  if (auto const* c = g.constant(v)) return static_cast<double>(c->size());
  auto const& t = g[v].type;
  double n = 1;
  if (t && t->dims)
    for (std::size_t i = 0; i < t->dims->size(); ++i) n *= extent(g, v, static_cast<int>(i));
  return n;
}

}  // namespace detail

/// Floating-point operations of one run of `n`: two for each multiplication and addition of a product, one for each
/// element that another operator makes. Dimensions that are not known count as 1.
inline double flops(graph const& g, node const& n) {
  using detail::elements, detail::extent;
  auto const in = [&](std::size_t i) { return n.has_input(i) ? n.inputs[i] : value_id::none; };
  auto const out = n.has_output(0) ? n.outputs[0] : value_id::none;
  if (n.op == "Constant" || n.op == "Identity") return 0;
  if (n.op == "MatMul") return 2 * elements(g, out) * extent(g, in(0), -1);
  if (n.op == "Gemm") return 2 * elements(g, out) * extent(g, in(0), n.get<std::int64_t>("transA", 0) != 0 ? 0 : 1);
  if (n.op == "Conv") {
    auto const filters = extent(g, in(1), 0);
    return 2 * elements(g, out) * elements(g, in(1)) / (filters > 0 ? filters : 1);
  }
  if (n.op == "ConvTranspose") {
    auto const channels = extent(g, in(1), 0);
    return 2 * elements(g, in(0)) * elements(g, in(1)) / (channels > 0 ? channels : 1);
  }
  if (n.op == "LSTM" || n.op == "GRU" || n.op == "RNN")
    return 2 * extent(g, in(0), 0) * extent(g, in(0), 1) * (elements(g, in(1)) + elements(g, in(2)));
  if (n.op == "Attention" && n.domain == "com.microsoft")
    return 2 * extent(g, in(0), 0) * extent(g, in(0), 1) * elements(g, in(1));
  return elements(g, out);
}

}  // namespace octet
