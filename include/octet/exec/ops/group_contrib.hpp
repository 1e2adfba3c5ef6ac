// Attention, and the operators of com.microsoft. A group of families is what the compiled form builds as one unit.
#pragma once

#include <octet/exec/ops/attention.hpp>
#include <octet/exec/ops/contrib_attention.hpp>
#include <octet/exec/ops/contrib_blocks.hpp>
#include <octet/exec/ops/contrib_decoder.hpp>
#include <octet/exec/ops/contrib_linear.hpp>
#include <octet/exec/ops/contrib_normalization.hpp>
#include <octet/exec/ops/contrib_quantized.hpp>
#include <octet/exec/ops/contrib_recurrent.hpp>
#include <octet/exec/ops/group.hpp>
#include <octet/exec/ops/pool_last.hpp>

#if OCTET_BODIES
namespace octet::detail {

OCTET_API operator_group contrib_group() {
  static constexpr std::span<operator_entry const> all[] = {
      attention_operators,         contrib_attention_operators, contrib_linear_operators,
      contrib_quantized_operators, contrib_recurrent_operators, contrib_normalization_operators,
      contrib_blocks_operators,    contrib_decoder_operators,   pool_last_operators,
  };
  return all;
}

}  // namespace octet::detail
#endif
