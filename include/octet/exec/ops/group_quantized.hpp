// Operators on 8-bit tensors and between them and float. A group of families is what the compiled form builds as one
// unit.
#pragma once

#include <octet/exec/ops/conv8.hpp>
#include <octet/exec/ops/conv8_last.hpp>
#include <octet/exec/ops/group.hpp>
#include <octet/exec/ops/integer.hpp>
#include <octet/exec/ops/lookup.hpp>
#include <octet/exec/ops/quantize_linear.hpp>

#if OCTET_BODIES
namespace octet::detail {

OCTET_API operator_group quantized_group() {
  static constexpr std::span<operator_entry const> all[] = {conv8_operators, conv8_last_operators, integer_operators,
                                                            lookup_operators, quantize_linear_operators};
  return all;
}

}  // namespace octet::detail
#endif
