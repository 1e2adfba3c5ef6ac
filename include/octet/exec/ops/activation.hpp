// Activations: functions of one element with constants of the node.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include <octet/exec/ops/unary.hpp>

namespace octet::detail {

/// f(x, alpha, beta) with the constants read as floats.
template <class F>
struct with_constants {
  float alpha = 0, beta = 0;
  template <real T>
  T operator()(T x) const {
    return F{}(x, T(alpha), T(beta));
  }
};
template <class F>
operation activation(preparation const& p, float alpha, float beta = 0) {
  return unary(p, with_constants<F>{p.get("alpha", alpha), p.get("beta", beta)});
}

struct leaky_relu_op {
  template <real T>
  T operator()(T x, T alpha, T) const {
    return pick(x < T(0), alpha * x, x);
  }
};
struct elu_op {
  template <real T>
  T operator()(T x, T alpha, T) const {
    using std::expm1;
    return pick(x < T(0), alpha * expm1(x), x);
  }
};
struct celu_op {
  template <real T>
  T operator()(T x, T alpha, T) const {
    using std::expm1;
    return pick(x < T(0), alpha * expm1(x / alpha), x);
  }
};
struct hard_sigmoid_op {
  template <real T>
  T operator()(T x, T alpha, T beta) const {
    T const y = alpha * x + beta;
    return pick(y < T(0), T(0), pick(y > T(1), T(1), y));
  }
};
struct hard_swish_op {
  template <real T>
  T operator()(T x) const {
    return x * hard_sigmoid_op{}(x, T(1.0f / 6), T(0.5f));
  }
};
struct selu_op {
  float alpha = 0, gamma = 0;
  template <real T>
  T operator()(T x) const {
    using std::exp;
    return T(gamma) * pick(x > T(0), x, T(alpha) * exp(x) - T(alpha));
  }
};
struct softsign_op {
  template <real T>
  T operator()(T x) const {
    using std::abs;
    return x / (T(1) + abs(x));
  }
};
struct thresholded_relu_op {
  template <real T>
  T operator()(T x, T alpha, T) const {
    return pick(x > alpha, x, T(0));
  }
};
struct mish_op {
  template <real T>
  T operator()(T x) const {
    return x * tanh_op{}(softplus(x));
  }
};
struct swish_op {
  template <real T>
  T operator()(T x, T alpha, T) const {
    return x * sigmoid(alpha * x);
  }
};
struct shrink_op {
  float lambda = 0, bias = 0;
  template <class T>
    requires std::is_arithmetic_v<T>
  T operator()(T x) const {
    auto const limit = static_cast<T>(lambda), step = static_cast<T>(bias);
    return x < -limit ? static_cast<T>(x + step) : x > limit ? static_cast<T>(x - step) : T(0);
  }
};
struct relu_op {
  template <class T>
  T operator()(T x) const {
    if constexpr (std::is_unsigned_v<T>) return x;
    else return pick(x < T(0), T(0), x);
  }
};
template <class U>
struct clip_op {  // the upper bound wins
  U low{}, high{};
  template <class T>
  T operator()(T x) const {
    T const y = pick(x < T(low), T(low), x);
    return pick(y > T(high), T(high), y);
  }
};

inline operation prepare_relu(preparation const& p) { return unary(p, relu_op{}, number_types{}); }
inline operation prepare_sigmoid(preparation const& p) { return unary(p, sigmoid_op{}); }
inline operation prepare_tanh(preparation const& p) { return unary(p, tanh_op{}); }
inline operation prepare_softplus(preparation const& p) { return unary(p, softplus_op{}); }
inline operation prepare_softsign(preparation const& p) { return unary(p, softsign_op{}); }
inline operation prepare_mish(preparation const& p) { return unary(p, mish_op{}); }
inline operation prepare_hard_swish(preparation const& p) { return unary(p, hard_swish_op{}); }
inline operation prepare_leaky_relu(preparation const& p) { return activation<leaky_relu_op>(p, 0.01f); }
inline operation prepare_elu(preparation const& p) { return activation<elu_op>(p, 1.0f); }
inline operation prepare_celu(preparation const& p) { return activation<celu_op>(p, 1.0f); }
inline operation prepare_hard_sigmoid(preparation const& p) { return activation<hard_sigmoid_op>(p, 0.2f, 0.5f); }
inline operation prepare_thresholded_relu(preparation const& p) { return activation<thresholded_relu_op>(p, 1.0f); }
inline operation prepare_swish(preparation const& p) { return activation<swish_op>(p, 1.0f); }
inline operation prepare_selu(preparation const& p) {
  return unary(p, selu_op{p.get("alpha", 1.67326319217681884765625f), p.get("gamma", 1.05070102214813232421875f)});
}
inline operation prepare_shrink(preparation const& p) {
  return unary(p, shrink_op{p.get("lambd", 0.5f), p.get("bias", 0.0f)},
               types<float, double, std::int8_t, std::int16_t, std::int32_t, std::int64_t>{});
}
inline operation prepare_gelu(preparation const& p) {
  auto const how = p.get<std::string>("approximate", "none");
  if (how != "none" && how != "tanh") op_label{p}.invalid("approximate is \"" + how + "\", neither none nor tanh");
  return how == "tanh" ? unary(p, gelu_tanh_op{}) : unary(p, gelu_op{});
}

/// A bound of Clip: an attribute before opset 11, then an optional scalar input.
template <class T>
T clip_bound(op_label const& who, call const& c, std::size_t i, T otherwise) {
  if (!c.has(i)) return otherwise;
  if (c.inputs[i].type() != c.inputs[0].type()) who.invalid("a bound has another element type than the input");
  if (c.inputs[i].size() != 1) who.invalid("a bound is not a scalar but " + c.inputs[i].dims().text());
  return c.inputs[i].as<T>()[0];
}
inline operation prepare_clip(preparation const& p) {
  expect_inputs(p, 1, p.opset < 11 ? 1 : 3);
  using float_limits = std::numeric_limits<float>;
  float const low = p.opset < 11 ? p.get("min", float_limits::lowest()) : -float_limits::infinity();
  float const high = p.opset < 11 ? p.get("max", float_limits::max()) : float_limits::infinity();
  return with_half([who = op_label{p}, low, high](call& c) {
    visit(who, c.inputs[0].type(), number_types{}, [&]<class T>(T) {
      using limits = std::numeric_limits<T>;
      T least = limits::lowest(), most = limits::max();
      if constexpr (std::is_floating_point_v<T>) least = T(low), most = T(high);
      map_unary<T, T>(c, clip_op<T>{clip_bound(who, c, 1, least), clip_bound(who, c, 2, most)});
    });
  });
}

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry activation_operators[] = {
    {"Celu", "", 12, &detail::prepare_celu},
    {"Clip", "", 6, &detail::prepare_clip},
    {"Elu", "", 6, &detail::prepare_elu},
    {"Gelu", "", 20, &detail::prepare_gelu},
    {"Gelu", "octet", 1, &detail::prepare_gelu},
    {"HardSigmoid", "", 6, &detail::prepare_hard_sigmoid},
    {"HardSwish", "", 14, &detail::prepare_hard_swish},
    {"HardSwish", "octet", 1, &detail::prepare_hard_swish},
    {"LeakyRelu", "", 6, &detail::prepare_leaky_relu},
    {"Mish", "", 18, &detail::prepare_mish},
    {"Mish", "octet", 1, &detail::prepare_mish},
    {"Relu", "", 6, &detail::prepare_relu},
    {"Selu", "", 6, &detail::prepare_selu},
    {"Shrink", "", 9, &detail::prepare_shrink},
    {"Sigmoid", "", 6, &detail::prepare_sigmoid},
    {"Softplus", "", 1, &detail::prepare_softplus},
    {"Softsign", "", 1, &detail::prepare_softsign},
    {"Swish", "", 24, &detail::prepare_swish},
    {"Swish", "octet", 1, &detail::prepare_swish},
    {"Tanh", "", 6, &detail::prepare_tanh},
    {"ThresholdedRelu", "", 10, &detail::prepare_thresholded_relu},
};

}  // namespace octet
