// Operators that pack float constants when they are prepared, for models in 16-bit floating point.
#pragma once

#include <vector>

#include <octet/exec/ops/adapt.hpp>

namespace octet::detail {

/// A copy of an f16 or bf16 tensor as float.
inline tensor widened(tensor const& t) {
  tensor r{element::f32, t.dims()};
  load_floats(t.type(), t.bytes().data(), 0, t.size(), r.mutable_as<float>().data());
  return r;
}

/// `Prepare` sees 16-bit constants as float, and what it returns takes 16-bit inputs.
template <operation (*Prepare)(preparation const&)>
operation prepare_as_float(preparation const& p) {
  std::vector<tensor> constants(p.constants.begin(), p.constants.end());
  for (auto& t : constants)
    if (is_half(t.type())) t = widened(t);
  preparation inner = p;
  inner.constants = constants;
  return with_half(Prepare(inner));
}

}  // namespace octet::detail
