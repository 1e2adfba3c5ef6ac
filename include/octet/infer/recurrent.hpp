// Types and shapes of recurrent layers.
#pragma once

#include <octet/graph/vocabulary.hpp>
#include <octet/infer/inference.hpp>

namespace octet::detail {

/// x [S,B,I] (or [B,S,I] with layout 1) → y [S,D,B,H], last hidden and cell states [D,B,H].
inline void infer_recurrent(inference& c) {
  for (std::size_t o = 0; o < 3; ++o) c.type(o, c.type(0));
  if (!c.ranked(0) || c.dims(0)->size() != 3) return;
  auto const& x = *c.dims(0);
  bool const batch_first = c.node.get<std::int64_t>("layout", 0) != 0;
  std::int64_t const directions = c.node.get<std::string>("direction", "forward") == "bidirectional" ? 2 : 1;
  expression hidden;
  if (auto const* h = c.node.get<std::int64_t>("hidden_size")) hidden = *h;
  else if (c.ranked(2) && c.dims(2)->size() == 3) hidden = (*c.dims(2))[2];  // R is [D, gates·H, H]
  else return;
  auto const &steps = x[batch_first ? 1 : 0], &batch = x[batch_first ? 0 : 1];
  if (batch_first) c.shape(0, dimensions{batch, steps, directions, hidden});
  else c.shape(0, dimensions{steps, directions, batch, hidden});
  for (std::size_t o = 1; o < 3; ++o)
    c.shape(o, batch_first ? dimensions{batch, directions, hidden} : dimensions{directions, batch, hidden});
}

inline constexpr inference_entry recurrent_inference[] = {
    {"LSTM", "", &infer_recurrent},
    {"GRU", "", &infer_recurrent},
    {"RNN", "", &infer_recurrent},
    {"DynamicQuantizeLSTM", ops::microsoft, &infer_recurrent},
};

}  // namespace octet::detail
