// Which scale and zero point belong to which element: one for the tensor, one for each slice of an axis, or one for
// each block along it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <octet/exec/ops/convert.hpp>

namespace octet::detail {

/// Scales and zero points of a tensor, and how elements find theirs.
struct element_grids {
  std::vector<float> scales{};
  std::vector<std::int64_t> zeros{};
  std::int64_t axis = 1, inner = 1, block = 0;  ///< size of the axis, elements behind it, length of a block (0: none)

  bool one() const { return scales.size() == 1; }
  std::size_t at(std::int64_t i) const {
    if (one()) return 0;
    auto const d = i / inner % axis;
    if (block == 0) return static_cast<std::size_t>(d);
    auto const blocks = (axis + block - 1) / block;
    return static_cast<std::size_t>((i / inner / axis * blocks + d / block) * inner + i % inner);
  }
  /// Elements from i on that have the grid of i.
  std::int64_t run(std::int64_t i, std::int64_t most) const {
    if (one()) return most;
    if (block != 0 && inner != 1) return 1;
    auto const length = block == 0 ? inner : block;
    auto const into = block == 0 ? i % inner : i / inner % axis % block;
    auto const rest = block == 0 ? length - into : std::min(length - into, axis - i % axis);
    return std::min(rest, most);
  }
};

/// The attributes that choose a grid.
struct grid_attributes {
  std::int64_t axis = 1, block = 0;

  explicit grid_attributes(preparation const& p)
      : axis{p.get("axis", std::int64_t{1})}, block{p.get("block_size", std::int64_t{0})} {}
};

inline std::vector<float> all_floats(op_label const& who, tensor const& t) {
  if (carrier_of(t.type()) != carrier::f32)
    who.unsupported("a scale of type " + onnx_name(t.type()) + " is not supported");
  std::vector<float> r(static_cast<std::size_t>(t.size()));
  load_floats(t.type(), t.bytes().data(), 0, t.size(), r.data());
  return r;
}

/// Zero points as integers; those of floating point types must be 0 and count as that.
inline std::vector<std::int64_t> all_integers(op_label const& who, tensor const& t) {
  std::vector<std::int64_t> r(static_cast<std::size_t>(t.size()), 0);
  if (carrier_of(t.type()) == carrier::f32) return r;
  if (carrier_of(t.type()) != carrier::s64 || t.type() == element::s64)
    who.unsupported("zero points of type " + onnx_name(t.type()) + " are not supported");
  load_integers(t.type(), t.bytes().data(), 0, t.size(), r.data());
  return r;
}

/// Reads the grids of a tensor of shape `x`; throws `invalid` where scale, zero point and x do not fit.
inline element_grids read_grids(op_label const& who, grid_attributes const& a, shape const& x, tensor const& scale,
                                tensor const* zero) {
  element_grids g{.scales = all_floats(who, scale)};
  if (zero != nullptr && zero->dims() != scale.dims() && !(zero->size() == 1 && scale.size() == 1))
    who.invalid("scale of shape " + scale.dims().text() + " and zero point of shape " + zero->dims().text() +
                " differ");
  g.zeros = zero == nullptr ? std::vector<std::int64_t>(g.scales.size(), 0) : all_integers(who, *zero);
  if (a.block < 0) who.invalid("a block size of " + std::to_string(a.block));
  if (a.block == 0 && scale.size() == 1 && (scale.rank() == 0 || x.rank() == 0 || scale.rank() == 1)) return g;
  auto const axis = x.axis(a.axis);
  g.axis = x[axis], g.inner = x.product(axis + 1, x.rank()), g.block = a.block;
  shape want{g.axis};
  if (a.block > 0) want = x, want[axis] = (g.axis + a.block - 1) / a.block;
  if (scale.dims() != want)
    who.invalid("a scale of shape " + scale.dims().text() + " does not fit an input of shape " + x.text() + ": " +
                want.text() + " would");
  return g;
}

}  // namespace octet::detail
