// Recurrent operators: their weights in 8 bit, the arithmetic inside the kernel.
#pragma once

#include <octet/ops/traits.hpp>

namespace octet {

inline std::string unfit_lstm(graph const& g, node const& n, bool) {
  for (std::size_t i = 1; i < 3; ++i) {
    auto const* w = n.has_input(i) ? g.constant(n.inputs[i]) : nullptr;
    if (w == nullptr || w->rank() != 3) return "its weights are not constants of rank 3";
    if (w->type() != element::f32) return "its quantized form knows float32 only";
  }
  if (n.get<std::int64_t>("layout", 0) != 0) return "its quantized form knows layout 0 only";
  return {};
}

/// The kernel quantizes X itself. W and R become [direction, input, 4·hidden].
inline constexpr op_traits lstm_traits{.op = "LSTM",
                                       .inputs = {role::unused, weight(0), weight(0), role::unused},
                                       .qdq = false,
                                       .integer = {"DynamicQuantizeLSTM", microsoft},
                                       .unfit = &unfit_lstm};

}  // namespace octet
