// Reductions over axes. The axes are brought to [outer, reduced, inner]; the order of a sum depends on the shape alone.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <octet/exec/ops/elementwise.hpp>
#include <octet/exec/ops/layout.hpp>
#include <octet/exec/ops/rows.hpp>

namespace octet::detail {

/// A tensor as [outer, n, inner], of which n is reduced; transposed first where the reduced axes lie apart.
struct reduction_view {
  tensor in{};
  std::int64_t outer = 1, n = 1, inner = 1;
  shape kept{};     ///< the result's shape with reduced axes as 1
  shape dropped{};  ///< and without them

  reduction_view(call& c, op_label const& who, tensor const& t, std::vector<char> const& reduced) : in{t} {
    auto const& d = t.dims();
    integers all, rest;
    for (std::size_t i = 0; i < d.rank(); ++i) {
      all.push_back(reduced[i] != 0 ? 1 : d[i]);
      if (reduced[i] == 0) rest.push_back(d[i]);
    }
    kept = shape_of(all), dropped = shape_of(rest);
    std::size_t first = 0, last = d.rank();
    while (first < last && reduced[first] == 0) ++first;
    while (last > first && reduced[last - 1] == 0) --last;
    if (std::count(reduced.begin() + std::ptrdiff_t(first), reduced.begin() + std::ptrdiff_t(last), 0) == 0) {
      outer = d.product(0, first), n = d.product(first, last), inner = d.product(last, d.rank());
      return;
    }
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < d.rank(); ++i)
      if (reduced[i] == 0) order.push_back(i);
    for (std::size_t i = 0; i < d.rank(); ++i)
      if (reduced[i] != 0) order.push_back(i);
    in = transposed(c, who, t, order);
    outer = dropped.size(), n = in.dims().product(dropped.rank(), d.rank());
  }
};

/// Sums: what is added, and what becomes of a total of n terms.
struct sum_reduction {
  template <class A>
  static A term(A x) {
    return x;
  }
  template <class A>
  static A finish(A a, std::int64_t) {
    return a;
  }
};
struct mean_reduction : sum_reduction {
  template <class A>
  static A finish(A a, std::int64_t n) {
    if constexpr (std::is_integral_v<A>) return n == 0 ? A(0) : static_cast<A>(a / n);
    else return a / static_cast<A>(n);
  }
};
struct l1_reduction : sum_reduction {
  template <class A>
  static A term(A x) {
    using std::abs;
    if constexpr (std::is_integral_v<A>) return x < 0 ? static_cast<A>(0u - std::uint64_t(x)) : x;
    else return abs(x);
  }
};
struct square_reduction : sum_reduction {
  template <class A>
  static A term(A x) {
    return mul_op{}(x, x);
  }
};
struct l2_reduction : square_reduction {
  template <class A>
  static A finish(A a, std::int64_t) {
    return static_cast<A>(std::sqrt(double(a)));
  }
};
struct log_sum_reduction : sum_reduction {
  template <class A>
  static A finish(A a, std::int64_t) {
    return static_cast<A>(std::log(double(a)));
  }
};

/// What sums are kept in: 64 bits.
template <class T>
using total_of = std::conditional_t<std::is_integral_v<T>, std::int64_t, double>;

template <class R, class T>
T reduce_row(T const* x, std::int64_t n) {
  if constexpr (std::is_floating_point_v<T>)
    if (n >= 16) return static_cast<T>(R::finish(row_sum_of(x, n, [](auto e) { return R::term(e); }), n));
  total_of<T> sum = 0;
  for (std::int64_t k = 0; k < n; ++k) sum = add_op{}(sum, R::term(static_cast<total_of<T>>(x[k])));
  return static_cast<T>(R::finish(sum, n));
}

/// [outer, n, inner] → [outer, inner] for the sums above.
template <class R, class T>
void reduce_sum(call& c, reduction_view const& v, T* out) {
  auto const* const in = v.in.as<T>().data();
  constexpr std::int64_t block = 64;
  auto const blocks = (v.inner + block - 1) / block;
  for_rows(c.pool, v.outer * blocks, v.n * std::min(v.inner, block), [&](std::int64_t begin, std::int64_t end) {
    for (auto r = begin; r < end; ++r) {
      auto const o = r / blocks, at = r % blocks * block, m = std::min(block, v.inner - at);
      T const* x = in + o * v.n * v.inner + at;
      T* const y = out + o * v.inner + at;
      if (v.inner == 1) {
        *y = reduce_row<R>(x, v.n);
        continue;
      }
      total_of<T> sum[block] = {};
      for (std::int64_t k = 0; k < v.n; ++k, x += v.inner)
        for (std::int64_t i = 0; i < m; ++i) sum[i] = add_op{}(sum[i], R::term(static_cast<total_of<T>>(x[i])));
      for (std::int64_t i = 0; i < m; ++i) y[i] = static_cast<T>(R::finish(sum[i], v.n));
    }
  });
}

/// The same for an operation that keeps the type: Op from `start` on.
template <class Op, class T>
void reduce_fold(call& c, reduction_view const& v, T* out, T start) {
  auto const* const in = v.in.as<T>().data();
  Op const op;
  for_rows(c.pool, v.outer, v.n * v.inner, [&](std::int64_t begin, std::int64_t end) {
    for (auto o = begin; o < end; ++o) {
      T const* x = in + o * v.n * v.inner;
      T* const y = out + o * v.inner;
      if constexpr (std::is_same_v<T, float> && !std::is_same_v<Op, mul_op>)
        if (v.inner == 1) {
          *y = row_extreme<Op>(x, v.n, start);
          continue;
        }
      std::fill(y, y + v.inner, start);
      for (std::int64_t k = 0; k < v.n; ++k, x += v.inner)
        for (std::int64_t i = 0; i < v.inner; ++i) y[i] = op(y[i], x[i]);
    }
  });
}

/// ln Σ eˣ, shifted by the largest value.
template <class T>
void reduce_log_sum_exp(call& c, reduction_view const& v, T* out) {
  auto const* const in = v.in.as<T>().data();
  for_rows(c.pool, v.outer, v.n * v.inner, [&](std::int64_t begin, std::int64_t end) {
    for (auto o = begin; o < end; ++o)
      for (std::int64_t i = 0; i < v.inner; ++i) {
        T const* const x = in + o * v.n * v.inner + i;
        double top = -std::numeric_limits<double>::infinity(), sum = 0;
        for (std::int64_t k = 0; k < v.n; ++k) top = max_op{}(top, double(x[k * v.inner]));
        if (std::isinf(top)) {
          out[o * v.inner + i] = static_cast<T>(top);
          continue;
        }
        for (std::int64_t k = 0; k < v.n; ++k) sum += std::exp(double(x[k * v.inner]) - top);
        out[o * v.inner + i] = static_cast<T>(top + std::log(sum));
      }
  });
}

/// Axes to reduce, their default being all.
struct reduction_axes {
  integer_argument given;
  bool keep = true, none_when_empty = false;

  reduction_axes(preparation const& p)
      : given{p, "axes", 1},
        keep{p.get<std::int64_t>("keepdims", 1) != 0},
        none_when_empty{p.get<std::int64_t>("noop_with_empty_axes", 0) != 0} {}
  std::vector<char> read(op_label const& who, call const& c) const {
    auto const rank = c.inputs[0].rank();
    auto const axes = given.read(who, c).value_or(integers{});
    std::vector<char> r(rank, axes.empty() && !none_when_empty);
    for (auto const a : axes_of(who, axes, rank)) r[a] = 1;
    return r;
  }
};

/// F is called with the view and typed results.
template <class List, class F>
operation reduction(preparation const& p, List, F f) {
  expect_inputs(p, 1, 2);
  return with_half([who = op_label{p}, axes = reduction_axes{p}, f](call& c) {
    auto const reduced = axes.read(who, c);
    auto const type = c.inputs[0].type();
    visit(who, type == element::boolean ? element::u8 : type, List{}, [&]<class T>(T) {
      reduction_view const v{c, who, c.inputs[0], reduced};
      tensor out = c.memory.make(type, axes.keep ? v.kept : v.dropped);
      if (out.size() != 0) f(c, v, out.template mutable_as<T>().data());
      c.outputs[0] = out;
    });
  });
}

using sum_types = types<float, double, std::int32_t, std::int64_t, std::uint32_t, std::uint64_t>;
template <class R>
operation sum_like(preparation const& p) {
  return reduction(p, sum_types{}, []<class T>(call& c, reduction_view const& v, T* out) { reduce_sum<R>(c, v, out); });
}
inline operation prepare_reduce_sum(preparation const& p) { return sum_like<sum_reduction>(p); }
inline operation prepare_reduce_mean(preparation const& p) { return sum_like<mean_reduction>(p); }
inline operation prepare_reduce_l1(preparation const& p) { return sum_like<l1_reduction>(p); }
inline operation prepare_reduce_l2(preparation const& p) { return sum_like<l2_reduction>(p); }
inline operation prepare_reduce_sum_square(preparation const& p) { return sum_like<square_reduction>(p); }
inline operation prepare_reduce_log_sum(preparation const& p) { return sum_like<log_sum_reduction>(p); }
inline operation prepare_reduce_log_sum_exp(preparation const& p) {
  return reduction(p, sum_types{},
                   []<class T>(call& c, reduction_view const& v, T* out) { reduce_log_sum_exp(c, v, out); });
}
inline operation prepare_reduce_prod(preparation const& p) {
  return reduction(p, sum_types{},
                   []<class T>(call& c, reduction_view const& v, T* out) { reduce_fold<mul_op>(c, v, out, T(1)); });
}
template <class T>
constexpr T below_all() {
  return std::is_floating_point_v<T> ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
}
template <class T>
constexpr T above_all() {
  return std::is_floating_point_v<T> ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
}
inline operation prepare_reduce_max(preparation const& p) {
  return reduction(p, number_types{}, []<class T>(call& c, reduction_view const& v, T* out) {
    reduce_fold<max_op>(c, v, out, below_all<T>());
  });
}
inline operation prepare_reduce_min(preparation const& p) {
  return reduction(p, number_types{}, []<class T>(call& c, reduction_view const& v, T* out) {
    reduce_fold<min_op>(c, v, out, above_all<T>());
  });
}

/// The first (or last) place of the largest or smallest value.
template <class Better>
operation arg_extreme(preparation const& p) {
  expect_inputs(p, 1, 1);
  bool const last = p.get<std::int64_t>("select_last_index", 0) != 0, keep = p.get<std::int64_t>("keepdims", 1) != 0;
  return with_half([who = op_label{p}, at = p.get<std::int64_t>("axis", 0), last, keep](call& c) {
    auto const rank = c.inputs[0].rank();
    std::vector<char> reduced(rank);
    reduced[axis_of(who, at, rank)] = 1;
    visit(who, c.inputs[0].type(), number_types{}, [&]<class T>(T) {
      reduction_view const v{c, who, c.inputs[0], reduced};
      auto& out = c.make(0, element::s64, keep ? v.kept : v.dropped);
      if (out.size() == 0) return;
      if (v.n == 0) who.failed("an empty dimension has no largest or smallest element");
      auto* const y = out.template mutable_as<std::int64_t>().data();
      auto const* const in = v.in.template as<T>().data();
      Better const better;
      for_rows(c.pool, v.outer, v.n * v.inner, [&](std::int64_t begin, std::int64_t end) {
        for (auto o = begin; o < end; ++o)
          for (std::int64_t i = 0; i < v.inner; ++i) {
            T const* const x = in + o * v.n * v.inner + i;
            std::int64_t best = 0;
            for (std::int64_t k = 1; k < v.n; ++k) {
              T const a = x[k * v.inner], b = x[best * v.inner];
              if (better(a, b) || (last && a == b)) best = k;
            }
            y[o * v.inner + i] = best;
          }
      });
    });
  });
}
struct larger {
  template <class T>
  bool operator()(T a, T b) const {
    return a > b || (a != a && b == b);
  }
};
struct smaller {
  template <class T>
  bool operator()(T a, T b) const {
    return a < b || (a != a && b == b);
  }
};
inline operation prepare_arg_max(preparation const& p) { return arg_extreme<larger>(p); }
inline operation prepare_arg_min(preparation const& p) { return arg_extreme<smaller>(p); }

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry reduction_operators[] = {
    {"ArgMax", "", 1, &detail::prepare_arg_max},
    {"ArgMin", "", 1, &detail::prepare_arg_min},
    {"ReduceL1", "", 1, &detail::prepare_reduce_l1},
    {"ReduceL2", "", 1, &detail::prepare_reduce_l2},
    {"ReduceLogSum", "", 1, &detail::prepare_reduce_log_sum},
    {"ReduceLogSumExp", "", 1, &detail::prepare_reduce_log_sum_exp},
    {"ReduceMax", "", 1, &detail::prepare_reduce_max},
    {"ReduceMean", "", 1, &detail::prepare_reduce_mean},
    {"ReduceMin", "", 1, &detail::prepare_reduce_min},
    {"ReduceProd", "", 1, &detail::prepare_reduce_prod},
    {"ReduceSum", "", 1, &detail::prepare_reduce_sum},
    {"ReduceSumSquare", "", 1, &detail::prepare_reduce_sum_square},
};

}  // namespace octet
