// Arithmetic between tensors that broadcast: Add, Sub, Mul, Div, Mod, Pow, Min, Max, Sum, Mean, PRelu.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include <octet/exec/ops/adapt.hpp>
#include <octet/exec/ops/broadcast.hpp>
#include <octet/exec/ops/simd.hpp>

namespace octet::detail {

template <class T>
concept scalar = std::is_arithmetic_v<T>;

// What follows works on scalars of any number type and on batches of floats.

struct add_op {
  template <class T>
  T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>) return static_cast<T>(1u * a + b);
    else return a + b;
  }
};
struct sub_op {
  template <class T>
  T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>) return static_cast<T>(1u * a - b);
    else return a - b;
  }
};
struct mul_op {
  template <class T>
  T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>) return static_cast<T>(1u * a * b);
    else return a * b;
  }
};
struct div_op {
  template <class T>
  T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>) {
      if (b == 0) throw error{error_kind::runtime, "integer division by zero"};
      if constexpr (std::is_signed_v<T>)
        if (b == T(-1)) return static_cast<T>(std::make_unsigned_t<T>(0) - std::make_unsigned_t<T>(a));
      return static_cast<T>(a / b);
    } else {
      return a / b;
    }
  }
};
struct min_op {  // NaN wins
  template <class T>
  T operator()(T a, T b) const {
    return a != a || a < b ? a : b;
  }
  floats operator()(floats a, floats b) const { return xsimd::select((a != a) || (a < b), a, b); }
};
struct max_op {
  template <class T>
  T operator()(T a, T b) const {
    return a != a || a > b ? a : b;
  }
  floats operator()(floats a, floats b) const { return xsimd::select((a != a) || (a > b), a, b); }
};
struct prelu_op {
  template <class T>
  T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>) return a < 0 ? mul_op{}(a, b) : a;
    else return a < 0 ? a * b : a;
  }
  floats operator()(floats a, floats b) const { return xsimd::select(a < floats(0.0f), a * b, a); }
};
struct floor_mod_op {  // the sign of the divisor
  template <scalar T>
  T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>) {
      if (b == 0) throw error{error_kind::runtime, "integer division by zero"};
      if constexpr (std::is_signed_v<T>) {
        if (b == T(-1)) return 0;
        auto const r = static_cast<T>(a % b);
        return r != 0 && (r < 0) != (b < 0) ? static_cast<T>(r + b) : r;
      } else {
        return static_cast<T>(a % b);
      }
    } else {
      T const r = std::fmod(a, b);
      return r != 0 && (r < 0) != (b < 0) ? r + b : r;
    }
  }
};
struct c_mod_op {  // the sign of the dividend
  template <scalar T>
  T operator()(T a, T b) const {
    if constexpr (std::is_floating_point_v<T>) {
      return std::fmod(a, b);
    } else {
      if (b == 0) throw error{error_kind::runtime, "integer division by zero"};
      if constexpr (std::is_signed_v<T>)
        if (b == T(-1)) return 0;
      return static_cast<T>(a % b);
    }
  }
};
struct pow_op {
  template <scalar T>
  T operator()(T a, T b) const {
    if constexpr (std::is_floating_point_v<T>) return b == T(2) ? a * a : std::pow(a, b);
    else return b < 0 ? negative(a, b) : positive(a, b);
  }

 private:
  template <class T>
  static T positive(T a, T b) {
    std::uint64_t r = 1, x = static_cast<std::uint64_t>(a);
    for (auto n = static_cast<std::uint64_t>(b); n != 0; n >>= 1, x *= x)
      if ((n & 1) != 0) r *= x;
    return static_cast<T>(r);
  }
  template <class T>
  static T negative(T a, T b) {
    if (a == 1) return 1;
    if (a == T(-1)) return b % 2 == 0 ? T(1) : a;
    return 0;
  }
};

template <class Op, class T>
concept has_float_batches = std::is_same_v<T, float> && requires(Op op, floats v) { op(v, v); };

template <class Op, class T>
void binary_row(row const& r) {
  auto const* const a = r.operand<T>(0);
  auto const* const b = r.operand<T>(1);
  auto* const out = r.result<T>();
  Op const op;
  if constexpr (has_float_batches<Op, T>) {
    map_floats(a, r.single[0], b, r.single[1], out, r.n, op);
  } else if (r.single[0] && r.n > 1) {
    T const x = *a;
    for (std::int64_t i = 0; i < r.n; ++i) out[i] = op(x, b[i]);
  } else if (r.single[1] && r.n > 1) {
    T const x = *b;
    for (std::int64_t i = 0; i < r.n; ++i) out[i] = op(a[i], x);
  } else {
    for (std::int64_t i = 0; i < r.n; ++i) out[i] = op(a[i], b[i]);
  }
}

/// Types whose results have the same bits: integers of one width, for operators that wrap.
using wrapping_types = types<float, double, std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>;
constexpr element unsigned_of(element e) {
  using enum element;
  return e == s8 ? u8 : e == s16 ? u16 : e == s32 ? u32 : e == s64 ? u64 : e;
}

/// The row function of Op for elements of type `e`.
template <class Op, class List>
row_function binary_rows(op_label const& who, element e, List list) {
  row_function f = nullptr;
  visit(who, std::is_same_v<List, wrapping_types> ? unsigned_of(e) : e, list,
        [&]<class T>(T) { f = &binary_row<Op, T>; });
  return f;
}

inline void same_types(op_label const& who, tensor const& a, tensor const& b) {
  if (a.type() != b.type()) who.invalid("operands have types " + onnx_name(a.type()) + " and " + onnx_name(b.type()));
}

template <class Op, class List = number_types>
operation binary(preparation const& p) {
  expect_inputs(p, 2, 2);
  return with_half([who = op_label{p}](call& c) {
    same_types(who, c.inputs[0], c.inputs[1]);
    auto const type = c.inputs[0].type();
    c.outputs[0] = broadcast_two(c, who, c.inputs[0], c.inputs[1], type, binary_rows<Op>(who, type, List{}));
  });
}

inline operation prepare_add(preparation const& p) { return binary<add_op, wrapping_types>(p); }
inline operation prepare_sub(preparation const& p) { return binary<sub_op, wrapping_types>(p); }
inline operation prepare_mul(preparation const& p) { return binary<mul_op, wrapping_types>(p); }
inline operation prepare_div(preparation const& p) { return binary<div_op>(p); }

inline operation prepare_mod(preparation const& p) {
  return p.get<std::int64_t>("fmod", 0) != 0 ? binary<c_mod_op>(p) : binary<floor_mod_op>(p);
}

inline operation prepare_prelu(preparation const& p) {
  expect_inputs(p, 2, 2);
  using list = types<float, double, std::int32_t, std::int64_t, std::uint32_t, std::uint64_t>;
  return with_half([who = op_label{p}](call& c) {
    same_types(who, c.inputs[0], c.inputs[1]);
    auto const type = c.inputs[0].type();
    tensor out = broadcast_two(c, who, c.inputs[0], c.inputs[1], type, binary_rows<prelu_op>(who, type, list{}));
    if (!(out.dims() == c.inputs[0].dims())) who.invalid("the slope does not broadcast to the input");
    c.outputs[0] = out;
  });
}

/// The result has the type of the base; integers are raised in 64 bits, or in double when the exponent is not one.
inline tensor power(call& c, op_label const& who, tensor const& base, tensor const& exponent) {
  auto const type = base.type();
  auto const integral = [](element e) { return carrier_of(e) == carrier::s64 || carrier_of(e) == carrier::u64; };
  auto common = is_half(type) ? element::f32 : type;
  if (integral(type)) common = integral(exponent.type()) ? element::s64 : element::f64;
  auto const f = binary_rows<pow_op>(who, common, types<float, double, std::int64_t>{});
  return convert(c, broadcast_two(c, who, convert(c, base, common), convert(c, exponent, common), common, f), type);
}
inline operation prepare_pow(preparation const& p) {
  expect_inputs(p, 2, 2);
  return [who = op_label{p}](call& c) { c.outputs[0] = power(c, who, c.inputs[0], c.inputs[1]); };
}

/// Op folded over all inputs from the left; a single input is the result.
template <class Op, class List>
tensor fold_inputs(call& c, op_label const& who) {
  tensor sum = c.inputs[0];
  auto const type = sum.type();
  auto const f = binary_rows<Op>(who, type, List{});
  for (std::size_t i = 1; i < c.inputs.size(); ++i) {
    same_types(who, sum, c.inputs[i]);
    sum = broadcast_two(c, who, sum, c.inputs[i], type, f);
  }
  return sum;
}

template <class Op, class List = number_types>
operation variadic(preparation const& p) {
  expect_inputs(p, p.node.inputs.size());
  if (p.node.inputs.empty()) op_label{p}.invalid("needs an input");
  return with_half([who = op_label{p}](call& c) { c.outputs[0] = fold_inputs<Op, List>(c, who); });
}

inline operation prepare_sum(preparation const& p) { return variadic<add_op, wrapping_types>(p); }
inline operation prepare_min(preparation const& p) { return variadic<min_op>(p); }
inline operation prepare_max(preparation const& p) { return variadic<max_op>(p); }

inline operation prepare_mean(preparation const& p) {
  expect_inputs(p, p.node.inputs.size());
  if (p.node.inputs.empty()) op_label{p}.invalid("needs an input");
  return with_half([who = op_label{p}](call& c) {
    tensor const sum = fold_inputs<add_op, float_types>(c, who);
    tensor const n = convert(c, tensor::scalar(double(c.inputs.size())), sum.type());
    c.outputs[0] = broadcast_two(c, who, sum, n, sum.type(), binary_rows<div_op>(who, sum.type(), float_types{}));
  });
}

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry elementwise_operators[] = {
    {"Add", "", 7, &detail::prepare_add}, {"Div", "", 7, &detail::prepare_div},
    {"Max", "", 6, &detail::prepare_max}, {"Mean", "", 6, &detail::prepare_mean},
    {"Min", "", 6, &detail::prepare_min}, {"Mod", "", 10, &detail::prepare_mod},
    {"Mul", "", 7, &detail::prepare_mul}, {"PRelu", "", 7, &detail::prepare_prelu},
    {"Pow", "", 7, &detail::prepare_pow}, {"Sub", "", 7, &detail::prepare_sub},
    {"Sum", "", 6, &detail::prepare_sum},
};

}  // namespace octet
