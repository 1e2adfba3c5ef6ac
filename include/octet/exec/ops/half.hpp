// Operators written for float, run on 16-bit floating point: inputs are widened, results rounded once.
#pragma once

#include <utility>
#include <vector>

#include <octet/exec/ops/float16.hpp>
#include <octet/exec/ops/visit.hpp>

namespace octet::detail {

inline bool is_half(element e) { return e == element::f16 || e == element::bf16; }

/// A copy of `t` as float.
inline tensor widened(tensor const& t) {
  tensor r{element::f32, t.dims()};
  auto const from = t.as<std::uint16_t>();
  auto const to = r.mutable_as<float>();
  bool const brain = t.type() == element::bf16;
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = brain ? bfloat16_to_float(from[i]) : half_to_float(from[i]);
  return r;
}

/// A copy of a float tensor as `e`.
inline tensor narrowed(tensor const& t, element e) {
  tensor r{e, t.dims()};
  auto const from = t.as<float>();
  auto const to = r.mutable_as<std::uint16_t>();
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = e == element::bf16 ? float_to_bfloat16(from[i]) : float_to_half(from[i]);
  return r;
}

/// Makes an operator that knows float take f16 and bf16 too: its float outputs get the type of its first such input.
template <operation (*Prepare)(preparation const&)>
operation with_half(preparation const& p) {
  std::vector<tensor> constants(p.constants.begin(), p.constants.end());
  for (auto& t : constants)
    if (is_half(t.type())) t = widened(t);
  preparation inner = p;
  inner.constants = constants;
  return [f = Prepare(inner)](call& c) {
    element narrow = element::undefined;
    for (auto& t : c.inputs)
      if (is_half(t.type())) narrow = narrow == element::undefined ? t.type() : narrow, t = widened(t);
    f(c);
    if (narrow == element::undefined) return;
    for (auto& t : c.outputs)
      if (t.type() == element::f32) t = narrowed(t, narrow);
  };
}

}  // namespace octet::detail
