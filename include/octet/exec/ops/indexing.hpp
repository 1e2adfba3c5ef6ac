// Elements found by index: Gather, GatherElements, GatherND, OneHot, Compress.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <octet/exec/ops/adapt.hpp>
#include <octet/exec/ops/arguments.hpp>
#include <octet/exec/ops/strided.hpp>

namespace octet::detail {

/// Indices into a dimension of n elements, each checked and counted from the front.
inline integers checked_indices(op_label const& who, call& c, tensor const& t, std::int64_t n) {
  if (t.type() != element::s64 && t.type() != element::s32)
    unsupported_type(who, t.type(), {element::s64, element::s32});
  tensor const wide = convert(c, t, element::s64);
  auto const v = wide.as<std::int64_t>();
  integers r(v.begin(), v.end());
  for (auto& i : r) i = checked_index(who, i, n);
  return r;
}

/// out = blocks of `width` bytes, from[i] naming the block.
inline void copy_indexed(call& c, std::byte const* in, integers const& from, std::byte* out, std::int64_t width) {
  auto const n = static_cast<std::int64_t>(from.size());
  for_rows(c.pool, n, width / 4 + 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i)
      std::memcpy(out + i * width, in + from[std::size_t(i)] * width, std::size_t(width));
  });
}

/// Bytes of elements [from, to) of the dimensions.
inline std::int64_t inner_bytes(tensor const& t, std::size_t from, std::size_t to) {
  return t.dims().product(from, to) * (bits(t.type()) / 8);
}

inline operation prepare_gather(preparation const& p) {
  expect_inputs(p, 2, 2);
  return with_any_element([who = op_label{p}, at = p.get<std::int64_t>("axis", 0)](call& c) {
    auto const& in = c.inputs[0];
    auto const& by = c.inputs[1];
    auto const axis = axis_of(who, at, in.rank());
    auto const indices = checked_indices(who, c, by, in.dims()[axis]);
    integers dims(in.dims().begin(), in.dims().begin() + axis);
    dims.insert(dims.end(), by.dims().begin(), by.dims().end());
    dims.insert(dims.end(), in.dims().begin() + axis + 1, in.dims().end());
    auto& out = c.make(0, in.type(), shape_of(dims));
    if (out.size() == 0) return;
    auto const outer = in.dims().product(0, axis), width = inner_bytes(in, axis + 1, in.rank());
    auto const in_step = in.dims()[axis] * width, out_step = std::int64_t(indices.size()) * width;
    for (std::int64_t i = 0; i < outer; ++i)
      copy_indexed(c, in.bytes().data() + i * in_step, indices, out.mutable_bytes().data() + i * out_step, width);
  });
}

/// Strides of `data` over the positions of `indices`: those tensors have one rank, and, but for the axis, `indices`
/// fits into `data`. The axis has stride 0: its place comes from the index.
inline std::vector<std::int64_t> element_strides(op_label const& who, shape const& data, shape const& indices,
                                                 std::size_t axis) {
  if (data.rank() != indices.rank())
    who.invalid("indices of shape " + indices.text() + " for data of shape " + data.text());
  auto const step = strides(data);
  std::vector<std::int64_t> r(step.begin(), step.end());
  for (std::size_t i = 0; i < data.rank(); ++i)
    if (i != axis && indices[i] > data[i])
      who.invalid("indices of shape " + indices.text() + " for data of shape " + data.text());
  r[axis] = 0;
  return r;
}

inline operation prepare_gather_elements(preparation const& p) {
  expect_inputs(p, 2, 2);
  return with_any_element([who = op_label{p}, at = p.get<std::int64_t>("axis", 0)](call& c) {
    auto const& in = c.inputs[0];
    auto const& by = c.inputs[1];
    auto const axis = axis_of(who, at, in.rank());
    auto const steps = element_strides(who, in.dims(), by.dims(), axis);
    auto const indices = checked_indices(who, c, by, in.dims()[axis]);
    auto const step = strides(in.dims())[axis];
    std::vector<std::int64_t> const dims(by.dims().begin(), by.dims().end());
    auto& out = c.make(0, in.type(), by.dims());
    visit_width(who, in.type(), [&]<class T>(T) {
      auto const* const x = reinterpret_cast<T const*>(in.bytes().data());
      auto* const y = reinterpret_cast<T*>(out.mutable_bytes().data());
      for_elements(c.pool, out.size(), [&](std::int64_t begin, std::int64_t end) {
        odometer o{dims, steps, begin};
        for (auto i = begin; i < end; ++i, o.next()) y[i] = x[o.offset + indices[std::size_t(i)] * step];
      });
    });
  });
}

/// What GatherND and ScatterND have in common: index tuples name slices of `data`.
struct tuple_indices {
  integers slices{};      ///< for each tuple, which slice of `data`, counted in slices
  std::int64_t size = 1;  ///< elements of a slice
  std::size_t depth = 0;  ///< dimensions that a tuple and the batch name

  tuple_indices(op_label const& who, call& c, shape const& data, tensor const& indices, std::int64_t batch_dims) {
    auto const& d = indices.dims();
    if (d.rank() == 0 || data.rank() == 0) who.invalid("data and indices need a dimension");
    auto const last = d[d.rank() - 1];
    if (batch_dims < 0 || batch_dims >= std::int64_t(std::min(d.rank(), data.rank())) || last < 1 ||
        last > std::int64_t(data.rank()) - batch_dims)
      who.invalid("tuples of shape " + d.text() + " do not index data of shape " + data.text());
    auto const batch = static_cast<std::size_t>(batch_dims);
    for (std::size_t i = 0; i < batch; ++i)
      if (d[i] != data[i]) who.invalid("batches of " + d.text() + " and " + data.text() + " differ");
    depth = batch + static_cast<std::size_t>(last);
    size = data.product(depth, data.rank());
    if (indices.type() != element::s64 && indices.type() != element::s32)
      unsupported_type(who, indices.type(), {element::s64, element::s32});
    tensor const wide = convert(c, indices, element::s64);
    auto const v = wide.as<std::int64_t>();
    auto const tuples = d.product(0, d.rank() - 1), per_batch = d.product(batch, d.rank() - 1);
    slices.resize(std::size_t(tuples));
    for (std::int64_t t = 0; t < tuples; ++t) {
      std::int64_t at = t / per_batch;
      for (std::int64_t k = 0; k < last; ++k) {
        auto const n = data[batch + std::size_t(k)];
        at = at * n + checked_index(who, v[std::size_t(t * last + k)], n);
      }
      slices[std::size_t(t)] = at;
    }
  }
};

inline operation prepare_gather_nd(preparation const& p) {
  expect_inputs(p, 2, 2);
  return with_any_element([who = op_label{p}, batch = p.get<std::int64_t>("batch_dims", 0)](call& c) {
    auto const& in = c.inputs[0];
    auto const& by = c.inputs[1];
    tuple_indices const at{who, c, in.dims(), by, batch};
    integers dims(by.dims().begin(), by.dims().end() - 1);
    dims.insert(dims.end(), in.dims().begin() + at.depth, in.dims().end());
    auto& out = c.make(0, in.type(), shape_of(dims));
    if (out.size() != 0)
      copy_indexed(c, in.bytes().data(), at.slices, out.mutable_bytes().data(), inner_bytes(in, at.depth, in.rank()));
  });
}

inline operation prepare_one_hot(preparation const& p) {
  expect_inputs(p, 3, 3);
  return with_any_element(
      [who = op_label{p}, at = p.get<std::int64_t>("axis", -1)](call& c) {
        if (c.inputs[1].size() != 1) who.invalid("the depth is not one number");
        auto const depth = convert(c, c.inputs[1], element::s64).as<std::int64_t>()[0];
        tensor const indices = convert(c, c.inputs[0], element::s64);
        auto const& values = c.inputs[2];
        if (depth < 0 || values.size() != 2) who.invalid("needs a depth that is not negative, and two values");
        auto const axis = axis_of(who, at, indices.rank() + 1);
        auto& out = c.make(0, values.type(), with_axis(indices.dims(), axis, depth));
        if (out.size() == 0) return;
        auto const inner = indices.dims().product(axis, indices.rank());
        visit_width(who, values.type(), [&]<class T>(T) {
          auto const* const v = reinterpret_cast<T const*>(values.bytes().data());
          auto* const y = reinterpret_cast<T*>(out.mutable_bytes().data());
          std::fill(y, y + out.size(), v[0]);
          auto const x = indices.as<std::int64_t>();
          for (std::int64_t i = 0; i < indices.size(); ++i) {
            auto const k = x[std::size_t(i)] < 0 ? x[std::size_t(i)] + depth : x[std::size_t(i)];
            if (k >= 0 && k < depth) y[(i / inner * depth + k) * inner + i % inner] = v[1];
          }
        });
      },
      4);
}

inline operation prepare_compress(preparation const& p) {
  expect_inputs(p, 2, 2);
  auto const* given = p.node.get<std::int64_t>("axis");
  return with_any_element([who = op_label{p}, flat = given == nullptr, at = given ? *given : 0](call& c) {
    if (c.inputs[1].type() != element::boolean) unsupported_type(who, c.inputs[1].type(), {element::boolean});
    tensor const in = flat ? c.inputs[0].reshaped({c.inputs[0].size()}) : c.inputs[0];
    auto const axis = axis_of(who, at, in.rank());
    integers chosen;
    auto const keep = c.inputs[1].bytes();
    for (std::size_t i = 0; i < keep.size(); ++i) {
      if (keep[i] == std::byte{0}) continue;
      chosen.push_back(checked_index(who, std::int64_t(i), in.dims()[axis]));
    }
    shape dims = in.dims();
    dims[axis] = static_cast<std::int64_t>(chosen.size());
    auto& out = c.make(0, in.type(), dims);
    if (out.size() == 0) return;
    auto const outer = dims.product(0, axis), width = inner_bytes(in, axis + 1, in.rank());
    for (std::int64_t i = 0; i < outer; ++i)
      copy_indexed(c, in.bytes().data() + i * in.dims()[axis] * width, chosen,
                   out.mutable_bytes().data() + i * dims[axis] * width, width);
  });
}

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry indexing_operators[] = {
    {"Compress", "", 9, &detail::prepare_compress},
    {"Gather", "", 1, &detail::prepare_gather},
    {"GatherElements", "", 11, &detail::prepare_gather_elements},
    {"GatherND", "", 11, &detail::prepare_gather_nd},
    {"OneHot", "", 9, &detail::prepare_one_hot},
};

}  // namespace octet
