// Where the operator families meet: one lookup for all that the executor has.
#pragma once

#include <span>
#include <string_view>

#include <octet/exec/ops/activation.hpp>
#include <octet/exec/ops/cast.hpp>
#include <octet/exec/ops/comparison.hpp>
#include <octet/exec/ops/conv.hpp>
#include <octet/exec/ops/elementwise.hpp>
#include <octet/exec/ops/generation.hpp>
#include <octet/exec/ops/indexing.hpp>
#include <octet/exec/ops/layout.hpp>
#include <octet/exec/ops/linear.hpp>
#include <octet/exec/ops/normalization.hpp>
#include <octet/exec/ops/operation.hpp>
#include <octet/exec/ops/pool.hpp>
#include <octet/exec/ops/quantize_linear.hpp>
#include <octet/exec/ops/recurrent.hpp>
#include <octet/exec/ops/reduction.hpp>
#include <octet/exec/ops/scatter.hpp>
#include <octet/exec/ops/slicing.hpp>
#include <octet/exec/ops/softmax.hpp>
#include <octet/exec/ops/unary.hpp>

namespace octet {

/// The family tables of octet.
inline std::span<std::span<operator_entry const> const> operator_families() {
  static constexpr std::span<operator_entry const> all[] = {
      activation_operators, cast_operators, comparison_operators, conv_operators, elementwise_operators,
      generation_operators, indexing_operators, layout_operators, linear_operators, normalization_operators,
      pool_operators, quantize_linear_operators, recurrent_operators, reduction_operators, scatter_operators,
      slicing_operators, softmax_operators, unary_operators,
  };
  return all;
}

/// The newest form of an operator not newer than `version` of its domain (empty: ai.onnx); null when there is none.
inline operator_entry const* find_operator(std::string_view op, std::string_view domain, std::int64_t version) {
  operator_entry const* best = nullptr;
  for (auto const family : operator_families())
    for (auto const& e : family)
      if (e.op == op && e.domain == domain && e.since <= version && (best == nullptr || e.since > best->since)) best = &e;
  return best;
}

}  // namespace octet
