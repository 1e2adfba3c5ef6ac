// Activations that a product or a convolution applies to values as soon as they are finished, while they are near.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <octet/exec/ops/activation.hpp>
#include <octet/graph/structure.hpp>
#include <octet/kernels/epilogue.hpp>

namespace octet::detail {

/// One activation with its constants, as a function of rows.
struct row_activation {
  void (*call)(void const*, float*, std::ptrdiff_t) = nullptr;
  float alpha = 0, beta = 0;

  /// Valid as long as this object.
  kernels::row_function then() const { return {call, this}; }
};

template <class F>
void activate_row(void const* state, float* x, std::ptrdiff_t n) {
  auto const& a = *static_cast<row_activation const*>(state);
  if constexpr (std::is_invocable_v<F, floats, floats, floats>)
    map_floats(x, x, n, [alpha = floats(a.alpha), beta = floats(a.beta)](floats v) { return F{}(v, alpha, beta); });
  else map_floats(x, x, n, F{});
}

/// An operator that can be one, from an opset on; constants that a node may state, else these.
struct row_activation_entry {
  std::string_view op, domain;
  std::int64_t since;
  row_activation made;
};
inline constexpr row_activation_entry row_activations[] = {
    {"Celu", "", 12, {&activate_row<celu_op>, 1}},
    {"Elu", "", 6, {&activate_row<elu_op>, 1}},
    {"FastGelu", "com.microsoft", 1, {&activate_row<gelu_tanh_op>}},
    {"Gelu", "", 20, {&activate_row<gelu_op>}},
    {"Gelu", "com.microsoft", 1, {&activate_row<gelu_op>}},
    {"Gelu", "octet", 1, {&activate_row<gelu_op>}},
    {"HardSigmoid", "", 6, {&activate_row<hard_sigmoid_op>, 0.2f, 0.5f}},
    {"HardSwish", "", 14, {&activate_row<hard_swish_op>}},
    {"HardSwish", "octet", 1, {&activate_row<hard_swish_op>}},
    {"LeakyRelu", "", 6, {&activate_row<leaky_relu_op>, 0.01f}},
    {"Mish", "", 18, {&activate_row<mish_op>}},
    {"Mish", "octet", 1, {&activate_row<mish_op>}},
    {"QuickGelu", "com.microsoft", 1, {&activate_row<swish_op>, 1.702f}},
    {"Sigmoid", "", 6, {&activate_row<sigmoid_op>}},
    {"Softplus", "", 1, {&activate_row<softplus_op>}},
    {"Softsign", "", 1, {&activate_row<softsign_op>}},
    {"Swish", "", 24, {&activate_row<swish_op>, 1}},
    {"Swish", "octet", 1, {&activate_row<swish_op>, 1}},
    {"Tanh", "", 6, {&activate_row<tanh_op>}},
    {"ThresholdedRelu", "", 10, {&activate_row<thresholded_relu_op>, 1}},
};

/// The activation that operator `op` computes with the attributes of `n`, in a graph of this opset; nothing when it is
/// none of the table's.
inline std::optional<row_activation> row_activation_of(std::string_view op, std::string_view domain,
                                                       octet::node const& n,
                                                       std::int64_t opset = std::numeric_limits<std::int64_t>::max()) {
  for (auto const& e : row_activations) {
    if (e.op != op || e.domain != plain_domain(domain) || (e.domain.empty() && e.since > opset)) continue;
    auto a = e.made;
    a.alpha = n.get("alpha", a.alpha), a.beta = n.get("beta", a.beta);
    auto const how = n.get<std::string>("approximate", "none");
    if (how == "tanh") a.call = &activate_row<gelu_tanh_op>;
    return how == "none" || how == "tanh" ? std::optional{a} : std::nullopt;
  }
  return {};
}

/// Whether `n`, in a graph of this opset, is an activation of its only input.
inline bool is_row_activation(octet::node const& n, std::int64_t opset) {
  return n.inputs.size() == 1 && n.outputs.size() == 1 && row_activation_of(n.op, n.domain, n, opset).has_value();
}

/// `into` ends in the activation that `n` is.
inline void take_activation(octet::node& into, octet::node const& n) {
  into.set("activation", n.op), into.set("activation_domain", n.domain);
  for (auto const* name : {"alpha", "beta", "approximate"})
    for (auto const& a : n.attributes)
      if (a.name == name) into.attributes.push_back(a);
}
/// What `take_activation` noted.
inline row_activation noted_activation(octet::node const& n) {
  auto const op = n.get<std::string>("activation", "");
  return row_activation_of(op, n.get<std::string>("activation_domain", ""), n).value_or(row_activation{});
}

}  // namespace octet::detail
