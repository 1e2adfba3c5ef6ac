// Numbers that steer an operator: axes, sizes and the like, from an attribute in old operator sets, from an input in
// new ones.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <octet/exec/ops/visit.hpp>

namespace octet::detail {

using integers = std::vector<std::int64_t>;

/// A list of integers (INT32 or INT64) of rank 0 or 1.
inline integers integers_of(op_label const& who, tensor const& t) {
  if (t.rank() > 1) who.invalid("a list of integers has shape " + t.dims().text());
  integers r;
  visit(who, t.type(), types<std::int64_t, std::int32_t>{}, [&]<class T>(T) {
    auto const v = t.as<T>();
    r.assign(v.begin(), v.end());
  });
  return r;
}

/// One integer from a tensor with one element.
inline std::int64_t integer_of(op_label const& who, tensor const& t) {
  if (t.size() != 1) who.invalid("one integer is expected, not shape " + t.dims().text());
  return integers_of(who, t.reshaped({1}))[0];
}

/// Where a list of integers comes from: attribute `key` when the node has it, else input `index`.
class integer_argument {
 public:
  integer_argument(preparation const& p, std::string_view key, std::size_t index) : index_{index} {
    if (auto const* list = p.node.get<integers>(key)) given_ = *list;
    else if (auto const* one = p.node.get<std::int64_t>(key)) given_ = integers{*one};
  }
  /// The list; nothing when the node has neither.
  std::optional<integers> read(op_label const& who, call const& c) const {
    if (given_) return given_;
    if (!c.has(index_)) return std::nullopt;
    return integers_of(who, c.inputs[index_]);
  }
  integers required(op_label const& who, call const& c, std::string_view name) const {
    auto r = read(who, c);
    if (!r) who.invalid("has no " + std::string{name});
    return *std::move(r);
  }

 private:
  std::optional<integers> given_{};
  std::size_t index_;
};

/// Axes of a tensor of that rank, each once, as indices from the front.
inline std::vector<std::size_t> axes_of(op_label const& who, integers const& axes, std::size_t rank) {
  std::vector<std::size_t> r;
  auto const n = static_cast<std::int64_t>(rank);
  for (auto const a : axes) {
    if (a < -n || a >= n) who.invalid("axis " + std::to_string(a) + " is outside of rank " + std::to_string(rank));
    auto const axis = static_cast<std::size_t>(a < 0 ? a + n : a);
    if (std::find(r.begin(), r.end(), axis) != r.end()) who.invalid("axis " + std::to_string(a) + " is given twice");
    r.push_back(axis);
  }
  return r;
}
inline std::size_t axis_of(op_label const& who, std::int64_t axis, std::size_t rank) {
  return axes_of(who, {axis}, rank)[0];
}

/// An index as one from the front; throws `runtime` outside of [−n, n).
inline std::int64_t checked_index(op_label const& who, std::int64_t i, std::int64_t n) {
  if (i < -n || i >= n) who.failed("index " + std::to_string(i) + " is outside of a dimension of " + std::to_string(n));
  return i < 0 ? i + n : i;
}

inline shape shape_of(integers const& dims) { return shape{std::span<std::int64_t const>{dims}}; }
inline shape without_axis(shape const& s, std::size_t axis) {
  integers dims(s.begin(), s.end());
  dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(axis));
  return shape_of(dims);
}
/// A new axis of n elements in front of axis `axis`, or as the last one.
inline shape with_axis(shape const& s, std::size_t axis, std::int64_t n) {
  integers dims(s.begin(), s.end());
  dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(axis), n);
  return shape_of(dims);
}

}  // namespace octet::detail
