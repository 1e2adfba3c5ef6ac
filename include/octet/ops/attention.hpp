// Operators that transformer optimizers make.
#pragma once

#include <octet/ops/traits.hpp>

namespace octet {

/// QAttention has a bias, and neither an attention bias nor sizes of its own for query, key and value.
inline std::string unfit_attention(graph const& g, node const& n, bool) {
  if (!n.has_input(1) || g.constant(n.inputs[1]) == nullptr) return "its weight is not constant";
  if (!n.has_input(2)) return "QAttention needs a bias";
  if (g.constant(n.inputs[1])->type() != element::f32) return "its quantized form knows float32 only";
  for (std::size_t i = 5; i < n.inputs.size(); ++i)
    if (n.has_input(i)) return "QAttention has no attention bias and no shared past";
  if (n.find("qkv_hidden_sizes") != nullptr) return "QAttention has one hidden size";
  return {};
}
/// QEmbedLayerNormalization has neither position ids nor the sum as an output.
inline std::string unfit_embedding(graph const& g, node const& n, bool) {
  if (n.has_input(8)) return "its quantized form has no position ids";
  if (n.has_output(2)) return "its quantized form does not return the sum";
  for (std::size_t i = 2; i < 7; ++i)
    if (auto const* t = n.has_input(i) ? g.constant(n.inputs[i]) : nullptr; n.has_input(i))
      if (t == nullptr || t->type() != element::f32) return "its tables are not float32 constants";
  return {};
}

/// X, the packed projection of query, key and value, its bias; the rest is untouched. Softmax stays float inside.
inline constexpr op_traits attention_traits{.op = "Attention",
                                            .domain = microsoft,
                                            .inputs = {role::activation, weight(-1), role::unused, role::unused},
                                            .qdq = false,
                                            .integer = {"QAttention", microsoft},
                                            .unfit = &unfit_attention};

/// Embedding tables in 8 bit; the sum and the normalization in float.
inline constexpr op_traits embed_layer_normalization_traits{
    .op = "EmbedLayerNormalization",
    .domain = microsoft,
    .inputs = {role::data, role::data, role::activation, role::activation},
    .qdq = false,
    .integer = {"QEmbedLayerNormalization", microsoft},
    .unfit = &unfit_embedding};

}  // namespace octet
