// Where the operator families meet: one lookup for all that the executor has. A new family goes into one of the groups.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include <octet/exec/ops/group.hpp>

namespace octet {

namespace detail {
inline std::array<operator_group, 6> all_groups() {
  return {product_group(), quantized_group(), element_group(), reduction_group(), data_group(), contrib_group()};
}
}  // namespace detail

/// Calls f(table) for the table of each family.
template <class F>
void for_each_operator_family(F f) {
  for (auto const group : detail::all_groups())
    for (auto const family : group) f(family);
}

/// The newest form of an operator not newer than `version` of its domain (empty: ai.onnx); null when there is none.
inline operator_entry const* find_operator(std::string_view op, std::string_view domain, std::int64_t version) {
  return detail::find_operator_in(detail::all_groups(), op, domain, version);
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
