// The activation functions that LSTM, GRU and RNN choose by name, applied to a row in place.
#pragma once

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <octet/exec/ops/math.hpp>
#include <octet/exec/ops/visit.hpp>

namespace octet::detail {

/// An activation with its parameters.
struct gate_activation {
  void (*apply)(float* x, std::int64_t n, float alpha, float beta) = nullptr;
  float alpha = 0, beta = 0;

  void operator()(float* x, std::int64_t n) const { apply(x, n, alpha, beta); }
};

/// One that an element at a time defines.
template <float (*F)(float, float, float)>
void each_element(float* x, std::int64_t n, float alpha, float beta) {
  for (std::int64_t i = 0; i < n; ++i) x[i] = F(x[i], alpha, beta);
}

struct gate_name {
  std::string_view name;
  void (*apply)(float*, std::int64_t, float, float);
  bool has_alpha = false, has_beta = false;
  float alpha = 0, beta = 0;
};

inline float gate_relu(float x, float, float) { return x > 0 ? x : 0; }
inline float gate_affine(float x, float a, float b) { return a * x + b; }
inline float gate_leaky(float x, float a, float) { return x >= 0 ? x : a * x; }
inline float gate_threshold(float x, float a, float) { return x > a ? x : 0; }
inline float gate_scaled_tanh(float x, float a, float b) { return a * std::tanh(b * x); }
inline float gate_hard_sigmoid(float x, float a, float b) { return std::clamp(a * x + b, 0.f, 1.f); }
inline float gate_elu(float x, float a, float) { return x >= 0 ? x : a * (std::exp(x) - 1); }
inline float gate_softsign(float x, float, float) { return x / (1 + std::abs(x)); }
inline float gate_softplus(float x, float, float) { return std::log1p(std::exp(-std::abs(x))) + (x > 0 ? x : 0); }
inline void gate_sigmoid(float* x, std::int64_t n, float, float) { map_floats(x, x, n, sigmoid_op{}); }
inline void gate_tanh(float* x, std::int64_t n, float, float) { map_floats(x, x, n, tanh_op{}); }

inline constexpr gate_name gate_names[] = {
    {"sigmoid", &gate_sigmoid},
    {"tanh", &gate_tanh},
    {"relu", &each_element<&gate_relu>},
    {"affine", &each_element<&gate_affine>, true, true, 1, 0},
    {"leakyrelu", &each_element<&gate_leaky>, true, false, 0.01f, 0},
    {"thresholdedrelu", &each_element<&gate_threshold>, true, false, 1, 0},
    {"scaledtanh", &each_element<&gate_scaled_tanh>, true, true, 1, 1},
    {"hardsigmoid", &each_element<&gate_hard_sigmoid>, true, true, 0.2f, 0.5f},
    {"elu", &each_element<&gate_elu>, true, false, 1, 0},
    {"softsign", &each_element<&gate_softsign>},
    {"softplus", &each_element<&gate_softplus>},
};

/// The activations of a node, `count` for each of `directions`; parameters are taken in order by those that have any.
inline std::vector<gate_activation> gate_activations(preparation const& p, std::size_t directions,
                                                     std::vector<std::string> defaults) {
  op_label const who{p};
  auto names = p.get("activations", std::vector<std::string>{});
  auto const alphas = p.get("activation_alpha", std::vector<float>{}),
             betas = p.get("activation_beta", std::vector<float>{});
  if (names.empty())
    for (std::size_t d = 0; d < directions; ++d) names.insert(names.end(), defaults.begin(), defaults.end());
  if (names.size() != directions * defaults.size())
    who.invalid(std::to_string(names.size()) + " activations instead of " +
                std::to_string(directions * defaults.size()));
  std::vector<gate_activation> all;
  std::size_t a = 0, b = 0;
  for (auto name : names) {
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return char(std::tolower(c)); });
    auto const* const found =
        std::find_if(std::begin(gate_names), std::end(gate_names), [&](gate_name const& g) { return g.name == name; });
    if (found == std::end(gate_names)) who.unsupported("activation '" + name + "' is not known");
    gate_activation g{found->apply, found->alpha, found->beta};
    if (found->has_alpha && a < alphas.size()) g.alpha = alphas[a++];
    if (found->has_beta && b < betas.size()) g.beta = betas[b++];
    all.push_back(g);
  }
  return all;
}

}  // namespace octet::detail
