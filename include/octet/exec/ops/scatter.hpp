// Elements written by index: Scatter, ScatterElements, ScatterND, TensorScatter. Writes happen in the order of the
// updates.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <octet/exec/ops/elementwise.hpp>
#include <octet/exec/ops/indexing.hpp>

namespace octet::detail {

struct replace_op {
  template <class T>
  T operator()(T, T b) const {
    return b;
  }
};

/// Calls f with the operation of a `reduction` attribute and an element type: add, mul, min, max on numbers, else by
/// width.
template <class F>
void visit_reduction(op_label const& who, std::string const& reduction, element e, F&& f) {
  auto const numbers = [&](auto op) { visit(who, e, number_types{}, [&]<class T>(T t) { f(op, t); }); };
  if (reduction == "none") return visit_width(who, e, [&]<class T>(T t) { f(replace_op{}, t); });
  if (reduction == "add") return numbers(add_op{});
  if (reduction == "mul") return numbers(mul_op{});
  if (reduction == "min") return numbers(min_op{});
  if (reduction == "max") return numbers(max_op{});
  who.invalid("reduction is \"" + reduction + "\"");
}

/// The data as a tensor that may be written to.
inline tensor writable_copy(call& c, std::size_t i) {
  tensor const& t = c.inputs[i];
  if (t.unique()) return t;
  tensor r = c.memory.make(t.type(), t.dims());
  if (!t.bytes().empty()) std::memcpy(r.mutable_bytes().data(), t.bytes().data(), t.bytes().size());
  return r;
}

inline operation scatter_adapted(std::string const& reduction, operation f) {
  return reduction == "none" ? with_any_element(std::move(f), 5) : with_half(std::move(f));
}

inline operation prepare_scatter_elements(preparation const& p) {
  expect_inputs(p, 3, 3);
  auto const reduction = p.get<std::string>("reduction", "none");
  return scatter_adapted(reduction, [who = op_label{p}, reduction, at = p.get<std::int64_t>("axis", 0)](call& c) {
    auto const& by = c.inputs[1];
    auto const& updates = c.inputs[2];
    auto const dims = c.inputs[0].dims();
    if (!(by.dims() == updates.dims()) || updates.type() != c.inputs[0].type())
      who.invalid("updates do not fit data and indices");
    auto const axis = axis_of(who, at, dims.rank());
    auto const steps = element_strides(who, dims, by.dims(), axis);
    auto const indices = checked_indices(who, c, by, dims[axis]);
    auto const step = strides(dims)[axis];
    tensor out = writable_copy(c, 0);
    std::vector<std::int64_t> const walk(by.dims().begin(), by.dims().end());
    if (!indices.empty())
      visit_reduction(who, reduction, out.type(), [&]<class T>(auto op, T) {
        auto* const y = reinterpret_cast<T*>(out.mutable_bytes().data());
        auto const* const x = reinterpret_cast<T const*>(updates.bytes().data());
        odometer o{walk, steps, 0};
        for (std::size_t i = 0; i < indices.size(); ++i, o.next()) {
          auto& place = y[o.offset + indices[i] * step];
          place = op(place, x[i]);
        }
      });
    c.outputs[0] = out;
  });
}

inline operation prepare_scatter_nd(preparation const& p) {
  expect_inputs(p, 3, 3);
  auto const reduction = p.get<std::string>("reduction", "none");
  return scatter_adapted(reduction, [who = op_label{p}, reduction](call& c) {
    auto const& updates = c.inputs[2];
    tuple_indices const at{who, c, c.inputs[0].dims(), c.inputs[1], 0};
    auto const& d = c.inputs[0].dims();
    integers want(c.inputs[1].dims().begin(), c.inputs[1].dims().end() - 1);
    want.insert(want.end(), d.begin() + at.depth, d.end());
    if (!(updates.dims() == shape_of(want)) || updates.type() != c.inputs[0].type())
      who.invalid("updates have shape " + updates.dims().text() + " instead of " + shape_of(want).text());
    tensor out = writable_copy(c, 0);
    visit_reduction(who, reduction, out.type(), [&]<class T>(auto op, T) {
      auto* const y = reinterpret_cast<T*>(out.mutable_bytes().data());
      auto const* const x = reinterpret_cast<T const*>(updates.bytes().data());
      for (std::size_t t = 0; t < at.slices.size(); ++t)
        for (std::int64_t i = 0; i < at.size; ++i) {
          auto& place = y[at.slices[t] * at.size + i];
          place = op(place, x[std::int64_t(t) * at.size + i]);
        }
    });
    c.outputs[0] = out;
  });
}

/// Rows of a cache are replaced from a place on that each of the batch has for itself.
inline operation prepare_tensor_scatter(preparation const& p) {
  expect_inputs(p, 2, 3);
  auto const mode = p.get<std::string>("mode", "linear");
  if (mode != "linear" && mode != "circular")
    op_label{p}.invalid("mode is \"" + mode + "\", neither linear nor circular");
  return with_any_element(
      [who = op_label{p}, circular = mode == "circular", at = p.get<std::int64_t>("axis", -2)](call& c) {
        auto const& update = c.inputs[1];
        auto const d = c.inputs[0].dims();
        auto const axis = axis_of(who, at, d.rank());
        shape want = d;
        want[axis] = update.rank() == d.rank() ? update.dims()[axis] : -1;
        if (axis == 0 || !(update.dims() == want) || want[axis] > d[axis] || update.type() != c.inputs[0].type())
          who.invalid("an update of shape " + update.dims().text() + " does not fit a cache of shape " + d.text());
        auto const starts = c.has(2) ? integers_of(who, c.inputs[2]) : integers(std::size_t(d[0]));
        if (std::int64_t(starts.size()) != d[0])
          who.invalid("has " + std::to_string(starts.size()) + " places for a batch of " + std::to_string(d[0]));
        auto const rows = want[axis], width = inner_bytes(update, axis + 1, d.rank()), outer = d.product(0, axis);
        tensor out = writable_copy(c, 0);
        c.outputs[0] = out;
        if (update.size() == 0) return;
        for (std::int64_t o = 0; o < outer; ++o)
          for (std::int64_t i = 0; i < rows; ++i) {
            auto const start = starts[std::size_t(o / (outer / d[0]))];
            if (start < 0 || start > d[axis])
              who.failed("a place of " + std::to_string(start) + " is outside of the cache");
            auto const row = circular ? (start + i) % d[axis] : checked_index(who, start + i, d[axis]);
            std::memcpy(out.mutable_bytes().data() + (o * d[axis] + row) * width,
                        update.bytes().data() + (o * rows + i) * width, std::size_t(width));
          }
      },
      3);
}

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry scatter_operators[] = {
    {"Scatter", "", 9, &detail::prepare_scatter_elements},
    {"ScatterElements", "", 11, &detail::prepare_scatter_elements},
    {"ScatterND", "", 11, &detail::prepare_scatter_nd},
    {"TensorScatter", "", 24, &detail::prepare_tensor_scatter},
};

}  // namespace octet
