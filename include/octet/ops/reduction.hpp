// Reductions along an axis.
#pragma once

#include <octet/ops/traits.hpp>

namespace octet {

inline constexpr op_traits cum_sum_traits{.op = "CumSum", .inputs = {role::activation, role::data}, .since = 11};

}  // namespace octet
