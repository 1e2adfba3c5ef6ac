// Softmax, LogSoftmax, Hardmax: passes over rows. Before opset 13 a row is everything from the axis on.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <octet/exec/ops/elementwise.hpp>
#include <octet/exec/ops/layout.hpp>
#include <octet/exec/ops/rows.hpp>

namespace octet::detail {

/// y = e^(x − top), and the sum of that; y may be x.
inline double exp_row(float const* x, float* y, std::int64_t n, float top) {
  floats const shift(top);
  map_floats(x, y, n, [&](floats v) { return xsimd::exp(v - shift); });
  return row_sum(y, n);
}
inline double exp_row(double const* x, double* y, std::int64_t n, double top) {
  for (std::int64_t i = 0; i < n; ++i) y[i] = std::exp(x[i] - top);
  return row_sum(y, n);
}

/// One row; y may be x.
template <class T>
void softmax_row(T const* x, T* y, std::int64_t n) {
  T const top = row_extreme<max_op>(x, n, -std::numeric_limits<T>::infinity());
  double const sum = exp_row(x, y, n, top);
  scale_row(y, y, n, static_cast<T>(1 / sum), T(0));
}
template <class T>
void log_softmax_row(T const* x, T* y, std::int64_t n) {
  T const top = row_extreme<max_op>(x, n, -std::numeric_limits<T>::infinity());
  double const sum = row_sum_of(x, n, [top](auto v) {
    using std::exp;
    return exp(v - decltype(v)(top));
  });
  T const shift = static_cast<T>(std::log(sum));
  map_row(x, y, n, [=](auto v) { return v - decltype(v)(top) - decltype(v)(shift); });
}
template <class T>
void hardmax_row(T const* x, T* y, std::int64_t n) {
  auto const best = std::max_element(x, x + n) - x;
  std::fill(y, y + n, T(0));
  y[best] = 1;
}

/// F{}(x, y, n) on every row along the axis.
template <class F>
operation along_axis(preparation const& p) {
  expect_inputs(p, 1, 1);
  bool const old = p.opset < 13;
  return with_half([who = op_label{p}, old, at = p.get<std::int64_t>("axis", old ? 1 : -1)](call& c) {
    auto const dims = c.inputs[0].dims();
    auto const rank = dims.rank();
    bool const behind_all = old && at == std::int64_t(rank);
    auto const axis = behind_all ? rank : axis_of(who, at, std::max<std::size_t>(rank, 1));
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < rank; ++i)
      if (i != axis) order.push_back(i);
    if (rank != 0) order.push_back(axis);
    bool const moved = !old && axis + 1 < rank;
    if (moved) c.inputs[0] = transposed(c, who, c.inputs[0], order);
    auto const n = rank == 0 ? 1 : old ? dims.product(axis, rank) : dims[axis];
    auto const rows = n == 0 ? 0 : dims.size() / n;
    visit(who, c.inputs[0].type(), float_types{}, [&]<class T>(T) {
      auto const* const x = c.inputs[0].as<T>().data();
      shape const inner = c.inputs[0].dims();
      auto* const y = c.make_over(0, 0, c.inputs[0].type(), inner).template mutable_as<T>().data();
      for_rows(c.pool, rows, n, [&](std::int64_t begin, std::int64_t end) {
        for (auto i = begin; i < end; ++i) F{}(x + i * n, y + i * n, n);
      });
    });
    if (!moved) return;
    std::vector<std::size_t> back(rank);
    for (std::size_t i = 0; i < rank; ++i) back[order[i]] = i;
    c.outputs[0] = transposed(c, who, c.outputs[0], back);
  });
}

struct softmax_rows {
  template <class T>
  void operator()(T const* x, T* y, std::int64_t n) const {
    softmax_row(x, y, n);
  }
};
struct log_softmax_rows {
  template <class T>
  void operator()(T const* x, T* y, std::int64_t n) const {
    log_softmax_row(x, y, n);
  }
};
struct hardmax_rows {
  template <class T>
  void operator()(T const* x, T* y, std::int64_t n) const {
    hardmax_row(x, y, n);
  }
};
inline operation prepare_softmax(preparation const& p) { return along_axis<softmax_rows>(p); }
inline operation prepare_log_softmax(preparation const& p) { return along_axis<log_softmax_rows>(p); }
inline operation prepare_hardmax(preparation const& p) { return along_axis<hardmax_rows>(p); }

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry softmax_operators[] = {
    {"Hardmax", "", 1, &detail::prepare_hardmax},
    {"LogSoftmax", "", 1, &detail::prepare_log_softmax},
    {"Softmax", "", 1, &detail::prepare_softmax},
};

}  // namespace octet
