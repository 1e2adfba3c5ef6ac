// Where the operator families meet: one lookup for all that the executor has. A new family goes into one of the groups.
#pragma once

#include <span>
#include <string_view>

#include <octet/core/compiled.hpp>
#include <octet/exec/ops/operation.hpp>

namespace octet {

namespace detail {
using operator_group = std::span<std::span<operator_entry const> const>;
OCTET_API operator_group product_group();
OCTET_API operator_group quantized_group();
OCTET_API operator_group element_group();
OCTET_API operator_group reduction_group();
OCTET_API operator_group data_group();
OCTET_API operator_group contrib_group();
}  // namespace detail

/// Calls f(table) for the table of each family.
template <class F>
void for_each_operator_family(F f) {
  for (auto const group : {detail::product_group(), detail::quantized_group(), detail::element_group(),
                           detail::reduction_group(), detail::data_group(), detail::contrib_group()})
    for (auto const family : group) f(family);
}

/// The newest form of an operator not newer than `version` of its domain (empty: ai.onnx); null when there is none.
inline operator_entry const* find_operator(std::string_view op, std::string_view domain, std::int64_t version) {
  operator_entry const* best = nullptr;
  for_each_operator_family([&](std::span<operator_entry const> family) {
    for (auto const& e : family)
      if (e.op == op && e.domain == domain && e.since <= version && (best == nullptr || e.since > best->since))
        best = &e;
  });
  return best;
}

}  // namespace octet

#if OCTET_HEADER_ONLY
#include <octet/exec/ops/group_contrib.hpp>
#include <octet/exec/ops/group_data.hpp>
#include <octet/exec/ops/group_element.hpp>
#include <octet/exec/ops/group_product.hpp>
#include <octet/exec/ops/group_quantized.hpp>
#include <octet/exec/ops/group_reduction.hpp>
#endif
