// Where the operator families meet: one lookup for all that the executor has. A new family goes into one of the groups.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include <octet/exec/ops/group.hpp>

namespace octet {

namespace detail {
using operator_groups = std::array<operator_group, 6>;

/// The groups of this build's own instruction set.
inline operator_groups own_groups() {
  return {product_group(), quantized_group(), element_group(), reduction_group(), data_group(), contrib_group()};
}
#ifdef OCTET_DISPATCH
operator_groups const& chosen_groups();  ///< those of the instruction set that was chosen when the program started
inline operator_groups all_groups() { return chosen_groups(); }
#else
inline operator_groups all_groups() { return own_groups(); }
#endif
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
