// Operators that multiply and add over windows, columns or time. A group of families is what the compiled form builds
// as one unit.
#pragma once

#include <octet/exec/ops/conv.hpp>
#include <octet/exec/ops/conv_last.hpp>
#include <octet/exec/ops/conv_transpose.hpp>
#include <octet/exec/ops/einsum.hpp>
#include <octet/exec/ops/group.hpp>
#include <octet/exec/ops/linear.hpp>
#include <octet/exec/ops/linear_layer.hpp>
#include <octet/exec/ops/pool.hpp>
#include <octet/exec/ops/recurrent.hpp>

#if OCTET_BODIES
namespace octet::detail {

OCTET_API operator_group product_group() {
  static constexpr std::span<operator_entry const> all[] = {
      conv_operators,   conv_last_operators,    conv_transpose_operators, einsum_operators,
      linear_operators, linear_layer_operators, pool_operators,           recurrent_operators,
  };
  return all;
}

}  // namespace octet::detail
#endif
