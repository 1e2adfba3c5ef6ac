// Cast between all element types, strings included, and CastLike; BitCast.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include <octet/exec/ops/convert.hpp>
#include <octet/exec/ops/visit.hpp>

namespace octet::detail {

/// A number as text: what reads back as the same value, NaN and infinities as ONNX spells them.
template <class T>
std::string onnx_text(T x) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(x)) return "NaN";
    if (std::isinf(x)) return x < 0 ? "-INF" : "INF";
    char text[48];
    for (int digits = std::is_same_v<T, float> ? 6 : 15; digits <= 17; ++digits) {
      std::snprintf(text, sizeof text, "%.*g", digits, double(x));
      if (static_cast<T>(std::strtod(text, nullptr)) == x) break;
    }
    return text;
  } else {
    return std::to_string(x);
  }
}

inline tensor to_strings(op_label const& who, call& c, tensor const& t) {
  auto const from = carrier_of(t.type());
  if (from == carrier::none) who.unsupported("elements of type " + onnx_name(t.type()) + " do not become strings");
  auto const wide = from == carrier::f32   ? element::f32
                    : from == carrier::f64 ? element::f64
                    : from == carrier::s64 ? element::s64
                                           : element::u64;
  tensor const numbers = convert(c, t, wide);
  std::vector<std::string> r;
  visit(who, wide, types<float, double, std::int64_t, std::uint64_t>{}, [&]<class T>(T) {
    for (auto const x : numbers.as<T>()) r.push_back(onnx_text(x));
  });
  return {t.dims(), std::move(r)};
}

inline tensor from_strings(op_label const& who, call& c, tensor const& t, element to, convert_options o) {
  bool const integral = carrier_of(to) == carrier::s64 || carrier_of(to) == carrier::u64;
  tensor numbers = c.memory.make(integral ? element::s64 : element::f64, t.dims());
  auto const texts = t.strings();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    char const* const text = texts[i].c_str();
    char* end = nullptr;
    if (integral) numbers.mutable_as<std::int64_t>()[i] = std::strtoll(text, &end, 10);
    if (integral && *end != '\0')
      numbers.mutable_as<std::int64_t>()[i] = to_integer<std::int64_t>(std::strtod(text, &end));
    if (!integral) numbers.mutable_as<double>()[i] = std::strtod(text, &end);
    if (end == text || *end != '\0') who.failed("'" + texts[i].substr(0, 40) + "' is not a number");
  }
  return convert(c, numbers, to, o);
}

inline tensor cast(op_label const& who, call& c, tensor const& t, element to, convert_options o) {
  if (t.type() == to) return t;
  if (to == element::text) return to_strings(who, c, t);
  if (t.type() == element::text) return from_strings(who, c, t, to, o);
  return convert(c, t, to, o);
}

inline convert_options convert_options_of(preparation const& p) {
  auto const mode = p.get<std::string>("round_mode", "up");
  if (mode != "up" && mode != "down" && mode != "nearest") op_label{p}.invalid("round_mode is \"" + mode + "\"");
  return {p.get<std::int64_t>("saturate", 1) != 0, mode == "up"     ? power_rounding::up
                                                   : mode == "down" ? power_rounding::down
                                                                    : power_rounding::nearest};
}

inline operation prepare_cast(preparation const& p) {
  expect_inputs(p, 1, 1);
  op_label const label{p};
  auto const number = p.get<std::int64_t>("to", 0);
  auto const to = static_cast<element>(number < 0 || number > 1000 ? 0 : number);
  if (to != element::text && carrier_of(to) == carrier::none)
    label.unsupported("cannot convert to type " + std::to_string(number));
  return [who = label, to, o = convert_options_of(p)](call& c) { c.outputs[0] = cast(who, c, c.inputs[0], to, o); };
}

inline operation prepare_cast_like(preparation const& p) {
  expect_inputs(p, 2, 2);
  return [who = op_label{p}, o = convert_options_of(p)](call& c) {
    c.outputs[0] = cast(who, c, c.inputs[0], c.inputs[1].type(), o);
  };
}

/// The same bits as elements of another type of the same width.
inline operation prepare_bit_cast(preparation const& p) {
  expect_inputs(p, 1, 1);
  auto const number = p.get<std::int64_t>("to", 0);
  return [who = op_label{p}, to = static_cast<element>(number < 0 || number > 1000 ? 0 : number)](call& c) {
    if (bits(to) == 0 || bits(to) != bits(c.inputs[0].type()))
      who.invalid(onnx_name(c.inputs[0].type()) + " and " + onnx_name(to) + " differ in width");
    c.outputs[0] = c.inputs[0].viewed_as(to);
  };
}

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry cast_operators[] = {
    {"BitCast", "", 26, &detail::prepare_bit_cast},
    {"Cast", "", 6, &detail::prepare_cast},
    {"CastLike", "", 15, &detail::prepare_cast_like},
};

}  // namespace octet
