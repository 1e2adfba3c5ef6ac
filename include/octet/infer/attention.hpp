// Types and shapes of attention in ONNX's form (opset 23) and ONNX Runtime's forms.
#pragma once

#include <octet/graph/vocabulary.hpp>
#include <octet/infer/inference.hpp>

namespace octet::detail {

/// Heads as [batch, heads, length, size], from a tensor of 3 or 4 axes.
inline std::optional<dimensions> heads_of(inference& c, std::size_t i, std::int64_t heads) {
  auto const& d = c.dims(i);
  if (!d || (d->size() != 3 && d->size() != 4)) return std::nullopt;
  if (d->size() == 4) return d;
  if (heads <= 0) return std::nullopt;
  return dimensions{(*d)[0], heads, (*d)[1], floor_div((*d)[2], heads)};
}

/// ai.onnx Attention: q, k, v, mask, past_key, past_value → y, present_key, present_value, scores.
inline void infer_attention(inference& c) {
  for (std::size_t o = 0; o < 4; ++o) c.type(o, c.type(o == 0 || o == 3 ? 0 : o));
  auto const q_heads = c.node.get<std::int64_t>("q_num_heads", 0),
             kv_heads = c.node.get<std::int64_t>("kv_num_heads", 0);
  auto const q = heads_of(c, 0, q_heads), k = heads_of(c, 1, kv_heads), v = heads_of(c, 2, kv_heads);
  if (!q || !k || !v) return;
  auto const past = c.ranked(4) && c.dims(4)->size() == 4 ? (*c.dims(4))[2] : expression{0};
  auto const total = past + (*k)[2];
  if (c.dims(0)->size() == 4) c.shape(0, dimensions{(*q)[0], (*q)[1], (*q)[2], (*v)[3]});
  else c.shape(0, dimensions{(*q)[0], (*q)[2], (*q)[1] * (*v)[3]});
  c.shape(1, dimensions{(*k)[0], (*k)[1], total, (*k)[3]});
  c.shape(2, dimensions{(*v)[0], (*v)[1], total, (*v)[3]});
  c.shape(3, dimensions{(*q)[0], (*q)[1], (*q)[2], total});
}

/// com.microsoft Attention and QAttention: x [B,S,·] and packed weights [·, 3D] → y [B,S,D], present [2,B,N,T,H].
inline void infer_packed_attention(inference& c) {
  bool const quantized = c.node.op == "QAttention";
  auto const e = quantized ? element::f32 : c.type(0);
  c.type(0, e);
  c.type(1, e);
  if (!c.ranked(0) || !c.ranked(1) || c.dims(0)->size() != 3 || c.dims(1)->size() != 2) return;
  auto const& x = *c.dims(0);
  auto const heads = c.node.get<std::int64_t>("num_heads", 0);
  auto const* sizes = c.node.get<std::vector<std::int64_t>>("qkv_hidden_sizes");
  bool const uneven = sizes != nullptr && sizes->size() == 3;
  auto const hidden = uneven ? expression{(*sizes)[2]} : floor_div((*c.dims(1))[1], 3);
  c.shape(0, dimensions{x[0], x[1], hidden});
  std::size_t const past = quantized ? 8 : 4;
  auto const before = c.ranked(past) && c.dims(past)->size() == 5 ? (*c.dims(past))[3] : expression{0};
  if (heads > 0) c.shape(1, dimensions{2, x[0], heads, before + x[1], floor_div(hidden, heads)});
}

/// com.microsoft MultiHeadAttention: q [B,S,D] or packed [B,S,N,3,H] → y [B,S,Dv], present keys and values.
inline void infer_multi_head_attention(inference& c) {
  for (std::size_t o = 0; o < 4; ++o) c.type(o, c.type(0));
  auto const heads = c.node.get<std::int64_t>("num_heads", 0);
  if (!c.ranked(0) || heads <= 0) return;
  auto const& q = *c.dims(0);
  if (q.size() == 5) return c.shape(0, dimensions{q[0], q[1], q[2] * q[4]});
  if (q.size() != 3) return;
  auto const& v = c.has(2) ? c.dims(2) : c.dims(0);
  auto const& k = c.dims(1);
  if (!v) return;
  auto const hidden = v->size() == 4 ? (*v)[1] * (*v)[3] : v->size() == 3 ? (*v)[2] : q[2];
  c.shape(0, dimensions{q[0], q[1], hidden});
  if (!k || k->size() < 3) return;
  auto const length = k->size() == 4 ? (*k)[2] : (*k)[1];
  auto const past = c.ranked(6) && c.dims(6)->size() == 4 ? (*c.dims(6))[2] : expression{0};
  c.shape(1, dimensions{q[0], heads, past + length, floor_div(q[2], heads)});
  c.shape(2, dimensions{q[0], heads, past + length, floor_div(hidden, heads)});
}

inline void infer_group_query_attention(inference& c) {
  for (std::size_t o = 0; o < 3; ++o) c.type(o, c.type(0));
  auto const heads = c.node.get<std::int64_t>("num_heads", 0), shared = c.node.get<std::int64_t>("kv_num_heads", 0);
  if (!c.ranked(0) || c.dims(0)->size() != 3 || heads <= 0 || shared <= 0) return;
  auto const& q = *c.dims(0);
  auto const size = floor_div(q[2], c.has(1) ? heads : heads + 2 * shared);
  c.shape(0, dimensions{q[0], q[1], size * heads});
  for (std::size_t o = 1; o < 3; ++o) c.shape(o, dimensions{q[0], shared, c.fresh(o, 2), size});
}

inline constexpr inference_entry attention_inference[] = {
    {"Attention", "", &infer_attention},
    {"RotaryEmbedding", "", &infer_like_first},
    {"Attention", ops::microsoft, &infer_packed_attention},
    {"QAttention", ops::microsoft, &infer_packed_attention},
    {"MultiHeadAttention", ops::microsoft, &infer_multi_head_attention},
    {"GroupQueryAttention", ops::microsoft, &infer_group_query_attention},
    {"RotaryEmbedding", ops::microsoft, &infer_like_first},
};

}  // namespace octet::detail
