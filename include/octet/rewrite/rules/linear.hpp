// A matrix product and what is added to it become one Gemm, where both have two axes.
#pragma once

#include <octet/rewrite/rules/batch_norm.hpp>
#include <octet/rewrite/rules/residual.hpp>

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

/// A layer over rows, which an exporter makes of three axes and takes apart again, as a product of three axes.
inline constexpr rule gemm_over_rows{
    "gemm-over-rows",
    ops::Reshape(ops::Gemm(ops::Reshape(var::x, var::one), var::w, var::c).as(var::layer), var::shape),
    [](match const& m, patch& p) {
      auto const &weight = m.fixed(var::w), &bias = m.fixed(var::c);
      auto const *in = m.type(var::x), *rows = m.type(m.at(var::layer).inputs[0]), *out = m.type(m.root);
      for (auto const* name : {"transA", "transB"})
        if (m.attr(var::layer, name, std::int64_t{0}) != 0) return p.decline("an operand is transposed");
      for (auto const* name : {"alpha", "beta"})
        if (m.attr(var::layer, name, 1.0f) != 1) return p.decline("the product or the bias is scaled");
      if (weight.rank() != 2 || bias.rank() != 1 || bias.size() != weight.dims()[1])
        return p.decline("the weights are not a matrix with a bias a column");
      auto const last = [](value_type const* t, std::size_t rank, std::int64_t size) {
        return t != nullptr && t->dims && t->dims->size() == rank && t->dims->back().known() &&
               t->dims->back().size == size;
      };
      if (!last(in, 3, weight.dims()[0]) || !last(rows, 2, weight.dims()[0]) || !last(out, 3, weight.dims()[1]) ||
          !same_size((*in->dims)[0], (*out->dims)[0]) || !same_size((*in->dims)[1], (*out->dims)[1]))
        return p.decline("the axes taken apart are not known to be those put together");
      return p(ops::Add, {p(ops::MatMul, {m[var::x], m[var::w]}), m[var::c]});
    }};

/// For transformers: a projection of three axes is what attention is found by.
inline constexpr auto projection_rules = rules(gemm_over_rows);

inline constexpr auto linear_rules = rules(matmul_add_to_gemm, gemm_add);

}  // namespace octet::rewrite
