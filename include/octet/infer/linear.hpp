// Types and shapes of matrix products.
#pragma once

#include <octet/graph/vocabulary.hpp>
#include <octet/infer/inference.hpp>

namespace octet::detail {

/// NumPy's rule for matrix products, of inputs that may be transposed.
inline std::optional<dimensions> product_dims(inference& c, std::optional<dimensions> a, std::optional<dimensions> b) {
  if (!a || !b) return std::nullopt;
  if (a->empty() || b->empty()) throw error{error_kind::invalid, "a matrix product of scalars", c.node.name};
  bool const row = a->size() == 1, column = b->size() == 1;
  if (row) a->insert(a->begin(), 1);
  if (column) b->push_back(1);
  c.same(a->back(), (*b)[b->size() - 2]);
  dimensions const batch_a(a->begin(), a->end() - 2), batch_b(b->begin(), b->end() - 2);
  auto d = *c.broadcast(std::optional{batch_a}, std::optional{batch_b});
  if (!row) d.push_back((*a)[a->size() - 2]);
  if (!column) d.push_back(b->back());
  return d;
}

inline void infer_matmul(inference& c) { c.set(0, c.type(0), product_dims(c, c.dims(0), c.dims(1))); }

/// MatMul whose inputs may be transposed in their last two axes, or their batch axis moved inside.
inline void infer_fused_matmul(inference& c) {
  auto const turned = [&](std::size_t i, char const* inner, char const* outer) {
    auto d = c.dims(i);
    if (!d || d->size() < 2) return d;
    if (c.node.get<std::int64_t>(outer, 0) != 0) std::rotate(d->begin(), d->begin() + 1, d->end() - 1);
    if (c.node.get<std::int64_t>(inner, 0) != 0) std::swap((*d)[d->size() - 1], (*d)[d->size() - 2]);
    return d;
  };
  c.set(0, c.type(0), product_dims(c, turned(0, "transA", "transBatchA"), turned(1, "transB", "transBatchB")));
}

inline std::optional<dimensions> gemm_dims(inference& c, std::size_t a, std::size_t b) {
  auto const &x = c.dims(a), &y = c.dims(b);
  if (!x || !y || x->size() != 2 || y->size() != 2) return std::nullopt;
  bool const ta = c.node.get<std::int64_t>("transA", 0) != 0, tb = c.node.get<std::int64_t>("transB", 0) != 0;
  c.same((*x)[ta ? 0 : 1], (*y)[tb ? 1 : 0]);
  return dimensions{(*x)[ta ? 1 : 0], (*y)[tb ? 0 : 1]};
}
inline void infer_gemm(inference& c) { c.set(0, c.type(0), gemm_dims(c, 0, 1)); }

/// Weights of 2, 4 or 8 bits in blocks: the attributes say K and N.
inline void infer_matmul_bits(inference& c) {
  auto d = c.dims(0);
  auto const* n = c.node.get<std::int64_t>("N");
  if (d && !d->empty() && n != nullptr) d->back() = *n;
  else d.reset();
  c.set(0, c.type(0), d);
}

/// One side of an Einsum equation: its labels, and where an ellipsis stands.
struct einsum_term {
  std::string labels{};
  std::size_t ellipsis = std::string::npos;
};
inline einsum_term einsum_side(std::string_view s) {
  einsum_term t;
  for (auto const ch : s) {
    if (ch == '.' && t.ellipsis == std::string::npos) t.ellipsis = t.labels.size();
    if (std::isalpha(static_cast<unsigned char>(ch)) != 0) t.labels += ch;
  }
  return t;
}

inline void infer_einsum(inference& c) {
  c.type(0, c.type(0));
  auto const* equation = c.node.get<std::string>("equation");
  if (equation == nullptr) return;
  auto const arrow = equation->find("->");
  std::string_view left = std::string_view{*equation}.substr(0, arrow);
  std::map<char, expression> sizes;
  std::map<char, int> seen;
  std::optional<dimensions> batch = dimensions{};
  for (std::size_t i = 0; i < c.inputs(); ++i) {
    auto const comma = left.find(',');
    auto const t = einsum_side(left.substr(0, comma));
    left = comma == std::string_view::npos ? std::string_view{} : left.substr(comma + 1);
    auto const& d = c.dims(i);
    if (!d || d->size() < t.labels.size()) return;
    auto const extra = d->size() - t.labels.size();
    if (extra != 0 && t.ellipsis == std::string::npos) return;
    for (std::size_t k = 0; k < t.labels.size(); ++k) {
      auto const& size = (*d)[k >= t.ellipsis ? k + extra : k];
      auto const [it, first] = sizes.emplace(t.labels[k], size);
      if (!first) it->second = c.broadcast(it->second, size);
      ++seen[t.labels[k]];
    }
    if (extra != 0) {
      auto const from = d->begin() + static_cast<std::ptrdiff_t>(t.ellipsis);
      batch = c.broadcast(batch, std::optional{dimensions(from, from + static_cast<std::ptrdiff_t>(extra))});
    }
  }
  einsum_term out;
  if (arrow != std::string::npos) out = einsum_side(std::string_view{*equation}.substr(arrow + 2));
  else {
    out.ellipsis = 0;
    for (auto const& [label, n] : seen)
      if (n == 1) out.labels += label;
  }
  dimensions d;
  for (std::size_t k = 0; k <= out.labels.size(); ++k) {
    if (k == out.ellipsis) d.insert(d.end(), batch->begin(), batch->end());
    if (k < out.labels.size()) d.push_back(sizes.count(out.labels[k]) != 0 ? sizes[out.labels[k]] : c.fresh(0, k));
  }
  c.shape(0, d);
}

inline constexpr inference_entry linear_inference[] = {
    {"MatMul", "", &infer_matmul},
    {"Gemm", "", &infer_gemm},
    {"Einsum", "", &infer_einsum},
    {"FusedMatMul", ops::microsoft, &infer_fused_matmul},
    {"FusedGemm", ops::microsoft, &infer_gemm},
    {"MatMulNBits", ops::microsoft, &infer_matmul_bits},
    {"MatMulBnb4", ops::microsoft, &infer_matmul_bits},
};

}  // namespace octet::detail
