// Sequences of tensors: how they are made, taken apart and joined; and what is left of optional values.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <octet/exec/ops/control.hpp>

namespace octet::detail {

using tensors = std::vector<tensor>;

inline std::span<tensor const> items_of(op_label const& who, tensor const& t) {
  if (!t.is_sequence()) who.invalid("a sequence is needed, not a tensor of type " + onnx_name(t.type()));
  return t.items();
}
inline tensors copied_items(op_label const& who, tensor const& t) {
  auto const all = items_of(who, t);
  return {all.begin(), all.end()};
}
inline void check_alike(op_label const& who, tensor const& a, tensor const& b) {
  if (a.type() != b.type()) who.invalid("a sequence of " + onnx_name(a.type()) + " takes no " + onnx_name(b.type()));
}

inline operation prepare_sequence_empty(preparation const& p) {
  expect_inputs(p, 0, 0);
  return [](call& c) { c.outputs[0] = tensor::sequence({}); };
}

inline operation prepare_sequence_construct(preparation const& p) {
  expect_inputs(p, p.node.inputs.size());
  return [who = op_label{p}](call& c) {
    for (auto const& t : c.inputs) check_alike(who, c.inputs[0], t);
    c.outputs[0] = tensor::sequence({c.inputs.begin(), c.inputs.end()});
  };
}

inline operation prepare_sequence_length(preparation const& p) {
  expect_inputs(p, 1, 1);
  return [who = op_label{p}](call& c) {
    c.outputs[0] = tensor::scalar(static_cast<std::int64_t>(items_of(who, c.inputs[0]).size()));
  };
}

inline operation prepare_sequence_at(preparation const& p) {
  expect_inputs(p, 2, 2);
  return [who = op_label{p}](call& c) {
    auto const all = items_of(who, c.inputs[0]);
    auto const i = checked_index(who, integer_of(who, c.inputs[1]), static_cast<std::int64_t>(all.size()));
    c.outputs[0] = all[static_cast<std::size_t>(i)];
  };
}

inline operation prepare_sequence_insert(preparation const& p) {
  expect_inputs(p, 2, 3);
  return [who = op_label{p}](call& c) {
    auto all = copied_items(who, c.inputs[0]);
    if (!all.empty()) check_alike(who, all.front(), c.inputs[1]);
    auto const n = static_cast<std::int64_t>(all.size());
    auto at = c.has(2) ? integer_of(who, c.inputs[2]) : n;
    if (at < -n || at > n)
      who.failed("position " + std::to_string(at) + " is outside of " + std::to_string(n) + " items");
    if (at < 0) at += n;
    all.insert(all.begin() + at, c.inputs[1]);
    c.outputs[0] = tensor::sequence(std::move(all));
  };
}

inline operation prepare_sequence_erase(preparation const& p) {
  expect_inputs(p, 1, 2);
  return [who = op_label{p}](call& c) {
    auto all = copied_items(who, c.inputs[0]);
    auto const n = static_cast<std::int64_t>(all.size());
    all.erase(all.begin() + checked_index(who, c.has(1) ? integer_of(who, c.inputs[1]) : -1, n));
    c.outputs[0] = tensor::sequence(std::move(all));
  };
}

/// Sizes of the parts of a dimension of n: listed, or of one size with a shorter last one.
inline integers parts_of(op_label const& who, tensor const& split, std::int64_t n) {
  auto list = split ? integers_of(who, split.reshaped({split.size()})) : integers{1};
  if (split && split.rank() > 0) {
    check_parts(who, list, n);
    return list;
  }
  auto const size = list[0];
  if (size < 1) who.invalid("a part has " + std::to_string(size) + " elements");
  list.assign(static_cast<std::size_t>((n + size - 1) / size), size);
  if (n % size != 0) list.back() = n % size;
  return list;
}

inline operation prepare_split_to_sequence(preparation const& p) {
  expect_inputs(p, 1, 2);
  op_label const label{p};
  auto const at = p.get<std::int64_t>("axis", 0);
  bool const keep = p.has_input(1) || p.get<std::int64_t>("keepdims", 1) != 0;
  auto const cut = with_any_element([label, at](call& c) {
    split_along(c, axis_of(label, at, c.inputs[0].rank()), integers_of(label, c.inputs[1]));
  });
  return [who = label, at, keep, cut](call& c) {
    auto const axis = axis_of(who, at, c.inputs[0].rank());
    auto const parts = parts_of(who, c.has(1) ? c.inputs[1] : tensor{}, c.inputs[0].dims()[axis]);
    tensors in{c.inputs[0], tensor::of(shape{static_cast<std::int64_t>(parts.size())}, parts)}, out(parts.size());
    call inner{in, out, c.pool, c.memory};
    cut(inner);
    if (!keep)
      for (auto& t : out) t = t.reshaped(without_axis(t.dims(), axis));
    c.outputs[0] = tensor::sequence(std::move(out));
  };
}

inline operation prepare_concat_from_sequence(preparation const& p) {
  expect_inputs(p, 1, 1);
  op_label const label{p};
  auto const* axis = p.node.get<std::int64_t>("axis");
  if (axis == nullptr) label.invalid("has no axis");
  bool const stacks = p.get<std::int64_t>("new_axis", 0) != 0;
  return [who = label, at = *axis, stacks, join = concat_along(label, *axis)](call& c) {
    auto all = copied_items(who, c.inputs[0]);
    if (all.empty()) who.invalid("joins a sequence without tensors");
    if (stacks)
      for (auto& t : all) t = t.reshaped(with_axis(t.dims(), axis_of(who, at, t.rank() + 1), 1));
    call inner{all, c.outputs, c.pool, c.memory};
    join(inner);
  };
}

/// The body once for each tensor of the first sequence, beside those of other sequences at the same place; tensors go
/// to all.
inline operation prepare_sequence_map(preparation const& p) {
  expect_inputs(p, 1);
  return [who = op_label{p}, body = subgraph_of(p, "body")](call& c) {
    auto const n = items_of(who, c.inputs[0]).size();
    std::vector<tensors> made(c.outputs.size());
    for (std::size_t i = 0; i < n; ++i) {
      tensors in;
      for (auto const& x : c.inputs) {
        if (x.is_sequence() && x.items().size() != n) who.failed("the sequences have different lengths");
        in.push_back(x.is_sequence() ? x.items()[i] : x);
      }
      auto out = body(c, std::move(in));
      if (out.size() < made.size()) who.invalid("the body has " + std::to_string(out.size()) + " outputs");
      for (std::size_t k = 0; k < made.size(); ++k) made[k].push_back(std::move(out[k]));
    }
    for (std::size_t k = 0; k < made.size(); ++k) c.outputs[k] = tensor::sequence(std::move(made[k]));
  };
}

/// An optional value is the value itself; one without a value is not known.
inline operation prepare_optional(preparation const& p) {
  expect_inputs(p, 1, 1);
  return [](call& c) { c.outputs[0] = c.inputs[0]; };
}
inline operation prepare_optional_has_element(preparation const& p) {
  expect_inputs(p, 0, 1);
  return [](call& c) {
    auto& out = c.make(0, element::boolean, {});
    out.mutable_bytes()[0] = std::byte{c.has(0)};
  };
}

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry sequence_operators[] = {
    {"ConcatFromSequence", "", 11, &detail::prepare_concat_from_sequence},
    {"Optional", "", 15, &detail::prepare_optional},
    {"OptionalGetElement", "", 15, &detail::prepare_optional},
    {"OptionalHasElement", "", 15, &detail::prepare_optional_has_element},
    {"SequenceAt", "", 11, &detail::prepare_sequence_at},
    {"SequenceConstruct", "", 11, &detail::prepare_sequence_construct},
    {"SequenceEmpty", "", 11, &detail::prepare_sequence_empty},
    {"SequenceErase", "", 11, &detail::prepare_sequence_erase},
    {"SequenceInsert", "", 11, &detail::prepare_sequence_insert},
    {"SequenceLength", "", 11, &detail::prepare_sequence_length},
    {"SequenceMap", "", 17, &detail::prepare_sequence_map},
    {"SplitToSequence", "", 11, &detail::prepare_split_to_sequence},
};

}  // namespace octet
