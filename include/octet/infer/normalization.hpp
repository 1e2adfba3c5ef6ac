// Types and shapes of normalizations: the first output is like the input, statistics lose the normalized axes.
#pragma once

#include <octet/graph/vocabulary.hpp>
#include <octet/infer/inference.hpp>

namespace octet::detail {

inline void infer_batch_normalization(inference& c) {
  infer_like_first(c);
  for (std::size_t o = 1; o < c.outputs(); ++o) c.set(o, c.type(3), c.dims(3));
}

/// y, and per outer position mean and inverse deviation.
inline void infer_layer_normalization(inference& c) {
  infer_like_first(c);
  auto d = c.dims(0);
  if (d && !d->empty())
    for (auto i = axis_index(c.node.get<std::int64_t>("axis", -1), d->size()); i < d->size(); ++i) (*d)[i] = 1;
  for (std::size_t o = 1; o < 3; ++o) c.set(o, element::f32, d);
}

/// As LayerNormalization; the fourth output is the sum that was normalized.
inline void infer_skip_layer_normalization(inference& c) {
  infer_layer_normalization(c);
  c.set(3, c.type(0), c.dims(0));
}

/// [batch, sequence, hidden], the mask's lengths [batch], and the sum that was normalized.
inline void infer_embed_layer_normalization(inference& c) {
  std::optional<dimensions> d = c.dims(0);
  bool const quantized = c.node.op == "QEmbedLayerNormalization";
  if (d && c.ranked(2) && c.dims(2)->size() == 2) d->push_back((*c.dims(2))[1]);
  else d.reset();
  auto const e = quantized ? element::f32 : c.type(2);
  c.set(0, e, d);
  c.type(1, element::s32);
  if (c.ranked(0) && !c.dims(0)->empty()) c.shape(1, dimensions{(*c.dims(0))[0]});
  c.set(2, e, d);
}

inline constexpr inference_entry normalization_inference[] = {
    {"BatchNormalization", "", &infer_batch_normalization},
    {"InstanceNormalization", "", &infer_like_first},
    {"GroupNormalization", "", &infer_like_first},
    {"LayerNormalization", "", &infer_layer_normalization},
    {"RMSNormalization", "", &infer_layer_normalization},
    {"SimplifiedLayerNormalization", "", &infer_layer_normalization},
    {"LpNormalization", "", &infer_like_first},
    {"MeanVarianceNormalization", "", &infer_like_first},
    {"LRN", "", &infer_like_first},
    {"GroupNorm", ops::microsoft, &infer_like_first},
    {"SkipLayerNormalization", ops::microsoft, &infer_skip_layer_normalization},
    {"SkipSimplifiedLayerNormalization", ops::microsoft, &infer_skip_layer_normalization},
    {"EmbedLayerNormalization", ops::microsoft, &infer_embed_layer_normalization},
    {"QEmbedLayerNormalization", ops::microsoft, &infer_embed_layer_normalization},
};

}  // namespace octet::detail
