// How to quantize a float model for a target, and why.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <octet/core/convert.hpp>
#include <octet/ops/catalogue.hpp>
#include <octet/policy/target.hpp>
#include <octet/policy/text.hpp>
#include <octet/quantize/selection.hpp>

namespace octet {

/// One choice with its reason: choice "static", option "octet quantize static", …
struct recommendation {
  std::string choice{}, options{}, reason{};
};

namespace detail {

/// How unequal the channels of a weight are: the largest |w| over the median of the channels' largest.
inline double channel_spread(tensor const& t, int axis) {
  auto const values = to_f32(t);
  auto const x = values.as<float>();
  auto const a = static_cast<std::size_t>(axis);
  auto const length = t.dims()[a], inner = t.dims().product(a + 1, t.rank());
  std::vector<float> most(static_cast<std::size_t>(length), 0);
  for (std::size_t i = 0; i < x.size(); ++i) {
    auto& m = most[(i / static_cast<std::size_t>(inner)) % static_cast<std::size_t>(length)];
    m = std::max(m, std::abs(x[i]));
  }
  std::sort(most.begin(), most.end());
  auto const middle = most.empty() ? 0.f : most[most.size() / 2];
  return middle > 0 ? double{most.back()} / middle : 1;
}

struct model_facts {
  std::size_t convolutions = 0, products = 0, recurrent = 0, unfused = 0;
  double spread = 1;
  std::string widest{};  ///< the node with the most unequal channels
};

inline model_facts facts_of(model const& m) {
  model_facts f;
  auto const& g = m.main;
  for (auto const id : g.order) {
    auto const& n = g[id];
    f.convolutions += n.op == "Conv" || n.op == "ConvTranspose";
    f.products += n.op == "MatMul" || n.op == "Gemm" || n.op == "Attention";
    f.recurrent += n.op == "LSTM" || n.op == "GRU";
    f.unfused += n.op == "BatchNormalization";
    auto const* t = find_traits(catalogue, n);
    if (t == nullptr || n.inputs.size() < 2 || t->input(1).role != role::weight) continue;
    auto const* w = g.constant(n.inputs[1]);
    if (w == nullptr || w->rank() < 2 || w->rank() > 5 || (w->type() != element::f32 && w->type() != element::f16))
      continue;
    auto axis = t->input(1).channel_axis(n);
    if (axis < 0) axis += static_cast<int>(w->rank());
    if (axis < 0 || axis >= static_cast<int>(w->rank())) continue;
    if (auto const s = channel_spread(w->align(), axis); s > f.spread) f.spread = s, f.widest = label(g, n);
  }
  return f;
}
}  // namespace detail

/// Static or dynamic, format, types, granularity and range for `m` on a target. Types need not be inferred.
inline std::vector<recommendation> recommend(model const& m, target_rules const& t) {
  auto const f = detail::facts_of(m);
  std::vector<recommendation> all;
  bool const dynamic = t.dynamic && f.convolutions == 0 && f.products + f.recurrent > 0;
  if (f.unfused != 0)
    all.push_back({"preprocess", "octet preprocess, or --preprocess",
                   std::to_string(f.unfused) + " BatchNormalization nodes are not folded into their convolutions"});
  if (dynamic)
    all.push_back({"dynamic", "octet quantize dynamic",
                   f.recurrent != 0 ? "recurrent layers and matrix products: their weights dominate, and LSTMs have no "
                                      "static form"
                                    : "matrix products without convolutions: activations vary from input to input, and "
                                      "grids at run time cost little"});
  else
    all.push_back({"static", "octet quantize static --data …",
                   f.convolutions != 0 ? "convolutions: grids at run time would cost more than they gain"
                                       : "the target reads no grids at run time"});
  if (!dynamic)
    all.push_back({"qdq", "--format qdq",
                   t.qoperator ? "pairs keep the float operators, and the runtime fuses them"
                               : "the target reads no other form"});
  auto const p = t.recommended;
  std::string types = p.activation == element::u8 ? "--activation-type uint8" : "--activation-type int8";
  types += p.weight == element::u8 ? " --weight-type uint8" : " --weight-type int8";
  if (p.activation_symmetry == symmetry::symmetric) types += " --activation-symmetric";
  all.push_back({text(p.per_tensor()), types,
                 !t.u8_activations   ? "the target takes signed, symmetric tensors only"
                 : !t.s8_activations ? "the target has no kernels for signed activations"
                 : t.slow_s8s8       ? "uint8 × int8 is what its kernels multiply; int8 activations take detours"
                                     : "what its kernels multiply"});
  auto const number = std::to_string(static_cast<int>(f.spread + 0.5));
  bool const channels = f.spread >= 4 && p.weight == element::s8;
  all.push_back({channels ? "per channel" : "per tensor", channels ? "--per-channel" : "--no-per-channel",
                 f.widest.empty()
                     ? "no weight was found"
                     : "the largest channel of '" + f.widest + "' is " + number + " times the median one"});
  if (t.saturates && p.weight == element::s8)
    all.push_back({"7 bit where needed", "--target " + std::string{t.name},
                   "sums of two products are cut to 16 bits; only weights that can reach that lose a bit"});
  return all;
}

}  // namespace octet
