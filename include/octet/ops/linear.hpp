// Matrix products.
#pragma once

#include <octet/ops/traits.hpp>

namespace octet {

inline int gemm_weight_axis(node const& n) { return n.get<std::int64_t>("transB", 0) != 0 ? 0 : 1; }

/// Channels of a right operand are its columns, whatever the rank.
inline constexpr op_traits matmul_traits{.op = "MatMul",
                                         .inputs = {weight(no_axis), weight(-1)},
                                         .qoperator = {"QLinearMatMul"},
                                         .integer = {"MatMulInteger"}};

/// The integer form is a plain product and an addition; QGemm has a constant bias, one for each column.
inline std::string unfit_gemm(graph const& g, node const& n, bool dynamic) {
  auto const* b = g.constant(n.inputs[1]);
  auto const* c = n.has_input(2) ? g.constant(n.inputs[2]) : nullptr;
  if (dynamic) {
    if (b == nullptr) return "its second input is not constant";
    if (n.get("alpha", 1.f) != 1 || (n.has_input(2) && n.get("beta", 1.f) != 1)) return "alpha or beta is not 1";
    if (n.get<std::int64_t>("transA", 0) != 0) return "its first input is transposed";
    return {};
  }
  if (!n.has_input(2)) return {};
  if (c == nullptr) return "its bias is not constant";
  if (b == nullptr) return "it has a bias, and its second input is not constant";
  if (n.get("alpha", 1.f) == 0) return "alpha is 0";
  if (b->rank() == 2 && c->size() != b->dims()[n.get<std::int64_t>("transB", 0) != 0 ? 0 : 1])
    return "its bias is not one value for each column";
  return {};
}
inline constexpr op_traits gemm_traits{.op = "Gemm",
                                       .inputs = {role::activation, weight(&gemm_weight_axis), role::bias},
                                       .qoperator = {"QGemm", microsoft, layout::bias_before_output},
                                       .integer = {"MatMulInteger"},
                                       .unfit = &unfit_gemm};

}  // namespace octet
