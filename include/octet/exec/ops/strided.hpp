// Copies with strides: what Transpose, Slice, Expand, Tile and their like have in common. Elements are moved by width.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include <octet/exec/ops/visit.hpp>
#include <octet/kernels/transpose.hpp>

namespace octet::detail {

/// How a result is read out of a tensor: element (i₀, …) is at offset + Σ iₖ · strideₖ. Strides may be 0 or negative.
class strided_view {
 public:
  std::int64_t offset = 0;
  std::vector<std::int64_t> dims{}, strides{};

  void add(std::int64_t dim, std::int64_t stride) { dims.push_back(dim), strides.push_back(stride); }

  /// Merges dimensions that one loop can walk; at least one is left.
  void collapse() {
    std::size_t kept = 0;
    for (std::size_t d = 0; d < dims.size(); ++d) {
      if (dims[d] == 1) continue;
      if (kept != 0 && strides[kept - 1] == strides[d] * dims[d]) {
        dims[kept - 1] *= dims[d], strides[kept - 1] = strides[d];
      } else {
        dims[kept] = dims[d], strides[kept++] = strides[d];
      }
    }
    dims.resize(kept), strides.resize(kept);
    if (kept == 0) add(1, 1);
  }
  /// After `collapse`: the result is the tensor's elements in their order.
  bool contiguous() const { return dims.size() == 1 && strides[0] == 1 && offset == 0; }
};

/// Walks the positions of `dims` in order, keeping an offset for given strides.
class odometer {
 public:
  odometer(std::vector<std::int64_t> const& dims, std::vector<std::int64_t> const& strides, std::int64_t start)
      : dims_{dims}, strides_{strides}, at_(dims.size()) {
    for (std::size_t d = dims.size(); d-- != 0; start /= dims[d])
      at_[d] = start % dims[d], offset += at_[d] * strides[d];
  }
  void next() {
    for (std::size_t d = dims_.size(); d-- != 0;) {
      offset += strides_[d];
      if (++at_[d] < dims_[d]) return;
      offset -= dims_[d] * strides_[d];
      at_[d] = 0;
    }
  }
  std::int64_t offset = 0;

 private:
  std::vector<std::int64_t> const& dims_;
  std::vector<std::int64_t> const& strides_;
  std::vector<std::int64_t> at_;
};

template <class T>
void copy_run(T const* in, std::int64_t stride, T* out, std::int64_t n) {
  if (stride == 1) std::memcpy(out, in, std::size_t(n) * sizeof(T));
  else if (stride == 0) std::fill(out, out + n, *in);
  else
    for (std::int64_t i = 0; i < n; ++i) out[i] = in[i * stride];
}

/// Rows of the last dimension, one after the other.
template <class T>
void copy_rows(call& c, T const* in, strided_view const& v, T* out) {
  auto dims = v.dims, steps = v.strides;
  auto const n = dims.back(), stride = steps.back();
  dims.pop_back(), steps.pop_back();
  std::int64_t rows = 1;
  for (auto const d : dims) rows *= d;
  if (rows == 1) {
    for_elements(c.pool, n, [&](std::int64_t begin, std::int64_t end) {
      copy_run(in + v.offset + begin * stride, stride, out + begin, end - begin);
    });
    return;
  }
  for_rows(c.pool, rows, n, [&](std::int64_t begin, std::int64_t end) {
    odometer at{dims, steps, begin};
    for (auto r = begin; r < end; ++r, at.next()) copy_run(in + v.offset + at.offset, stride, out + r * n, n);
  });
}

/// Dimension `k`, consecutive in the input, and the last one, consecutive in the result, block by block.
template <class T>
void copy_blocks(call& c, T const* in, strided_view const& v, T* out, std::size_t k) {
  constexpr std::int64_t block = 64 / sizeof(T);
  auto const last = v.dims.size() - 1;
  std::int64_t const columns = v.dims[last], from = v.strides[last], height = v.dims[k];
  std::vector<std::int64_t> dims, steps, to;
  std::int64_t outer = 1, step = 1, out_step = 1;
  for (std::size_t d = last + 1; d-- != 0; step *= v.dims[d]) {
    if (d == k) out_step = step;
    if (d == k || d == last) continue;
    dims.insert(dims.begin(), v.dims[d]), steps.insert(steps.begin(), v.strides[d]), to.insert(to.begin(), step);
    outer *= v.dims[d];
  }
  std::int64_t const bands = (height + block - 1) / block;
  for_rows(c.pool, outer * bands, block * columns, [&](std::int64_t begin, std::int64_t end) {
    odometer a{dims, steps, begin / bands}, b{dims, to, begin / bands};
    for (auto r = begin; r < end; ++r) {
      if (r != begin && r % bands == 0) a.next(), b.next();
      auto const i = r % bands * block, rows = std::min(block, height - i);
      kernels::transpose(matrix<T const>{in + v.offset + a.offset + i, columns, rows, from},
                         out + b.offset + i * out_step, out_step);
    }
  });
}

/// Fills `out` with the elements that the view picks; both have the same element type, and all offsets lie in `in`.
inline void copy_strided(call& c, op_label const& who, tensor const& in, strided_view v, tensor& out) {
  if (out.size() == 0) return;
  v.collapse();
  visit_width(who, in.type(), [&]<class T>(T) {
    auto const* const x = reinterpret_cast<T const*>(in.bytes().data());
    auto* const y = reinterpret_cast<T*>(out.mutable_bytes().data());
    auto const last = v.dims.size() - 1;
    auto const unit = std::find(v.strides.begin(), v.strides.end(), 1);
    if (v.strides[last] > 1 && unit != v.strides.end() && *(unit) == 1 && v.dims[last] > 1)
      copy_blocks(c, x, v, y, static_cast<std::size_t>(unit - v.strides.begin()));
    else copy_rows(c, x, v, y);
  });
}

}  // namespace octet::detail
