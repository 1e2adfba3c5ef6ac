// Every operator that octet quantizes, in one sorted constant.
#pragma once

#include <algorithm>
#include <array>
#include <span>

#include <octet/ops/activation.hpp>
#include <octet/ops/attention.hpp>
#include <octet/ops/conv.hpp>
#include <octet/ops/elementwise.hpp>
#include <octet/ops/indexing.hpp>
#include <octet/ops/layout.hpp>
#include <octet/ops/linear.hpp>
#include <octet/ops/normalization.hpp>
#include <octet/ops/pool.hpp>
#include <octet/ops/recurrent.hpp>
#include <octet/ops/reduction.hpp>

namespace octet {

inline constexpr std::array catalogue{add_traits,
                                      arg_max_traits,
                                      attention_traits,
                                      average_pool_traits,
                                      batch_normalization_traits,
                                      clip_traits,
                                      concat_traits,
                                      conv_traits,
                                      conv_transpose_traits,
                                      cum_sum_traits,
                                      embed_layer_normalization_traits,
                                      flatten_traits,
                                      gather_traits,
                                      gather_elements_traits,
                                      gemm_traits,
                                      global_average_pool_traits,
                                      instance_normalization_traits,
                                      lstm_traits,
                                      layer_normalization_traits,
                                      leaky_relu_traits,
                                      matmul_traits,
                                      max_pool_traits,
                                      mul_traits,
                                      pad_traits,
                                      relu_traits,
                                      reshape_traits,
                                      resize_traits,
                                      sigmoid_traits,
                                      slice_traits,
                                      softmax_traits,
                                      split_traits,
                                      squeeze_traits,
                                      top_k_traits,
                                      transpose_traits,
                                      unsqueeze_traits,
                                      where_traits};

constexpr bool sorted_and_unique(auto const& c) {
  for (std::size_t i = 1; i < c.size(); ++i)
    if (!(c[i - 1].op < c[i].op)) return false;
  return true;
}
static_assert(sorted_and_unique(catalogue), "octet: sort the catalogue by operator name");

/// The traits of `n` in a sorted catalogue, or null.
inline op_traits const* find_traits(std::span<op_traits const> all, node const& n) {
  auto const it = std::lower_bound(all.begin(), all.end(), n.op,
                                   [](op_traits const& t, std::string const& op) { return t.op < op; });
  return it != all.end() && n.is(it->op, it->domain) ? &*it : nullptr;
}

}  // namespace octet
