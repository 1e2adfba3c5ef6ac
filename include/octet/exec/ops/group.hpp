// The groups of operator families: what the compiled form builds as one unit each. Of the six, contrib alone runs
// operators of others as parts of its own.
#pragma once

#include <span>
#include <string_view>

#include <octet/core/compiled.hpp>
#include <octet/exec/ops/operation.hpp>

namespace octet::detail {

using operator_group = std::span<std::span<operator_entry const> const>;
OCTET_API operator_group product_group();
OCTET_API operator_group quantized_group();
OCTET_API operator_group element_group();
OCTET_API operator_group reduction_group();
OCTET_API operator_group data_group();
OCTET_API operator_group contrib_group();

/// The newest form of an operator not newer than `version` of its domain (empty: ai.onnx); null when there is none.
inline operator_entry const* find_operator_in(std::span<operator_group const> groups, std::string_view op,
                                              std::string_view domain, std::int64_t version) {
  operator_entry const* best = nullptr;
  for (auto const group : groups)
    for (auto const family : group)
      for (auto const& e : family)
        if (e.op == op && e.domain == domain && e.since <= version && (best == nullptr || e.since > best->since))
          best = &e;
  return best;
}

}  // namespace octet::detail
