// Elements chosen by value: TopK, NonZero, NonMaxSuppression, Unique.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <octet/exec/ops/adapt.hpp>
#include <octet/exec/ops/arguments.hpp>
#include <octet/exec/ops/layout.hpp>

namespace octet::detail {

/// The order with `axis` last, and its inverse.
inline std::pair<std::vector<std::size_t>, std::vector<std::size_t>> axis_last(std::size_t rank, std::size_t axis) {
  std::vector<std::size_t> order, back(rank);
  for (std::size_t i = 0; i < rank; ++i)
    if (i != axis) order.push_back(i);
  order.push_back(axis);
  for (std::size_t i = 0; i < rank; ++i) back[order[i]] = i;
  return {order, back};
}

/// A before b: larger (or smaller) first, NaN counting as the largest, equal ones by place.
template <class T>
struct top_order {
  T const* x;
  bool largest;
  bool operator()(std::int64_t a, std::int64_t b) const {
    T const p = x[a], q = x[b];
    bool const above = p > q || (p != p && q == q), below = p < q || (p == p && q != q);
    return above || below ? above == largest : a < b;
  }
};

inline operation prepare_top_k(preparation const& p) {
  bool const input = p.opset >= 10;
  expect_inputs(p, input ? 2 : 1, 2);
  bool const largest = p.get<std::int64_t>("largest", 1) != 0;
  return with_half([who = op_label{p}, input, largest, at = p.get<std::int64_t>("axis", -1),
                    fixed = p.get<std::int64_t>("k", -1)](call& c) {
    auto const k = input ? integer_of(who, c.inputs[1]) : fixed;
    auto const rank = c.inputs[0].rank(), axis = axis_of(who, at, rank);
    if (k < 0 || k > c.inputs[0].dims()[axis])
      who.invalid("cannot take " + std::to_string(k) + " elements of " + c.inputs[0].dims().text());
    auto const [order, back] = axis_last(rank, axis);
    tensor const in = transposed(c, who, c.inputs[0], order);
    auto const n = in.dims()[rank - 1], rows = in.dims().product(0, rank - 1);
    shape dims = in.dims();
    dims[rank - 1] = k;
    tensor best = c.memory.make(in.type(), dims), places = c.memory.make(element::s64, dims);
    visit(who, in.type(), number_types{}, [&]<class T>(T) {
      auto const* const x = in.as<T>().data();
      auto* const y = best.mutable_as<T>().data();
      auto* const z = places.mutable_as<std::int64_t>().data();
      for_rows(c.pool, k == 0 ? 0 : rows, n, [&](std::int64_t begin, std::int64_t end) {
        std::vector<std::int64_t> all(std::size_t(n), 0);
        for (auto r = begin; r < end; ++r) {
          std::iota(all.begin(), all.end(), 0);
          std::partial_sort(all.begin(), all.begin() + k, all.end(), top_order<T>{x + r * n, largest});
          for (std::int64_t i = 0; i < k; ++i)
            z[r * k + i] = all[std::size_t(i)], y[r * k + i] = x[r * n + all[std::size_t(i)]];
        }
      });
    });
    c.outputs[0] = transposed(c, who, best, back);
    if (c.outputs.size() > 1) c.outputs[1] = transposed(c, who, places, back);
  });
}

inline operation prepare_non_zero(preparation const& p) {
  expect_inputs(p, 1, 1);
  return with_half([who = op_label{p}](call& c) {
    auto const& in = c.inputs[0];
    integers found;
    visit(who, in.type() == element::boolean ? element::u8 : in.type(), number_types{}, [&]<class T>(T) {
      auto const x = in.as<T>();
      for (std::size_t i = 0; i < x.size(); ++i)
        if (x[i] != T(0)) found.push_back(std::int64_t(i));
    });
    auto const rank = in.rank();
    auto const n = std::int64_t(found.size());
    auto const step = strides(in.dims());
    auto const y = c.make(0, element::s64, {std::int64_t(rank), n}).mutable_as<std::int64_t>();
    for (std::size_t d = 0; d < rank; ++d)
      for (std::int64_t i = 0; i < n; ++i)
        y[d * std::size_t(n) + std::size_t(i)] = found[std::size_t(i)] / step[d] % in.dims()[d];
  });
}

struct box {
  float top, left, bottom, right;

  static box corners(float const* b) {
    return {std::min(b[0], b[2]), std::min(b[1], b[3]), std::max(b[0], b[2]), std::max(b[1], b[3])};
  }
  static box center(float const* b) { return {b[1] - b[3] / 2, b[0] - b[2] / 2, b[1] + b[3] / 2, b[0] + b[2] / 2}; }
  float area() const { return (bottom - top) * (right - left); }
  /// Whether the boxes overlap by more than `limit` of what both cover.
  bool overlaps(box const& o, float limit) const {
    float const height = std::min(bottom, o.bottom) - std::max(top, o.top),
                width = std::min(right, o.right) - std::max(left, o.left);
    if (!(height > 0) || !(width > 0) || !(area() > 0) || !(o.area() > 0)) return false;
    float const both = height * width;
    return both / (area() + o.area() - both) > limit;
  }
};

/// Boxes of one class in falling order of scores, each kept unless a better one covers it.
inline integers suppress(std::vector<box> const& boxes, float const* scores, std::int64_t most, float overlap,
                         float least, bool has_least) {
  integers order, kept;
  for (std::size_t i = 0; i < boxes.size(); ++i)
    if (!has_least || scores[i] > least) order.push_back(std::int64_t(i));
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return top_order<float>{scores, true}(a, b); });
  for (auto const i : order) {
    if (std::int64_t(kept.size()) >= most) break;
    auto const& b = boxes[std::size_t(i)];
    if (std::none_of(kept.begin(), kept.end(), [&](auto k) { return b.overlaps(boxes[std::size_t(k)], overlap); }))
      kept.push_back(i);
  }
  return kept;
}

inline operation prepare_non_max_suppression(preparation const& p) {
  expect_inputs(p, 2, 5);
  return with_half([who = op_label{p}, center = p.get<std::int64_t>("center_point_box", 0) != 0](call& c) {
    auto const &boxes = c.inputs[0], &scores = c.inputs[1];
    auto const b = boxes.dims(), s = scores.dims();
    if (b.rank() != 3 || s.rank() != 3 || b[2] != 4 || b[0] != s[0] || b[1] != s[2])
      who.invalid("boxes of shape " + b.text() + " do not fit scores of shape " + s.text());
    auto const number = [&](std::size_t i) {
      if (c.inputs[i].size() != 1 || c.inputs[i].type() != element::f32) who.invalid("a threshold is not one float");
      return c.inputs[i].as<float>()[0];
    };
    auto const most = c.has(2) ? integer_of(who, c.inputs[2]) : 0;
    float const overlap = c.has(3) ? number(3) : 0, least = c.has(4) ? number(4) : 0;
    auto const x = boxes.as<float>(), y = scores.as<float>();
    integers all;
    for (std::int64_t i = 0; i < b[0] && b[1] != 0; ++i) {
      std::vector<box> here;
      for (std::int64_t k = 0; k < b[1]; ++k) {
        auto const* const at = x.data() + (i * b[1] + k) * 4;
        here.push_back(center ? box::center(at) : box::corners(at));
      }
      for (std::int64_t k = 0; k < s[1]; ++k)
        for (auto const j : suppress(here, y.data() + (i * s[1] + k) * b[1], most, overlap, least, c.has(4)))
          all.insert(all.end(), {i, k, j});
    }
    auto& out = c.make(0, element::s64, {std::int64_t(all.size() / 3), 3});
    std::copy(all.begin(), all.end(), out.mutable_as<std::int64_t>().begin());
  });
}

/// Different rows of [n, m]: the first place of each in the wanted order, for every row which it is, and how often each
/// is.
struct unique_rows {
  integers first{}, which{}, count{};

  template <class T>
  unique_rows(T const* x, std::int64_t n, std::int64_t m, bool sorted) : which(std::size_t(n)) {
    integers order(std::size_t(n), 0);
    std::iota(order.begin(), order.end(), 0);
    auto const compare = [=](std::int64_t a, std::int64_t b) {
      for (std::int64_t i = 0; i < m; ++i)
        if (x[a * m + i] != x[b * m + i]) return x[a * m + i] < x[b * m + i] ? -1 : 1;
      return 0;
    };
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return compare(a, b) < 0; });
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (i == 0 || compare(order[i - 1], order[i]) != 0) first.push_back(order[i]), count.push_back(0);
      which[std::size_t(order[i])] = std::int64_t(first.size()) - 1;
      ++count.back();
    }
    if (!sorted) by_place();
  }

 private:
  void by_place() {
    integers order(first.size()), rank(first.size()), f, k;
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(),
              [&](auto a, auto b) { return first[std::size_t(a)] < first[std::size_t(b)]; });
    for (std::size_t i = 0; i < order.size(); ++i) {
      auto const at = std::size_t(order[i]);
      rank[at] = std::int64_t(i), f.push_back(first[at]), k.push_back(count[at]);
    }
    for (auto& w : which) w = rank[std::size_t(w)];
    first = std::move(f), count = std::move(k);
  }
};

inline operation prepare_unique(preparation const& p) {
  expect_inputs(p, 1, 1);
  auto const* given = p.node.get<std::int64_t>("axis");
  bool const sorted = p.get<std::int64_t>("sorted", 1) != 0;
  return with_half([who = op_label{p}, flat = given == nullptr, at = given ? *given : 0, sorted](call& c) {
    tensor const all = flat ? c.inputs[0].reshaped({c.inputs[0].size()}) : c.inputs[0];
    auto const axis = axis_of(who, at, all.rank());
    std::vector<std::size_t> swap(all.rank());
    std::iota(swap.begin(), swap.end(), std::size_t{0});
    std::swap(swap[0], swap[axis]);
    tensor const in = transposed(c, who, all, swap);
    auto const n = in.dims()[0], m = in.dims().product(1, in.rank());
    visit(who, in.type() == element::boolean ? element::u8 : in.type(), number_types{}, [&]<class T>(T) {
      auto const* const x = in.as<T>().data();
      unique_rows const u{x, m == 0 ? 0 : n, m, sorted};
      shape dims = in.dims();
      dims[0] = std::int64_t(u.first.size());
      tensor out = c.memory.make(in.type(), dims);
      auto* const y = out.mutable_as<T>().data();
      for (std::size_t i = 0; i < u.first.size(); ++i) std::copy_n(x + u.first[i] * m, m, y + std::int64_t(i) * m);
      c.outputs[0] = transposed(c, who, out, swap);
      integers const* const lists[] = {&u.first, &u.which, &u.count};
      for (std::size_t i = 1; i < std::min<std::size_t>(c.outputs.size(), 4); ++i)
        c.outputs[i] = tensor::of<std::int64_t>({std::int64_t(lists[i - 1]->size())}, *lists[i - 1]);
    });
  });
}

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry selection_operators[] = {
    {"NonMaxSuppression", "", 10, &detail::prepare_non_max_suppression},
    {"NonZero", "", 9, &detail::prepare_non_zero},
    {"TopK", "", 1, &detail::prepare_top_k},
    {"Unique", "", 11, &detail::prepare_unique},
};

}  // namespace octet
