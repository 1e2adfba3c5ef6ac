// Parts of tensors: Concat, Split, Slice, Pad, CenterCropPad.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <octet/exec/ops/adapt.hpp>
#include <octet/exec/ops/arguments.hpp>
#include <octet/exec/ops/strided.hpp>

namespace octet::detail {

/// Rows of bytes from one place to another, each place with its own distance between rows.
inline void copy_bytes(call& c, std::byte const* in, std::int64_t in_step, std::byte* out, std::int64_t out_step,
                       std::int64_t rows, std::int64_t width) {
  if (width == 0) return;
  if (in_step == width && out_step == width) in_step = out_step = width *= rows, rows = 1;
  for_rows(c.pool, rows, width / 4 + 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) std::memcpy(out + i * out_step, in + i * in_step, std::size_t(width));
  });
}

/// All inputs as one output, along an axis.
inline operation concat_along(op_label const& label, std::int64_t axis_given) {
  return with_any_element(
      [who = label, at = axis_given](call& c) {
        shape dims = c.inputs[0].dims();
        auto const axis = axis_of(who, at, dims.rank());
        for (std::size_t i = 1; i < c.inputs.size(); ++i) {
          auto const& d = c.inputs[i].dims();
          if (c.inputs[i].type() != c.inputs[0].type()) who.invalid("inputs have different element types");
          bool fits = d.rank() == dims.rank();
          for (std::size_t k = 0; fits && k < d.rank(); ++k) fits = k == axis || d[k] == dims[k];
          if (!fits || __builtin_add_overflow(dims[axis], d[axis], &dims[axis]))
            who.invalid("shape " + d.text() + " does not continue " + c.inputs[0].dims().text());
        }
        tensor out = c.memory.make(c.inputs[0].type(), dims);
        auto const width = static_cast<std::int64_t>(bits(out.type()) / 8);
        auto const rows = dims.product(0, axis), step = dims.product(axis, dims.rank()) * width;
        auto* to = out.mutable_bytes().data();
        for (auto const& t : c.inputs) {
          auto const n = t.dims().product(axis, dims.rank()) * width;
          if (out.size() != 0) copy_bytes(c, t.bytes().data(), n, to, step, rows, n);
          to += n;
        }
        c.outputs[0] = out;
      },
      ~0u);
}

inline operation prepare_concat(preparation const& p) {
  expect_inputs(p, p.node.inputs.size());
  op_label const who{p};
  if (p.node.inputs.empty()) who.invalid("needs an input");
  if (p.opset >= 4 && p.node.get<std::int64_t>("axis") == nullptr) who.invalid("has no axis");
  return concat_along(who, p.get<std::int64_t>("axis", 1));
}

/// Throws `invalid` unless the parts are a dimension of n elements, and their number `fits`.
inline void check_parts(op_label const& who, integers const& parts, std::int64_t n, bool fits = true) {
  std::int64_t sum = 0;
  for (auto const x : parts)
    if (x < 0 || __builtin_add_overflow(sum, x, &sum)) who.invalid("a part has " + std::to_string(x) + " elements");
  if (sum != n || !fits) who.invalid("the parts do not make up a dimension of " + std::to_string(n));
}

/// How long the parts of Split are.
struct split_sizes {
  integer_argument given;
  std::int64_t parts = 0;
  bool uneven = false;  ///< the last part may be shorter

  integers read(op_label const& who, call const& c, std::int64_t n) const {
    auto const outputs = static_cast<std::int64_t>(c.outputs.size());
    if (auto list = given.read(who, c)) {
      check_parts(who, *list, n, list->size() == c.outputs.size());
      return *std::move(list);
    }
    auto const count = parts != 0 ? parts : outputs;
    if (count != outputs) who.invalid("num_outputs is not the number of outputs");
    if (!uneven && n % count != 0)
      who.invalid("a dimension of " + std::to_string(n) + " has no " + std::to_string(count) + " equal parts");
    auto const size = n / count + (n % count != 0);
    integers r(std::size_t(count), size);
    for (std::int64_t i = 0; i < count; ++i) r[std::size_t(i)] = std::clamp<std::int64_t>(n - i * size, 0, size);
    return r;
  }
};

/// Consecutive parts of input 0 along an axis, one for each output.
inline void split_along(call& c, std::size_t axis, integers const& parts) {
  auto const& in = c.inputs[0];
  auto const width = static_cast<std::int64_t>(bits(in.type()) / 8);
  auto const rows = in.dims().product(0, axis), inner = in.dims().product(axis + 1, in.rank()) * width;
  auto const* from = in.bytes().data();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    shape dims = in.dims();
    dims[axis] = parts[i];
    auto& out = c.make(i, in.type(), dims);
    if (out.size() != 0)
      copy_bytes(c, from, in.dims()[axis] * inner, out.mutable_bytes().data(), parts[i] * inner, rows,
                 parts[i] * inner);
    from += parts[i] * inner;
  }
}

inline operation prepare_split(preparation const& p) {
  expect_inputs(p, 1, 2);
  split_sizes const sizes{integer_argument{p, "split", 1}, p.get<std::int64_t>("num_outputs", 0), p.opset >= 18};
  if (sizes.parts < 0) op_label{p}.invalid("num_outputs is negative");
  return with_any_element([who = op_label{p}, sizes, at = p.get<std::int64_t>("axis", 0)](call& c) {
    auto const axis = axis_of(who, at, c.inputs[0].rank());
    split_along(c, axis, sizes.read(who, c, c.inputs[0].dims()[axis]));
  });
}

/// First index and number of elements that Slice takes of a dimension of n elements.
inline std::pair<std::int64_t, std::int64_t> slice_range(std::int64_t start, std::int64_t end, std::int64_t step,
                                                         std::int64_t n) {
  auto const place = [n](std::int64_t i, std::int64_t low, std::int64_t high) {
    return std::clamp(i < 0 ? (i < -n ? low : i + n) : i, low, high);
  };
  if (step > 0) {
    auto const first = place(start, 0, n), last = place(end, 0, n);
    return {first, last <= first ? 0 : (last - first - 1) / step + 1};
  }
  auto const first = place(start, -1, n - 1), last = place(end, -1, n - 1);
  auto const back = step == std::numeric_limits<std::int64_t>::min() ? std::numeric_limits<std::int64_t>::max() : -step;
  return {std::max<std::int64_t>(first, 0), last >= first ? 0 : (first - last - 1) / back + 1};
}

inline operation prepare_slice(preparation const& p) {
  bool const inputs = p.opset >= 10;
  expect_inputs(p, inputs ? 3 : 1, inputs ? 5 : 1);
  return with_any_element([who = op_label{p}, from = integer_argument{p, inputs ? "" : "starts", 1},
                           to = integer_argument{p, inputs ? "" : "ends", 2},
                           on = integer_argument{p, inputs ? "" : "axes", 3},
                           by = integer_argument{p, inputs ? "" : "steps", 4}](call& c) {
    auto const& in = c.inputs[0];
    auto const starts = from.required(who, c, "starts"), ends = to.required(who, c, "ends");
    integers every(starts.size());
    for (std::size_t i = 0; i < every.size(); ++i) every[i] = static_cast<std::int64_t>(i);
    auto const axes = axes_of(who, on.read(who, c).value_or(every), in.rank());
    auto const steps = by.read(who, c).value_or(integers(starts.size(), 1));
    if (starts.size() != ends.size() || starts.size() != axes.size() || starts.size() != steps.size())
      who.invalid("starts, ends, axes and steps differ in length");
    auto stride = strides(in.dims());
    shape dims = in.dims();
    strided_view v;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      auto const a = axes[i];
      if (steps[i] == 0) who.invalid("a step is 0");
      auto const [first, n] = slice_range(starts[i], ends[i], steps[i], dims[a]);
      v.offset += first * stride[a];
      dims[a] = n;
      stride[a] *= n <= 1 ? 1 : steps[i];
    }
    for (std::size_t i = 0; i < dims.rank(); ++i) v.add(dims[i], stride[i]);
    if (dims == in.dims() && v.offset == 0 && std::all_of(steps.begin(), steps.end(), [](auto s) { return s > 0; })) {
      c.outputs[0] = in;
      return;
    }
    tensor out = c.memory.make(in.type(), dims);
    copy_strided(c, who, in, v, out);
    c.outputs[0] = out;
  });
}

enum class pad_mode : std::uint8_t { constant, reflect, edge, wrap };

/// For each place of a padded dimension the place of the input that it shows, −1 for the constant.
inline integers pad_places(op_label const& who, pad_mode mode, std::int64_t n, std::int64_t before,
                           std::int64_t after) {
  auto const crop = std::max<std::int64_t>(-before, 0), m = n - crop - std::max<std::int64_t>(-after, 0);
  auto const lead = std::max<std::int64_t>(before, 0);
  integers r(std::size_t(n + before + after));
  if (m <= 0 && mode != pad_mode::constant && !r.empty())
    who.invalid("an empty dimension cannot be padded with its elements");
  for (std::size_t i = 0; i < r.size(); ++i) {
    auto x = static_cast<std::int64_t>(i) - lead;
    if (mode == pad_mode::constant && (x < 0 || x >= m)) {
      r[i] = -1;
      continue;
    }
    if (mode == pad_mode::edge) x = std::clamp<std::int64_t>(x, 0, m - 1);
    if (mode == pad_mode::wrap) x = (x % m + m) % m;
    if (mode == pad_mode::reflect) {
      auto const period = std::max<std::int64_t>(2 * (m - 1), 1);
      x = (x % period + period) % period;
      if (x >= m) x = period - x;
    }
    r[i] = crop + x;
  }
  return r;
}

/// The shape after padding, checked.
inline shape padded_shape(op_label const& who, shape const& in, integers const& pads) {
  shape dims = in;
  for (std::size_t i = 0; i < in.rank(); ++i) {
    auto& d = dims[i];
    if (__builtin_add_overflow(d, pads[i], &d) || __builtin_add_overflow(d, pads[i + in.rank()], &d) || d < 0 ||
        in[i] + std::min<std::int64_t>(pads[i], 0) < 0 || in[i] + std::min<std::int64_t>(pads[i + in.rank()], 0) < 0)
      who.invalid("shape " + in.text() + " cannot be padded by " + shape_of(pads).text());
  }
  return dims;
}

template <class T>
void pad_elements(call& c, T const* in, shape const& from, T* out, shape const& to, std::vector<integers> const& places,
                  T value) {
  auto const last = to.rank() - 1;
  auto const step = strides(from);
  auto const n = to[last], rows = to.product(0, last);
  integers const& inner = places[last];
  std::int64_t first = 0, stop = n;
  while (first < n && inner[std::size_t(first)] < 0) ++first;
  while (stop > first && inner[std::size_t(stop) - 1] < 0) --stop;
  bool even = true;
  for (auto i = first; even && i < stop; ++i) even = inner[std::size_t(i)] == inner[std::size_t(first)] + i - first;
  for_rows(c.pool, rows, n, [&](std::int64_t begin, std::int64_t end) {
    for (auto r = begin; r < end; ++r) {
      std::int64_t at = 0, rest = r;
      bool outside = false;
      for (std::size_t d = last; d-- != 0; rest /= to[d]) {
        auto const x = places[d][std::size_t(rest % to[d])];
        outside = outside || x < 0;
        at += x * step[d];
      }
      T* const y = out + r * n;
      if (outside) {
        std::fill(y, y + n, value);
        continue;
      }
      std::fill(y, y + first, value);
      std::fill(y + stop, y + n, value);
      if (even && first < stop)
        std::memcpy(y + first, in + at + inner[std::size_t(first)], std::size_t(stop - first) * sizeof(T));
      else
        for (auto i = first; i < stop; ++i) y[i] = in[at + inner[std::size_t(i)]];
    }
  });
}

/// Output 0 becomes input 0 with `pads` for every axis; what is outside is `fill`, or zero when that is null.
inline void pad_tensor(call& c, op_label const& who, pad_mode mode, integers const& pads, std::byte const* fill) {
  auto const& in = c.inputs[0];
  tensor out = c.memory.make(in.type(), padded_shape(who, in.dims(), pads));
  c.outputs[0] = out;
  if (out.size() == 0) return;
  if (in.rank() == 0) return void(c.outputs[0] = in);
  std::vector<integers> places;
  for (std::size_t i = 0; i < in.rank(); ++i)
    places.push_back(pad_places(who, mode, in.dims()[i], pads[i], pads[i + in.rank()]));
  visit_width(who, in.type(), [&]<class T>(T) {
    pad_elements(c, reinterpret_cast<T const*>(in.bytes().data()), in.dims(),
                 reinterpret_cast<T*>(out.mutable_bytes().data()), out.dims(), places,
                 fill == nullptr ? T(0) : *reinterpret_cast<T const*>(fill));
  });
}

/// Pads for every axis, starts then ends, from those for some axes.
inline integers full_pads(op_label const& who, integers const& pads, std::optional<integers> const& axes,
                          std::size_t rank) {
  if (!axes) {
    if (pads.size() != 2 * rank)
      who.invalid("has " + std::to_string(pads.size()) + " pads for rank " + std::to_string(rank));
    return pads;
  }
  auto const on = axes_of(who, *axes, rank);
  if (pads.size() != 2 * on.size())
    who.invalid("has " + std::to_string(pads.size()) + " pads for " + std::to_string(on.size()) + " axes");
  integers r(2 * rank);
  for (std::size_t i = 0; i < on.size(); ++i) r[on[i]] = pads[i], r[on[i] + rank] = pads[i + on.size()];
  return r;
}

inline pad_mode pad_mode_of(preparation const& p) {
  auto const mode = p.get<std::string>("mode", "constant");
  if (mode == "constant") return pad_mode::constant;
  if (mode == "reflect") return pad_mode::reflect;
  if (mode == "edge") return pad_mode::edge;
  if (mode == "wrap") return pad_mode::wrap;
  op_label{p}.invalid("mode is \"" + mode + "\"");
}

inline operation prepare_pad(preparation const& p) {
  bool const inputs = p.opset >= 11;
  expect_inputs(p, inputs ? 2 : 1, inputs ? 4 : 1);
  return with_any_element(
      [who = op_label{p}, inputs, mode = pad_mode_of(p), value = p.get("value", 0.0f),
       given = integer_argument{p, inputs ? "" : "pads", 1}](call& c) {
        auto const& in = c.inputs[0];
        std::optional<integers> axes;
        if (c.has(3)) axes = integers_of(who, c.inputs[3]);
        auto const pads = full_pads(who, given.required(who, c, "pads"), axes, in.rank());
        tensor fill;
        if (inputs && c.has(2) && c.inputs[2].size() > 0) fill = c.inputs[2];
        if (fill && (fill.size() != 1 || fill.type() != in.type()))
          who.invalid("the constant is not one element of the input's type");
        if (!fill) fill = bits(in.type()) == 0 ? in : convert(c, tensor::scalar(inputs ? 0.0f : value), in.type());
        pad_tensor(c, who, mode, pads, fill.bytes().data());
      },
      5);
}

/// Cuts or fills around the middle until the wanted size is reached.
inline operation prepare_center_crop_pad(preparation const& p) {
  expect_inputs(p, 2, 2);
  auto const* given = p.node.get<integers>("axes");
  return with_any_element([who = op_label{p}, some = given != nullptr, list = given ? *given : integers{}](call& c) {
    auto const& in = c.inputs[0];
    auto const sizes = integers_of(who, c.inputs[1]);
    std::vector<std::size_t> axes;
    for (std::size_t i = 0; i < in.rank(); ++i) axes.push_back(i);
    if (some) axes = axes_of(who, list, in.rank());
    if (sizes.size() != axes.size())
      who.invalid("has " + std::to_string(sizes.size()) + " sizes for " + std::to_string(axes.size()) + " axes");
    integers pads(2 * in.rank());
    for (std::size_t i = 0; i < axes.size(); ++i) {
      if (sizes[i] < 0) who.invalid("a size is negative");
      auto const more = sizes[i] - in.dims()[axes[i]];
      pads[axes[i]] = more / 2, pads[axes[i] + in.rank()] = more - more / 2;
    }
    pad_tensor(c, who, pad_mode::constant, pads, nullptr);
  });
}

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry slicing_operators[] = {
    {"CenterCropPad", "", 18, &detail::prepare_center_crop_pad},
    {"Concat", "", 1, &detail::prepare_concat},
    {"Pad", "", 2, &detail::prepare_pad},
    {"Slice", "", 1, &detail::prepare_slice},
    {"Split", "", 2, &detail::prepare_split},
};

}  // namespace octet
