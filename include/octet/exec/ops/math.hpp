// Functions of one variable as the operators define them, for a float, a double or a batch of floats: exp, log, tanh
// and erf of xsimd are within 3 units in the last place (tests/exec/ops/math.cpp measures it).
#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

#include <octet/exec/ops/simd.hpp>

namespace octet::detail {

template <class T>
T pick(bool c, T a, T b) {
  return c ? a : b;
}
OCTET_INLINE floats pick(xsimd::batch_bool<float> c, floats a, floats b) { return xsimd::select(c, a, b); }

template <class T>
concept real = std::is_floating_point_v<T> || std::is_same_v<T, floats>;

/// A constant in the precision of T.
template <real T>
T literal(double value) {
  if constexpr (std::is_same_v<T, double>) return value;
  else return T(static_cast<float>(value));
}

template <real T>
T sigmoid(T x) {
  using std::exp;
  return T(1) / (T(1) + exp(-x));
}

/// ln(1 + eˣ) without overflow.
template <real T>
T softplus(T x) {
  using std::abs, std::exp, std::log1p;
  return pick(x > T(0), x, T(0)) + log1p(exp(-abs(x)));
}

template <real T>
T gelu(T x) {
  using std::erf;
  return T(0.5f) * x * (T(1) + erf(x * literal<T>(0.70710678118654752440)));
}
template <real T>
T gelu_by_tanh(T x) {
  using std::tanh;
  return T(0.5f) * x * (T(1) + tanh(literal<T>(0.79788456080286535588) * (x + literal<T>(0.044715) * x * x * x)));
}

// Objects to hand to map_floats and unary.

struct exp_op {
  template <real T>
  T operator()(T x) const {
    using std::exp;
    return exp(x);
  }
};
struct log_op {
  template <real T>
  T operator()(T x) const {
    using std::log;
    return log(x);
  }
};
struct sqrt_op {
  template <real T>
  T operator()(T x) const {
    using std::sqrt;
    return sqrt(x);
  }
};
struct erf_op {
  template <real T>
  T operator()(T x) const {
    using std::erf;
    return erf(x);
  }
};
struct tanh_op {
  template <real T>
  T operator()(T x) const {
    using std::tanh;
    return tanh(x);
  }
};
struct sin_op {
  template <real T>
  T operator()(T x) const {
    using std::sin;
    return sin(x);
  }
};
struct cos_op {
  template <real T>
  T operator()(T x) const {
    using std::cos;
    return cos(x);
  }
};
struct sigmoid_op {
  template <real T>
  T operator()(T x) const {
    return sigmoid(x);
  }
};
struct softplus_op {
  template <real T>
  T operator()(T x) const {
    return softplus(x);
  }
};
struct gelu_op {
  template <real T>
  T operator()(T x) const {
    return gelu(x);
  }
};
struct gelu_tanh_op {
  template <real T>
  T operator()(T x) const {
    return gelu_by_tanh(x);
  }
};

}  // namespace octet::detail
