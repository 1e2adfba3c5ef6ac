// Tensors that come from numbers: Constant, ConstantOfShape, Range, EyeLike, Shape, Size, windows.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <octet/exec/ops/adapt.hpp>
#include <octet/exec/ops/arguments.hpp>
#include <octet/exec/ops/strided.hpp>

namespace octet::detail {

inline operation prepare_constant(preparation const& p) {
  op_label const who{p};
  if (p.node.outputs.empty()) who.invalid("has no output");
  tensor t;
  if (auto const* v = p.node.get<stored_tensor>("value")) t = v->data.align();
  else if (auto const* f = p.node.get<float>("value_float")) t = tensor::scalar(*f);
  else if (auto const* i = p.node.get<std::int64_t>("value_int")) t = tensor::scalar(*i);
  else if (auto const* fs = p.node.get<std::vector<float>>("value_floats"))
    t = tensor::of<float>({std::int64_t(fs->size())}, *fs);
  else if (auto const* is = p.node.get<integers>("value_ints"))
    t = tensor::of<std::int64_t>({std::int64_t(is->size())}, *is);
  else if (auto const* s = p.node.get<std::string>("value_string")) t = tensor{{}, {*s}};
  else if (auto const* ss = p.node.get<std::vector<std::string>>("value_strings"))
    t = tensor{{std::int64_t(ss->size())}, *ss};
  else if (p.node.find("sparse_value") != nullptr)
    who.unsupported("sparse values are not supported", "store a dense tensor");
  else who.invalid("has no value");
  return [t](call& c) { c.outputs[0] = t; };
}

/// A tensor whose elements all equal the one of `value`.
inline tensor filled(call& c, op_label const& who, tensor const& value, shape const& dims) {
  tensor out = c.memory.make(value.type(), dims);
  strided_view v;
  v.add(out.size(), 0);
  copy_strided(c, who, value, v, out);
  return out;
}

inline operation prepare_constant_of_shape(preparation const& p) {
  expect_inputs(p, 1, 1);
  op_label const label{p};
  auto const* given = p.node.get<stored_tensor>("value");
  tensor const value = given != nullptr ? given->data.align() : tensor::scalar(0.0f);
  if (value.size() != 1) label.invalid("value does not have one element but shape " + value.dims().text());
  return [who = label, value](call& c) {
    shape const dims = shape_of(integers_of(who, c.inputs[0]));
    if (is_packed(value.type())) c.outputs[0] = packed(c, filled(c, who, unpacked(c, value), dims), value.type());
    else c.outputs[0] = filled(c, who, value, dims);
  };
}

/// Number of elements in [start, limit) by delta.
template <class T>
std::int64_t range_size(op_label const& who, T start, T limit, T delta) {
  if (delta == 0) who.invalid("delta is 0");
  if constexpr (std::is_floating_point_v<T>) {
    double const n = std::ceil((double(limit) - double(start)) / double(delta));
    if (!(n < 4e18)) who.failed("the range is not finite");
    return n > 0 ? static_cast<std::int64_t>(n) : 0;
  } else {
    if (delta > 0 ? start >= limit : start <= limit) return 0;
    auto const wide = [](T x) { return static_cast<std::uint64_t>(std::int64_t{x}); };
    auto const distance = delta > 0 ? wide(limit) - wide(start) : wide(start) - wide(limit);
    auto const n = (distance - 1) / (delta > 0 ? wide(delta) : 0 - wide(delta)) + 1;
    if (n > (std::uint64_t{1} << 62)) who.failed("the range is too long");
    return static_cast<std::int64_t>(n);
  }
}

inline operation prepare_range(preparation const& p) {
  expect_inputs(p, 3, 3);
  return with_half([who = op_label{p}](call& c) {
    for (auto const& t : c.inputs)
      if (t.size() != 1 || t.type() != c.inputs[0].type())
        who.invalid("start, limit and delta are not scalars of one type");
    visit(who, c.inputs[0].type(), types<float, double, std::int16_t, std::int32_t, std::int64_t>{}, [&]<class T>(T) {
      T const start = c.inputs[0].as<T>()[0], delta = c.inputs[2].as<T>()[0];
      auto const n = range_size(who, start, c.inputs[1].as<T>()[0], delta);
      auto const out = c.make(0, c.inputs[0].type(), {n}).template mutable_as<T>();
      for (std::int64_t i = 0; i < n; ++i) {
        if constexpr (std::is_floating_point_v<T>) out[i] = start + static_cast<T>(i) * delta;
        else
          out[i] = static_cast<T>(std::uint64_t(std::int64_t{start}) +
                                  std::uint64_t(i) * std::uint64_t(std::int64_t{delta}));
      }
    });
  });
}

inline operation prepare_eye_like(preparation const& p) {
  expect_inputs(p, 1, 1);
  auto const type = static_cast<element>(p.get<std::int64_t>("dtype", 0));
  return [who = op_label{p}, type, k = p.get<std::int64_t>("k", 0)](call& c) {
    auto const dims = c.inputs[0].dims();
    if (dims.rank() != 2) who.invalid("shape " + dims.text() + " is not a matrix");
    auto const to = type == element::undefined ? c.inputs[0].type() : type;
    tensor out = filled(c, who, convert(c, tensor::scalar(0.0f), to), dims);
    tensor const one = convert(c, tensor::scalar(1.0f), to);
    auto const width = one.bytes().size();
    for (std::int64_t i = 0; i < dims[0]; ++i) {
      std::int64_t j = 0;
      if (!__builtin_add_overflow(i, k, &j) && j >= 0 && j < dims[1])
        std::memcpy(out.mutable_bytes().data() + std::size_t(i * dims[1] + j) * width, one.bytes().data(), width);
    }
    c.outputs[0] = out;
  };
}

inline operation prepare_shape(preparation const& p) {
  expect_inputs(p, 1, 1);
  auto const* end = p.node.get<std::int64_t>("end");
  return [from = p.get<std::int64_t>("start", 0), to = end ? *end : std::int64_t{1} << 32](call& c) {
    auto const& d = c.inputs[0].dims();
    auto const rank = static_cast<std::int64_t>(d.rank());
    auto const place = [rank](std::int64_t i) {
      return std::clamp<std::int64_t>(i < 0 ? std::max(i, -rank) + rank : i, 0, rank);
    };
    auto const first = place(from), last = std::max(place(to), first);
    auto& out = c.make(0, element::s64, {last - first});
    std::copy(d.begin() + first, d.begin() + last, out.mutable_as<std::int64_t>().begin());
  };
}
inline operation prepare_size(preparation const& p) {
  expect_inputs(p, 1, 1);
  return [](call& c) { c.make(0, element::s64, {}).mutable_as<std::int64_t>()[0] = c.inputs[0].size(); };
}

/// A window of cosines: a₀ + a₁ cos(2πn/N) + a₂ cos(4πn/N).
inline operation cosine_window(preparation const& p, double a0, double a1, double a2) {
  expect_inputs(p, 1, 1);
  op_label const label{p};
  auto const type = static_cast<element>(p.get<std::int64_t>("output_datatype", 1));
  if (carrier_of(type) == carrier::none) label.unsupported("output_datatype is " + onnx_name(type));
  return [who = label, type, a0, a1, a2, periodic = p.get<std::int64_t>("periodic", 1) != 0](call& c) {
    auto const n = integer_of(who, c.inputs[0]);
    if (n < 0) who.invalid("the size is negative");
    tensor t = c.memory.make(element::f64, {n});
    double const turn = 2 * 3.14159265358979323846 / double(periodic ? n : n - 1);
    for (std::int64_t i = 0; i < n; ++i)
      t.mutable_as<double>()[i] = a0 + a1 * std::cos(turn * double(i)) + a2 * std::cos(2 * turn * double(i));
    c.outputs[0] = convert(c, t, type);
  };
}
inline operation prepare_hann_window(preparation const& p) { return cosine_window(p, 0.5, -0.5, 0); }
inline operation prepare_hamming_window(preparation const& p) { return cosine_window(p, 25.0 / 46, -21.0 / 46, 0); }
inline operation prepare_blackman_window(preparation const& p) { return cosine_window(p, 0.42, -0.5, 0.08); }

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry generation_operators[] = {
    {"BlackmanWindow", "", 17, &detail::prepare_blackman_window},
    {"Constant", "", 1, &detail::prepare_constant},
    {"ConstantOfShape", "", 9, &detail::prepare_constant_of_shape},
    {"EyeLike", "", 9, &detail::prepare_eye_like},
    {"HammingWindow", "", 17, &detail::prepare_hamming_window},
    {"HannWindow", "", 17, &detail::prepare_hann_window},
    {"Range", "", 11, &detail::prepare_range},
    {"Shape", "", 1, &detail::prepare_shape},
    {"Size", "", 1, &detail::prepare_size},
};

}  // namespace octet
