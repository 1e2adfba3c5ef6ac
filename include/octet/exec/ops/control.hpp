// Control flow: If, Loop, Scan run subgraphs that the session has prepared.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <octet/exec/ops/layout.hpp>
#include <octet/exec/ops/slicing.hpp>

namespace octet::detail {

using subgraph_runner = std::function<std::vector<tensor>(call&, std::vector<tensor>)>;

inline subgraph_runner subgraph_of(preparation const& p, std::string_view key) {
  if (!p.subgraph || p.node.get<graph_box>(key) == nullptr)
    op_label{p}.invalid("has no subgraph '" + std::string{key} + "'");
  return p.subgraph(key);
}

/// The value of a scalar BOOL.
inline bool truth(op_label const& who, tensor const& t) {
  if (t.type() != element::boolean || t.size() != 1)
    who.invalid("a condition is " + onnx_name(t.type()) + t.dims().text() + ", not one BOOL");
  return t.bytes()[0] != std::byte{0};
}

inline tensor boolean_scalar(call& c, bool value) {
  tensor t = c.memory.make(element::boolean, {});
  t.mutable_bytes()[0] = std::byte{value};
  return t;
}

inline operation prepare_if(preparation const& p) {
  expect_inputs(p, 1, 1);
  return [who = op_label{p}, yes = subgraph_of(p, "then_branch"), no = subgraph_of(p, "else_branch")](call& c) {
    auto results = (truth(who, c.inputs[0]) ? yes : no)(c, {});
    if (results.size() < c.outputs.size()) who.invalid("a branch has " + std::to_string(results.size()) + " outputs");
    std::move(results.begin(), results.begin() + std::ptrdiff_t(c.outputs.size()), c.outputs.begin());
  };
}

/// Tensors of one shape as slices of a new axis.
inline tensor stacked(call& c, op_label const& who, std::vector<tensor> const& parts, std::size_t axis,
                      bool backwards) {
  auto const& first = parts.front();
  if (axis > first.rank()) who.invalid("an output axis is outside of the output");
  tensor out = c.memory.make(first.type(), with_axis(first.dims(), axis, std::int64_t(parts.size())));
  auto const rows = first.dims().product(0, axis),
             width = first.dims().product(axis, first.rank()) * (bits(first.type()) / 8);
  if (bits(first.type()) < 8) who.unsupported("packed elements cannot be stacked");
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto const& t = parts[backwards ? parts.size() - 1 - i : i];
    if (!(t.dims() == first.dims()) || t.type() != first.type())
      who.failed("iterations give outputs of shapes " + first.dims().text() + " and " + t.dims().text());
    if (out.size() != 0)
      copy_bytes(c, t.bytes().data(), width, out.mutable_bytes().data() + std::int64_t(i) * width,
                 std::int64_t(parts.size()) * width, rows, width);
  }
  return out;
}

/// What a subgraph declares of output i, for a result of no iterations: unknown dimensions are 0.
struct empty_result {
  element type = element::f32;
  integers dims{};

  empty_result(graph const& g, std::size_t i) {
    if (i >= g.outputs.size()) return;
    auto const& t = g[g.outputs[i]].type;
    if (!t) return;
    if (t->element != element::undefined) type = t->element;
    if (t->dims)
      for (auto const& d : *t->dims) dims.push_back(d.known() ? d.size : 0);
  }
  tensor make(call& c, std::size_t axis) const {
    integers all = dims;
    all.insert(all.begin() + std::ptrdiff_t(std::min(axis, all.size())), 0);
    return c.memory.make(type, shape_of(all));
  }
};

inline operation prepare_loop(preparation const& p) {
  op_label const label{p};
  if (p.node.inputs.size() < 2) label.invalid("needs a trip count and a condition, which may be empty");
  auto const body = subgraph_of(p, "body");
  auto const carried = p.node.inputs.size() - 2, outputs = p.node.outputs.size();
  if (outputs < carried) label.invalid("has fewer outputs than loop variables");
  std::vector<empty_result> none;
  for (std::size_t i = carried; i < outputs; ++i) none.emplace_back(**p.node.get<graph_box>("body"), i + 1);
  return [who = label, body, carried, none, limit = p.loop_limit](call& c) {
    auto const trips = c.has(0) ? integer_of(who, c.inputs[0]) : -1;
    bool go = !c.has(1) || truth(who, c.inputs[1]);
    std::vector<tensor> state(std::make_move_iterator(c.inputs.begin() + 2), std::make_move_iterator(c.inputs.end()));
    for (auto& t : c.inputs.subspan(2)) t = {};
    std::vector<std::vector<tensor>> collected(none.size());
    for (std::int64_t i = 0; go && (!c.has(0) || i < trips); ++i) {
      if (i >= limit) who.failed("more than " + std::to_string(limit) + " iterations");
      std::vector<tensor> in{tensor::scalar(i), boolean_scalar(c, go)};
      std::move(state.begin(), state.end(), std::back_inserter(in));
      auto out = body(c, std::move(in));
      if (out.size() < 1 + carried + none.size())
        who.invalid("the body has " + std::to_string(out.size()) + " outputs");
      go = truth(who, out[0]);
      for (std::size_t k = 0; k < carried; ++k) state[k] = std::move(out[1 + k]);
      for (std::size_t k = 0; k < none.size(); ++k) collected[k].push_back(std::move(out[1 + carried + k]));
    }
    std::move(state.begin(), state.end(), c.outputs.begin());
    for (std::size_t k = 0; k < none.size(); ++k)
      c.outputs[carried + k] = collected[k].empty() ? none[k].make(c, 0) : stacked(c, who, collected[k], 0, false);
  };
}

/// Attributes of Scan: how each scanned input and output lies.
struct scan_options {
  std::size_t inputs = 0, states = 0, outputs = 0;
  integers input_axes{}, input_directions{}, output_axes{}, output_directions{};

  scan_options(preparation const& p) {
    op_label const who{p};
    auto const n = p.get<std::int64_t>("num_scan_inputs", 0);
    if (n < 1 || n > std::int64_t(p.node.inputs.size())) who.invalid("num_scan_inputs is " + std::to_string(n));
    inputs = std::size_t(n), states = p.node.inputs.size() - inputs;
    if (p.node.outputs.size() < states) who.invalid("has fewer outputs than state variables");
    outputs = p.node.outputs.size() - states;
    auto const list = [&](std::string_view key, std::size_t size) {
      auto r = p.get(key, integers{});
      if (!r.empty() && r.size() != size)
        who.invalid(std::string{key} + " has " + std::to_string(r.size()) + " entries");
      r.resize(size);
      return r;
    };
    input_axes = list("scan_input_axes", inputs), input_directions = list("scan_input_directions", inputs);
    output_axes = list("scan_output_axes", outputs), output_directions = list("scan_output_directions", outputs);
  }
};

/// Slice k of an axis, without it.
inline tensor slice_of(call& c, op_label const& who, tensor const& t, std::size_t axis, std::int64_t k) {
  if (bits(t.type()) < 8) who.unsupported("packed elements cannot be scanned");
  tensor out = c.memory.make(t.type(), without_axis(t.dims(), axis));
  auto const rows = t.dims().product(0, axis), width = t.dims().product(axis + 1, t.rank()) * (bits(t.type()) / 8);
  if (out.size() != 0)
    copy_bytes(c, t.bytes().data() + k * width, t.dims()[axis] * width, out.mutable_bytes().data(), width, rows, width);
  return out;
}

inline operation prepare_scan(preparation const& p) {
  expect_inputs(p, 1);
  scan_options const o{p};
  std::vector<empty_result> none;
  for (std::size_t i = 0; i < o.outputs; ++i) none.emplace_back(**p.node.get<graph_box>("body"), o.states + i);
  return [who = op_label{p}, body = subgraph_of(p, "body"), o, none, limit = p.loop_limit](call& c) {
    std::vector<tensor> state(c.inputs.begin(), c.inputs.begin() + std::ptrdiff_t(o.states));
    std::vector<std::size_t> axes;
    std::int64_t length = -1;
    for (std::size_t i = 0; i < o.inputs; ++i) {
      auto const& t = c.inputs[o.states + i];
      axes.push_back(axis_of(who, o.input_axes[i], t.rank()));
      auto const n = t.dims()[axes.back()];
      if (length >= 0 && n != length)
        who.invalid("scanned inputs have lengths " + std::to_string(length) + " and " + std::to_string(n));
      length = n;
    }
    if (length > limit) who.failed("more than " + std::to_string(limit) + " iterations");
    std::vector<std::vector<tensor>> collected(o.outputs);
    for (std::int64_t k = 0; k < length; ++k) {
      auto in = std::move(state);
      for (std::size_t i = 0; i < o.inputs; ++i)
        in.push_back(
            slice_of(c, who, c.inputs[o.states + i], axes[i], o.input_directions[i] != 0 ? length - 1 - k : k));
      auto out = body(c, std::move(in));
      if (out.size() < o.states + o.outputs) who.invalid("the body has " + std::to_string(out.size()) + " outputs");
      for (std::size_t i = 0; i < o.outputs; ++i) collected[i].push_back(std::move(out[o.states + i]));
      out.resize(o.states);
      state = std::move(out);
    }
    std::move(state.begin(), state.end(), c.outputs.begin());
    for (std::size_t i = 0; i < o.outputs; ++i) {
      auto const rank = std::int64_t(collected[i].empty() ? none[i].dims.size() : collected[i].front().rank()) + 1;
      auto const axis = axis_of(who, o.output_axes[i], std::size_t(rank));
      c.outputs[o.states + i] = collected[i].empty() ? none[i].make(c, axis)
                                                     : stacked(c, who, collected[i], axis, o.output_directions[i] != 0);
    }
  };
}

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry control_operators[] = {
    {"If", "", 1, &detail::prepare_if},
    {"Loop", "", 1, &detail::prepare_loop},
    {"Scan", "", 9, &detail::prepare_scan},
};

}  // namespace octet
