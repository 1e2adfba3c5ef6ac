// Operators that move, select or generate elements. A group of families is what the compiled form builds as one unit.
#pragma once

#include <octet/exec/ops/control.hpp>
#include <octet/exec/ops/generation.hpp>
#include <octet/exec/ops/group.hpp>
#include <octet/exec/ops/indexing.hpp>
#include <octet/exec/ops/layout.hpp>
#include <octet/exec/ops/random.hpp>
#include <octet/exec/ops/scatter.hpp>
#include <octet/exec/ops/sequence.hpp>
#include <octet/exec/ops/slicing.hpp>

#if OCTET_BODIES
namespace octet::detail {

OCTET_API operator_group data_group() {
  static constexpr std::span<operator_entry const> all[] = {
      control_operators, generation_operators, indexing_operators, layout_operators,
      random_operators,  scatter_operators,    sequence_operators, slicing_operators,
  };
  return all;
}

}  // namespace octet::detail
#endif
