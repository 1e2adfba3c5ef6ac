// Operators on 8-bit tensors and between them and float. A group of families is what the compiled form builds as one unit.
#pragma once

#include <octet/exec/ops/quantize_linear.hpp>
#include <octet/exec/ops/registry.hpp>

namespace octet::detail {

OCTET_API operator_group quantized_group() {
  static constexpr std::span<operator_entry const> all[] = {quantize_linear_operators};
  return all;
}

}  // namespace octet::detail
