// Shapes and orders of elements: Reshape and its like share their input's bytes, Transpose, Expand and Tile copy.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <octet/exec/ops/adapt.hpp>
#include <octet/exec/ops/arguments.hpp>
#include <octet/exec/ops/broadcast.hpp>
#include <octet/exec/ops/strided.hpp>

namespace octet::detail {

inline operation prepare_identity(preparation const& p) {
  expect_inputs(p, 1, 1);
  return [](call& c) { c.outputs[0] = c.inputs[0]; };
}

/// Inference only: the input passes, the mask is true everywhere.
inline operation prepare_dropout(preparation const& p) {
  expect_inputs(p, 1, 3);
  bool const mask = p.has_output(1);
  auto const opset = p.opset;
  return [who = op_label{p}, mask, opset](call& c) {
    bool const training = c.has(2) && c.inputs[2].size() == 1 && c.inputs[2].bytes()[0] != std::byte{0};
    bool const drops = !c.has(1) || c.inputs[1].size() != 1 || [&] {
      float ratio = 0;
      if (carrier_of(c.inputs[1].type()) == carrier::f32)
        load_floats(c.inputs[1].type(), c.inputs[1].bytes().data(), 0, 1, &ratio);
      else ratio = static_cast<float>(c.inputs[1].as<double>()[0]);
      return ratio != 0;
    }();
    if (training && drops) who.unsupported("training mode is not supported", "export the model for inference");
    auto const type = opset < 10 ? c.inputs[0].type() : element::boolean;
    if (mask) {
      tensor const one = convert(c, tensor::scalar(1.0f), type);
      strided_view v;
      v.add(c.inputs[0].size(), 0);
      copy_strided(c, who, one, v, c.make(1, type, c.inputs[0].dims()));
    }
    c.outputs[0] = c.inputs[0];
  };
}

/// The dimensions that Reshape's `target` means for a tensor of shape `from`.
inline shape reshape_target(op_label const& who, shape const& from, integers target, bool allow_zero) {
  std::size_t unknown = target.size();
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (target[i] == 0 && !allow_zero) {
      if (i >= from.rank())
        who.invalid("a 0 in the shape copies dimension " + std::to_string(i) + " of " + from.text());
      target[i] = from[i];
    } else if (target[i] == -1) {
      if (unknown != target.size()) who.invalid("the shape has two dimensions of -1");
      unknown = i;
    } else if (target[i] < 0) {
      who.invalid("the shape has a dimension of " + std::to_string(target[i]));
    }
  }
  if (unknown != target.size()) {
    target[unknown] = 1;
    auto const known = shape_of(target).size(), all = from.size();
    if (known == 0 ? all != 0 : all % known != 0)
      who.invalid("shape " + from.text() + " does not become " + shape_of(target).text() + " with a dimension of -1");
    target[unknown] = known == 0 ? 0 : all / known;
  }
  shape const r = shape_of(target);
  if (r.size() != from.size()) who.invalid("shape " + from.text() + " does not become " + r.text());
  return r;
}

inline operation prepare_reshape(preparation const& p) {
  expect_inputs(p, p.opset < 5 ? 1 : 2, 2);
  bool const allow_zero = p.get<std::int64_t>("allowzero", 0) != 0;
  return [who = op_label{p}, allow_zero, target = integer_argument{p, "shape", 1}](call& c) {
    c.outputs[0] =
        c.inputs[0].reshaped(reshape_target(who, c.inputs[0].dims(), target.required(who, c, "shape"), allow_zero));
  };
}

inline operation prepare_flatten(preparation const& p) {
  expect_inputs(p, 1, 1);
  return [who = op_label{p}, axis = p.get<std::int64_t>("axis", 1)](call& c) {
    auto const& d = c.inputs[0].dims();
    auto const rank = static_cast<std::int64_t>(d.rank());
    if (axis < -rank || axis > rank) who.invalid("axis " + std::to_string(axis) + " is outside of shape " + d.text());
    auto const at = static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
    c.outputs[0] = c.inputs[0].reshaped({d.product(0, at), d.product(at, d.rank())});
  };
}

inline operation prepare_squeeze(preparation const& p) {
  expect_inputs(p, 1, 2);
  return [who = op_label{p}, argument = integer_argument{p, "axes", 1}](call& c) {
    auto const& d = c.inputs[0].dims();
    auto const axes = argument.read(who, c);
    std::vector<char> drop(d.rank());
    if (axes)
      for (auto const a : axes_of(who, *axes, d.rank())) {
        if (d[a] != 1) who.invalid("axis " + std::to_string(a) + " of shape " + d.text() + " is not 1");
        drop[a] = 1;
      }
    integers r;
    for (std::size_t i = 0; i < d.rank(); ++i)
      if (axes ? drop[i] == 0 : d[i] != 1) r.push_back(d[i]);
    c.outputs[0] = c.inputs[0].reshaped(shape_of(r));
  };
}

inline operation prepare_unsqueeze(preparation const& p) {
  expect_inputs(p, 1, 2);
  return [who = op_label{p}, argument = integer_argument{p, "axes", 1}](call& c) {
    auto const& d = c.inputs[0].dims();
    auto const list = argument.required(who, c, "axes");
    integers r(d.rank() + list.size(), -1);
    for (auto const a : axes_of(who, list, r.size())) r[a] = 1;
    std::size_t from = 0;
    for (auto& x : r)
      if (x == -1) x = d[from++];
    c.outputs[0] = c.inputs[0].reshaped(shape_of(r));
  };
}

/// `t` with its axes in the order `perm`, which must name each once.
inline tensor transposed(call& c, op_label const& who, tensor const& t, std::vector<std::size_t> const& perm) {
  auto const step = strides(t.dims());
  strided_view v;
  integers dims;
  for (auto const a : perm) v.add(t.dims()[a], step[a]), dims.push_back(t.dims()[a]);
  auto merged = v;
  merged.collapse();
  if (merged.contiguous() || t.size() == 0) return t.reshaped(shape_of(dims));
  tensor out = c.memory.make(t.type(), shape_of(dims));
  copy_strided(c, who, t, v, out);
  return out;
}

inline operation prepare_transpose(preparation const& p) {
  expect_inputs(p, 1, 1);
  auto const* given = p.node.get<integers>("perm");
  return with_any_element([who = op_label{p}, perm = given ? *given : integers{}, stated = given != nullptr](call& c) {
    auto const rank = c.inputs[0].rank();
    std::vector<std::size_t> axes(rank);
    for (std::size_t i = 0; i < rank; ++i) axes[i] = rank - 1 - i;
    if (stated && perm.size() != rank)
      who.invalid("perm has " + std::to_string(perm.size()) + " axes for shape " + c.inputs[0].dims().text());
    if (stated) axes = axes_of(who, perm, rank);
    c.outputs[0] = transposed(c, who, c.inputs[0], axes);
  });
}

/// `t` broadcast to `dims`.
inline tensor expanded(call& c, op_label const& who, tensor const& t, shape const& dims) {
  if (t.dims() == dims) return t;
  auto const step = strides(t.dims());
  auto const lead = dims.rank() - t.rank();
  strided_view v;
  for (std::size_t i = 0; i < dims.rank(); ++i)
    v.add(dims[i], i < lead || t.dims()[i - lead] == 1 ? 0 : step[i - lead]);
  tensor out = c.memory.make(t.type(), dims);
  copy_strided(c, who, t, v, out);
  return out;
}

inline operation prepare_expand(preparation const& p) {
  expect_inputs(p, 2, 2);
  return with_any_element([who = op_label{p}](call& c) {
    shape const target = shape_of(integers_of(who, c.inputs[1]));
    target.size();  // refuses negative dimensions
    c.outputs[0] = expanded(c, who, c.inputs[0], broadcast(who, c.inputs[0].dims(), target));
  });
}

inline operation prepare_tile(preparation const& p) {
  expect_inputs(p, 2, 2);
  return with_any_element([who = op_label{p}](call& c) {
    auto const& d = c.inputs[0].dims();
    auto const repeats = integers_of(who, c.inputs[1]);
    if (repeats.size() != d.rank())
      who.invalid("has " + std::to_string(repeats.size()) + " repeats for shape " + d.text());
    auto const step = strides(d);
    strided_view v;
    shape dims = d;
    for (std::size_t i = 0; i < d.rank(); ++i) {
      if (repeats[i] < 0 || __builtin_mul_overflow(d[i], repeats[i], &dims[i]))
        who.invalid("cannot repeat " + std::to_string(repeats[i]) + " times");
      v.add(repeats[i], 0);
      v.add(d[i], step[i]);
    }
    tensor out = c.memory.make(c.inputs[0].type(), dims);
    copy_strided(c, who, c.inputs[0], v, out);
    c.outputs[0] = out;
  });
}

/// Blocks of the channels to places, or back: a transpose between two reshapes.
inline operation prepare_depth_to_space(preparation const& p) {
  expect_inputs(p, 1, 1);
  auto const b = p.get<std::int64_t>("blocksize", 0);
  auto const mode = p.get<std::string>("mode", "DCR");
  if (b < 1 || b > (std::int64_t{1} << 20)) op_label{p}.invalid("blocksize is " + std::to_string(b));
  if (mode != "DCR" && mode != "CRD") op_label{p}.invalid("mode is \"" + mode + "\", neither DCR nor CRD");
  return with_any_element([who = op_label{p}, b, dcr = mode == "DCR"](call& c) {
    auto const d = c.inputs[0].dims();
    if (d.rank() != 4 || d[1] % (b * b) != 0)
      who.invalid("shape " + d.text() + " has no blocks of " + std::to_string(b));
    auto const depth = d[1] / (b * b);
    shape const parts = dcr ? shape{d[0], b, b, depth, d[2], d[3]} : shape{d[0], depth, b, b, d[2], d[3]};
    auto const order = dcr ? std::vector<std::size_t>{0, 3, 4, 1, 5, 2} : std::vector<std::size_t>{0, 1, 4, 2, 5, 3};
    auto const moved = transposed(c, who, c.inputs[0].reshaped(parts), order);
    c.outputs[0] = moved.reshaped({d[0], depth, d[2] * b, d[3] * b});
  });
}
inline operation prepare_space_to_depth(preparation const& p) {
  expect_inputs(p, 1, 1);
  auto const b = p.get<std::int64_t>("blocksize", 0);
  auto const mode = p.get<std::string>("mode", "DCR");
  if (b < 1 || b > (std::int64_t{1} << 20)) op_label{p}.invalid("blocksize is " + std::to_string(b));
  if (mode != "DCR" && mode != "CRD") op_label{p}.invalid("mode is \"" + mode + "\", neither DCR nor CRD");
  return with_any_element([who = op_label{p}, b, dcr = mode == "DCR"](call& c) {
    auto const d = c.inputs[0].dims();
    if (d.rank() != 4 || d[2] % b != 0 || d[3] % b != 0)
      who.invalid("shape " + d.text() + " has no blocks of " + std::to_string(b));
    auto const parts = c.inputs[0].reshaped({d[0], d[1], d[2] / b, b, d[3] / b, b});
    auto const order = dcr ? std::vector<std::size_t>{0, 3, 5, 1, 2, 4} : std::vector<std::size_t>{0, 1, 3, 5, 2, 4};
    c.outputs[0] = transposed(c, who, parts, order).reshaped({d[0], d[1] * b * b, d[2] / b, d[3] / b});
  });
}

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry layout_operators[] = {
    {"DepthToSpace", "", 1, &detail::prepare_depth_to_space},
    {"Dropout", "", 7, &detail::prepare_dropout},
    {"Expand", "", 8, &detail::prepare_expand},
    {"Flatten", "", 1, &detail::prepare_flatten},
    {"Identity", "", 1, &detail::prepare_identity},
    {"Reshape", "", 1, &detail::prepare_reshape},
    {"SpaceToDepth", "", 1, &detail::prepare_space_to_depth},
    {"Squeeze", "", 1, &detail::prepare_squeeze},
    {"Tile", "", 6, &detail::prepare_tile},
    {"Transpose", "", 1, &detail::prepare_transpose},
    {"Unsqueeze", "", 1, &detail::prepare_unsqueeze},
};

}  // namespace octet
