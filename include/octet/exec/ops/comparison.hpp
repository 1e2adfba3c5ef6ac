// Comparisons, logic, bits and the choice between two tensors.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include <octet/exec/ops/elementwise.hpp>

namespace octet::detail {

template <class Op, class T>
void compare_row(row const& r) {
  auto const* const a = r.operand<T>(0);
  auto const* const b = r.operand<T>(1);
  auto* const out = r.result<std::uint8_t>();
  std::int64_t const step_a = !r.single[0], step_b = !r.single[1];
  Op const op;
  for (std::int64_t i = 0; i < r.n; ++i) out[i] = op(a[i * step_a], b[i * step_b]);
}

template <class Op, class List>
operation comparison(preparation const& p, List, element (*as)(element) = [](element e) { return e; }) {
  expect_inputs(p, 2, 2);
  return with_half([who = op_label{p}, as](call& c) {
    same_types(who, c.inputs[0], c.inputs[1]);
    row_function f = nullptr;
    visit(who, as(c.inputs[0].type()), List{}, [&]<class T>(T) { f = &compare_row<Op, T>; });
    c.outputs[0] = broadcast_two(c, who, c.inputs[0], c.inputs[1], element::boolean, f);
  });
}

struct equal_op {
  template <class T>
  bool operator()(T a, T b) const {
    return a == b;
  }
};
struct less_op {
  template <class T>
  bool operator()(T a, T b) const {
    return a < b;
  }
};
struct less_or_equal_op {
  template <class T>
  bool operator()(T a, T b) const {
    return a <= b;
  }
};
struct greater_op {
  template <class T>
  bool operator()(T a, T b) const {
    return a > b;
  }
};
struct greater_or_equal_op {
  template <class T>
  bool operator()(T a, T b) const {
    return a >= b;
  }
};
struct and_op {
  bool operator()(std::uint8_t a, std::uint8_t b) const { return a != 0 && b != 0; }
};
struct or_op {
  bool operator()(std::uint8_t a, std::uint8_t b) const { return a != 0 || b != 0; }
};
struct xor_op {
  bool operator()(std::uint8_t a, std::uint8_t b) const { return (a != 0) != (b != 0); }
};
struct bit_and_op {
  template <class T>
  T operator()(T a, T b) const {
    return static_cast<T>(a & b);
  }
};
struct bit_or_op {
  template <class T>
  T operator()(T a, T b) const {
    return static_cast<T>(a | b);
  }
};
struct bit_xor_op {
  template <class T>
  T operator()(T a, T b) const {
    return static_cast<T>(a ^ b);
  }
};
struct shift_left_op {
  template <class T>
  T operator()(T a, T b) const {
    using wide = std::make_unsigned_t<T>;
    return static_cast<wide>(b) >= sizeof(T) * 8 ? T(0) : static_cast<T>(std::uint64_t{wide(a)} << b);
  }
};
struct shift_right_op {  // signed integers keep their sign
  template <class T>
  T operator()(T a, T b) const {
    if (static_cast<std::make_unsigned_t<T>>(b) >= sizeof(T) * 8) return a < 0 ? T(-1) : T(0);
    return static_cast<T>(a >> b);
  }
};

/// Equality of strings by number, of booleans and integers by their bits.
inline operation prepare_equal(preparation const& p) {
  auto const bits_of = [](element e) { return e == element::boolean ? element::u8 : unsigned_of(e); };
  return with_any_element(comparison<equal_op>(p, wrapping_types{}, bits_of), 3, 0);
}
inline operation prepare_less(preparation const& p) { return comparison<less_op>(p, number_types{}); }
inline operation prepare_less_or_equal(preparation const& p) { return comparison<less_or_equal_op>(p, number_types{}); }
inline operation prepare_greater(preparation const& p) { return comparison<greater_op>(p, number_types{}); }
inline operation prepare_greater_or_equal(preparation const& p) {
  return comparison<greater_or_equal_op>(p, number_types{});
}

template <class Op>
operation logic(preparation const& p) {
  return comparison<Op>(p, types<std::uint8_t>{},
                        [](element e) { return e == element::boolean ? element::u8 : element::undefined; });
}
inline operation prepare_and(preparation const& p) { return logic<and_op>(p); }
inline operation prepare_or(preparation const& p) { return logic<or_op>(p); }
inline operation prepare_xor(preparation const& p) { return logic<xor_op>(p); }

template <class Op>
operation bitwise(preparation const& p) {
  expect_inputs(p, 2, 2);
  return [who = op_label{p}](call& c) {
    same_types(who, c.inputs[0], c.inputs[1]);
    auto const type = c.inputs[0].type();
    auto const f = binary_rows<Op>(who, unsigned_of(type), unsigned_types{});
    c.outputs[0] = broadcast_two(c, who, c.inputs[0], c.inputs[1], type, f);
  };
}
inline operation prepare_bitwise_and(preparation const& p) { return bitwise<bit_and_op>(p); }
inline operation prepare_bitwise_or(preparation const& p) { return bitwise<bit_or_op>(p); }
inline operation prepare_bitwise_xor(preparation const& p) { return bitwise<bit_xor_op>(p); }
inline operation prepare_bit_shift(preparation const& p) {
  auto const way = p.get<std::string>("direction", "");
  if (way != "LEFT" && way != "RIGHT") op_label{p}.invalid("direction is \"" + way + "\", neither LEFT nor RIGHT");
  return way == "LEFT" ? binary<shift_left_op, integer_types>(p) : binary<shift_right_op, integer_types>(p);
}

template <class T>
void where_row(row const& r) {
  auto const* const condition = r.operand<std::uint8_t>(0);
  auto const* const a = r.operand<T>(1);
  auto const* const b = r.operand<T>(2);
  auto* const out = r.result<T>();
  std::int64_t const step = !r.single[0], step_a = !r.single[1], step_b = !r.single[2];
  for (std::int64_t i = 0; i < r.n; ++i) out[i] = condition[i * step] != 0 ? a[i * step_a] : b[i * step_b];
}

inline operation prepare_where(preparation const& p) {
  expect_inputs(p, 3, 3);
  return with_any_element(
      [who = op_label{p}](call& c) {
        if (c.inputs[0].type() != element::boolean)
          who.invalid("the condition has type " + onnx_name(c.inputs[0].type()));
        same_types(who, c.inputs[1], c.inputs[2]);
        row_function f = nullptr;
        visit_width(who, c.inputs[1].type(), [&]<class T>(T) { f = &where_row<T>; });
        shape const dims = broadcast(who, c.inputs[0].dims(), broadcast(who, c.inputs[1].dims(), c.inputs[2].dims()));
        tensor out = over_either(c, c.inputs[1], c.inputs[2], c.inputs[1].type(), dims);
        tensor const* const operands[] = {&c.inputs[0], &c.inputs[1], &c.inputs[2]};
        broadcast_into(c, operands, out, f);
        c.outputs[0] = out;
      },
      6);
}

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry comparison_operators[] = {
    {"And", "", 7, &detail::prepare_and},
    {"BitShift", "", 11, &detail::prepare_bit_shift},
    {"BitwiseAnd", "", 18, &detail::prepare_bitwise_and},
    {"BitwiseOr", "", 18, &detail::prepare_bitwise_or},
    {"BitwiseXor", "", 18, &detail::prepare_bitwise_xor},
    {"Equal", "", 7, &detail::prepare_equal},
    {"Greater", "", 7, &detail::prepare_greater},
    {"GreaterOrEqual", "", 12, &detail::prepare_greater_or_equal},
    {"Less", "", 7, &detail::prepare_less},
    {"LessOrEqual", "", 12, &detail::prepare_less_or_equal},
    {"Or", "", 7, &detail::prepare_or},
    {"Where", "", 9, &detail::prepare_where},
    {"Xor", "", 7, &detail::prepare_xor},
};

}  // namespace octet
