// A matrix product and what is added to it become one Gemm, where both have two axes.
#pragma once

#include <octet/rewrite/rules/batch_norm.hpp>

namespace octet::rewrite {

/// [N], [1,N] or one number, for N columns.
inline bool adds_to_columns(tensor const& t, std::int64_t columns) {
  return t.rank() <= 2 && (t.size() == 1 || (t.size() == columns && t.dims()[t.rank() - 1] == columns));
}

inline constexpr rule matmul_add_to_gemm{"matmul-add-to-gemm", ops::Add(ops::MatMul(var::x, var::w), var::c),
                                         [](match const& m, patch& p) {
                                           auto const& weight = m.fixed(var::w);
                                           if (weight.rank() != 2 || !is_float(weight.type()))
                                             return p.decline("the weights are not a float matrix");
                                           if (m.rank(var::x) != 2)
                                             return p.decline("the input is not known to have two axes");
                                           if (!adds_to_columns(m.fixed(var::c), weight.dims()[1]))
                                             return p.decline("what is added is not one number a column");
                                           return p(ops::Gemm, {m[var::x], m[var::w], m[var::c]});
                                         }};

inline constexpr rule gemm_add{
    "gemm-add", ops::Add(ops::Gemm(var::x, var::w).as(var::layer), var::c), [](match const& m, patch& p) {
      auto const& weight = m.fixed(var::w);
      if (weight.rank() != 2) return p.decline("the weights are not a matrix");
      auto const columns = weight.dims()[m.attr(var::layer, "transB", std::int64_t{0}) != 0 ? 0 : 1];
      if (!adds_to_columns(m.fixed(var::c), columns)) return p.decline("what is added is not one number a column");
      octet::node changed{.attributes = m.at(var::layer).attributes};
      changed.set("beta", 1.0f);
      return p(ops::Gemm, {m[var::x], m[var::w], m[var::c]}, std::move(changed.attributes));
    }};

inline constexpr auto linear_rules = rules(matmul_add_to_gemm, gemm_add);

}  // namespace octet::rewrite
