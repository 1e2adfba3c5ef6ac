// Elementwise arithmetic of two tensors.
#pragma once

#include <octet/ops/traits.hpp>

namespace octet {

inline constexpr op_traits add_traits{
    .op = "Add", .inputs = {role::activation, role::activation}, .qoperator = {"QLinearAdd", microsoft}};
inline constexpr op_traits mul_traits{
    .op = "Mul", .inputs = {role::activation, role::activation}, .qoperator = {"QLinearMul", microsoft}};
inline constexpr op_traits where_traits{.op = "Where",
                                        .inputs = {role::data, role::activation, role::activation},
                                        .when = condition::inputs_quantized,
                                        .qoperator = {"QLinearWhere", microsoft, layout::condition_first}};

}  // namespace octet
