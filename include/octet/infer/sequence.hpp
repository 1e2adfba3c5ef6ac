// Shapes of what goes into sequences and comes out of them. A sequence itself has no shape; its facts hold those that
// all of its tensors share.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include <octet/infer/inference.hpp>

namespace octet::detail {

/// A size that differs from tensor to tensor.
inline expression open_size() { return expression::symbol("?"); }
/// A tensor of the sequence, whose open sizes are symbols of its own.
inline std::optional<dimensions> one_item(inference& c, tensor_facts const& items) {
  auto dims = items.dims;
  for (std::size_t i = 0; dims && i < dims->size(); ++i)
    if ((*dims)[i] == open_size()) (*dims)[i] = c.fresh(0, i);
  return dims;
}

inline void set_items(inference& c, tensor_facts items) {
  items.values.reset();
  c.set(0, tensor_facts{.items = std::make_shared<tensor_facts>(std::move(items))});
}

inline tensor_facts common_facts(tensor_facts a, tensor_facts const& b) {
  if (a.type == element::undefined) a.type = b.type;
  if (!a.dims || !b.dims || a.dims->size() != b.dims->size()) a.dims.reset();
  for (std::size_t i = 0; a.dims && i < a.dims->size(); ++i)
    if ((*a.dims)[i] != (*b.dims)[i]) (*a.dims)[i] = open_size();
  return a;
}

inline void infer_sequence_empty(inference& c) {
  set_items(c, {.type = static_cast<element>(c.node.get<std::int64_t>("dtype", 1))});
}

inline void infer_sequence_construct(inference& c) {
  tensor_facts all = c.in(0);
  for (std::size_t i = 1; i < c.inputs(); ++i) all = common_facts(std::move(all), c.in(i));
  set_items(c, std::move(all));
}

inline void infer_sequence_insert(inference& c) {
  if (auto const& items = c.in(0).items) set_items(c, items->dims ? common_facts(*items, c.in(1)) : *items);
}

inline void infer_sequence_erase(inference& c) {
  if (c.in(0).items) c.set(0, c.in(0));
}

inline void infer_sequence_length(inference& c) { c.set(0, element::s64, dimensions{}); }

inline void infer_sequence_at(inference& c) {
  if (auto const& items = c.in(0).items) c.set(0, items->type, one_item(c, *items));
}

inline void infer_split_to_sequence(inference& c) {
  tensor_facts part{.type = c.type(0), .dims = c.dims(0)};
  if (part.dims) {
    auto const axis = axis_index(c.node.get<std::int64_t>("axis", 0), part.dims->size());
    auto& d = (*part.dims)[axis];
    auto const sizes = c.integers(1);
    if (!c.has(1) && c.node.get<std::int64_t>("keepdims", 1) == 0)
      part.dims->erase(part.dims->begin() + std::ptrdiff_t(axis));
    else if (!c.has(1)) d = 1;
    else if (sizes && sizes->size() == 1 && sizes->front() > 0 && d.is_number() && d.constant() % sizes->front() == 0)
      d = sizes->front();
    else d = open_size();
  }
  set_items(c, std::move(part));
}

inline void infer_concat_from_sequence(inference& c) {
  auto const& items = c.in(0).items;
  if (!items) return;
  c.type(0, items->type);
  if (!items->dims) return;
  auto out = *one_item(c, *items);
  bool const stacks = c.node.get<std::int64_t>("new_axis", 0) != 0;
  auto const axis = axis_index(c.node.get<std::int64_t>("axis", 0), out.size() + (stacks ? 1 : 0));
  if (stacks) out.insert(out.begin() + std::ptrdiff_t(axis), c.fresh(0, axis));
  else out[axis] = c.fresh(0, axis);
  c.shape(0, out);
}

inline constexpr inference_entry sequence_inference[] = {
    {"ConcatFromSequence", "", &infer_concat_from_sequence},
    {"SequenceAt", "", &infer_sequence_at},
    {"SequenceConstruct", "", &infer_sequence_construct},
    {"SequenceEmpty", "", &infer_sequence_empty},
    {"SequenceErase", "", &infer_sequence_erase},
    {"SequenceInsert", "", &infer_sequence_insert},
    {"SequenceLength", "", &infer_sequence_length},
    {"SplitToSequence", "", &infer_split_to_sequence},
};

}  // namespace octet::detail
