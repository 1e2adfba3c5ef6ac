// Operators of one tensor, element by element: Abs to Tan, Not, IsNaN, IsInf; activations are in activation.hpp.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include <octet/exec/ops/adapt.hpp>
#include <octet/exec/ops/math.hpp>
#include <octet/exec/ops/visit.hpp>

namespace octet::detail {

/// Output 0 = f of every element of input 0, over the input's bytes when nobody else needs them.
template <class T, class R, class F>
void map_unary(call& c, F const& f) {
  auto const* const x = c.inputs[0].as<T>().data();
  shape const dims = c.inputs[0].dims();
  auto* const y = c.make_over(0, 0, element_of<R>(), dims).template mutable_as<R>().data();
  for_elements(c.pool, dims.size(), [&](std::int64_t begin, std::int64_t end) {
    if constexpr (std::is_same_v<T, float> && std::is_same_v<R, float> && requires { floats(f(floats(0.0f))); })
      map_floats(x + begin, y + begin, end - begin, f);
    else
      for (auto i = begin; i < end; ++i) y[i] = static_cast<R>(f(x[i]));
  });
}

/// An operator whose result has the type of its input, one of List.
template <class F, class List = float_types>
operation unary(preparation const& p, F f, List list = {}) {
  expect_inputs(p, 1);
  return with_half([who = op_label{p}, f, list](call& c) {
    visit(who, c.inputs[0].type(), list, [&]<class T>(T) { map_unary<T, T>(c, f); });
  });
}

struct abs_op {
  template <class T>
  T operator()(T x) const {
    if constexpr (std::is_unsigned_v<T>) return x;
    else if constexpr (std::is_integral_v<T>) return x < 0 ? static_cast<T>(0u - std::make_unsigned_t<T>(x)) : x;
    else {
      using std::abs;
      return abs(x);
    }
  }
};
struct neg_op {
  template <class T>
  T operator()(T x) const {
    if constexpr (std::is_integral_v<T>) return static_cast<T>(0u - std::make_unsigned_t<T>(x));
    else return -x;
  }
};
struct sign_op {
  template <class T>
  T operator()(T x) const {
    if constexpr (std::is_unsigned_v<T>) return x != 0;
    else return pick(x > T(0), T(1), pick(x < T(0), T(-1), T(0)));
  }
};
struct reciprocal_op {
  template <real T>
  T operator()(T x) const {
    return T(1) / x;
  }
};
struct floor_op {
  template <real T>
  T operator()(T x) const {
    using std::floor;
    return floor(x);
  }
};
struct ceil_op {
  template <real T>
  T operator()(T x) const {
    using std::ceil;
    return ceil(x);
  }
};
struct round_op {  // ties to even
  template <real T>
  T operator()(T x) const {
    using std::nearbyint;
    return nearbyint(x);
  }
};

inline operation prepare_abs(preparation const& p) { return unary(p, abs_op{}, number_types{}); }
inline operation prepare_neg(preparation const& p) {
  return unary(p, neg_op{}, types<float, double, std::int8_t, std::int16_t, std::int32_t, std::int64_t>{});
}
inline operation prepare_sign(preparation const& p) { return unary(p, sign_op{}, number_types{}); }
inline operation prepare_exp(preparation const& p) { return unary(p, exp_op{}); }
inline operation prepare_log(preparation const& p) { return unary(p, log_op{}); }
inline operation prepare_sqrt(preparation const& p) { return unary(p, sqrt_op{}); }
inline operation prepare_reciprocal(preparation const& p) { return unary(p, reciprocal_op{}); }
inline operation prepare_floor(preparation const& p) { return unary(p, floor_op{}); }
inline operation prepare_ceil(preparation const& p) { return unary(p, ceil_op{}); }
inline operation prepare_round(preparation const& p) { return unary(p, round_op{}); }
inline operation prepare_erf(preparation const& p) { return unary(p, erf_op{}); }
inline operation prepare_sin(preparation const& p) { return unary(p, sin_op{}); }
inline operation prepare_cos(preparation const& p) { return unary(p, cos_op{}); }

/// A function of the C library, one value at a time.
template <double (*F)(double)>
operation unary_of(preparation const& p) {
  return unary(p, [](std::floating_point auto x) { return static_cast<decltype(x)>(F(double(x))); });
}
inline operation prepare_tan(preparation const& p) { return unary_of<&std::tan>(p); }
inline operation prepare_asin(preparation const& p) { return unary_of<&std::asin>(p); }
inline operation prepare_acos(preparation const& p) { return unary_of<&std::acos>(p); }
inline operation prepare_atan(preparation const& p) { return unary_of<&std::atan>(p); }
inline operation prepare_sinh(preparation const& p) { return unary_of<&std::sinh>(p); }
inline operation prepare_cosh(preparation const& p) { return unary_of<&std::cosh>(p); }
inline operation prepare_asinh(preparation const& p) { return unary_of<&std::asinh>(p); }
inline operation prepare_acosh(preparation const& p) { return unary_of<&std::acosh>(p); }
inline operation prepare_atanh(preparation const& p) { return unary_of<&std::atanh>(p); }

/// A question about each element, answered by BOOL.
template <class F, class List>
operation predicate(preparation const& p, F f, List list) {
  expect_inputs(p, 1, 1);
  return with_half([who = op_label{p}, f, list](call& c) {
    visit(who, c.inputs[0].type(), list, [&]<class T>(T) { map_unary<T, std::uint8_t>(c, f); });
    c.outputs[0] = c.outputs[0].viewed_as(element::boolean);
  });
}
inline operation prepare_is_nan(preparation const& p) {
  return predicate(p, [](std::floating_point auto x) { return std::isnan(x); }, float_types{});
}
inline operation prepare_is_inf(preparation const& p) {
  bool const negative = p.get<std::int64_t>("detect_negative", 1) != 0;
  bool const positive = p.get<std::int64_t>("detect_positive", 1) != 0;
  return predicate(
      p, [=](std::floating_point auto x) { return std::isinf(x) && (x < 0 ? negative : positive); }, float_types{});
}
inline operation prepare_not(preparation const& p) {
  expect_inputs(p, 1, 1);
  return [who = op_label{p}](call& c) {
    if (c.inputs[0].type() != element::boolean) unsupported_type(who, c.inputs[0].type(), {element::boolean});
    c.inputs[0] = std::move(c.inputs[0]).viewed_as(element::u8);
    map_unary<std::uint8_t, std::uint8_t>(c, [](std::uint8_t x) { return x == 0; });
    c.outputs[0] = c.outputs[0].viewed_as(element::boolean);
  };
}
inline operation prepare_bitwise_not(preparation const& p) {
  return unary(p, [](std::integral auto x) { return static_cast<decltype(x)>(~x); }, integer_types{});
}

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry unary_operators[] = {
    {"Abs", "", 6, &detail::prepare_abs},       {"Acos", "", 7, &detail::prepare_acos},
    {"Acosh", "", 9, &detail::prepare_acosh},   {"Asin", "", 7, &detail::prepare_asin},
    {"Asinh", "", 9, &detail::prepare_asinh},   {"Atan", "", 7, &detail::prepare_atan},
    {"Atanh", "", 9, &detail::prepare_atanh},   {"BitwiseNot", "", 18, &detail::prepare_bitwise_not},
    {"Ceil", "", 6, &detail::prepare_ceil},     {"Cos", "", 7, &detail::prepare_cos},
    {"Cosh", "", 9, &detail::prepare_cosh},     {"Erf", "", 9, &detail::prepare_erf},
    {"Exp", "", 6, &detail::prepare_exp},       {"Floor", "", 6, &detail::prepare_floor},
    {"IsInf", "", 10, &detail::prepare_is_inf}, {"IsNaN", "", 9, &detail::prepare_is_nan},
    {"Log", "", 6, &detail::prepare_log},       {"Neg", "", 6, &detail::prepare_neg},
    {"Not", "", 1, &detail::prepare_not},       {"Reciprocal", "", 6, &detail::prepare_reciprocal},
    {"Round", "", 11, &detail::prepare_round},  {"Sign", "", 9, &detail::prepare_sign},
    {"Sin", "", 7, &detail::prepare_sin},       {"Sinh", "", 9, &detail::prepare_sinh},
    {"Sqrt", "", 6, &detail::prepare_sqrt},     {"Tan", "", 7, &detail::prepare_tan},
};

}  // namespace octet
