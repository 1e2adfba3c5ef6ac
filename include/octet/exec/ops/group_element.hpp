// Operators of one element at a time. A group of families is what the compiled form builds as one unit.
#pragma once

#include <octet/exec/ops/activation.hpp>
#include <octet/exec/ops/cast.hpp>
#include <octet/exec/ops/comparison.hpp>
#include <octet/exec/ops/elementwise.hpp>
#include <octet/exec/ops/group.hpp>
#include <octet/exec/ops/unary.hpp>

#if OCTET_BODIES
namespace octet::detail {

OCTET_API operator_group element_group() {
  static constexpr std::span<operator_entry const> all[] = {activation_operators, cast_operators, comparison_operators,
                                                            elementwise_operators, unary_operators};
  return all;
}

}  // namespace octet::detail
#endif
