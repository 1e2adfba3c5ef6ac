// Operators along an axis. A group of families is what the compiled form builds as one unit.
#pragma once

#include <octet/exec/ops/cumulative.hpp>
#include <octet/exec/ops/group.hpp>
#include <octet/exec/ops/loss.hpp>
#include <octet/exec/ops/normalization.hpp>
#include <octet/exec/ops/reduction.hpp>
#include <octet/exec/ops/region.hpp>
#include <octet/exec/ops/resize.hpp>
#include <octet/exec/ops/sampling.hpp>
#include <octet/exec/ops/selection.hpp>
#include <octet/exec/ops/signal.hpp>
#include <octet/exec/ops/softmax.hpp>

#if OCTET_BODIES
namespace octet::detail {

OCTET_API operator_group reduction_group() {
  static constexpr std::span<operator_entry const> all[] = {
      cumulative_operators, loss_operators,      normalization_operators, reduction_operators, resize_operators,
      sampling_operators,   selection_operators, softmax_operators,       region_operators,    signal_operators,
  };
  return all;
}

}  // namespace octet::detail
#endif
