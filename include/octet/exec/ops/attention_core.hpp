// softmax(scale · Q·Kᵀ + bias) · V for every head: what all attention operators share.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <octet/exec/ops/gemm.hpp>
#include <octet/exec/ops/softmax.hpp>
#include <octet/exec/ops/visit.hpp>

namespace octet::detail {

/// Where the rows of each head lie: row r of head n of image b is at data + b·batch + n·head + r·row.
template <class T>
struct head_rows {
  T* data = nullptr;
  std::int64_t batch = 0, head = 0, row = 0;

  matrix<T> of(std::int64_t b, std::int64_t n, std::int64_t rows, std::int64_t columns) const {
    return {data + b * batch + n * head, rows, columns, std::max(row, columns)};
  }
  /// [batch, heads, rows, columns]
  static head_rows heads_first(T* data, std::int64_t heads, std::int64_t rows, std::int64_t columns) {
    return {data, heads * rows * columns, rows * columns, columns};
  }
  /// [batch, rows, heads, columns]
  static head_rows rows_first(T* data, std::int64_t heads, std::int64_t rows, std::int64_t columns) {
    return {data, heads * rows * columns, columns, heads * columns};
  }
};

struct attention_form {
  std::int64_t batch = 0, heads = 0, kv_heads = 0, queries = 0, keys = 0, size = 0, value_size = 0;
  float scale = 1, softcap = 0;
  float* scores = nullptr;       ///< receives [batch, heads, queries, keys], or null
  int stage = 0;                 ///< of `scores`: 0, 1 before the bias, 2 after it, 3 after the softmax
  bool hidden_is_zero = true;    ///< what a row becomes whose bias forbids every key: zero, or NaN
  float const* sinks = nullptr;  ///< per head: a score whose value is zero, or null
};

/// Softmax over n scores and one more, `sink`, whose probability is dropped.
inline void softmax_row_with_sink(float* x, std::int64_t n, float sink) {
  float const most = n == 0 ? sink : std::max(sink, *std::max_element(x, x + n));
  float sum = std::exp(sink - most);
  for (std::int64_t t = 0; t < n; ++t) sum += x[t] = std::exp(x[t] - most);
  for (std::int64_t t = 0; t < n; ++t) x[t] /= sum;
}

/// One row of scores to probabilities; `bias` may be empty.
inline void attention_row(attention_form const& f, float* x, std::span<float const> bias, float* seen,
                          float const* sink = nullptr) {
  for (std::int64_t t = 0; t < f.keys; ++t) x[t] *= f.scale;
  if (f.softcap > 0)
    for (std::int64_t t = 0; t < f.keys; ++t) x[t] = std::tanh(x[t] / f.softcap) * f.softcap;
  if (seen != nullptr && f.stage < 2) std::copy_n(x, f.keys, seen);
  bool open = bias.empty() || !f.hidden_is_zero;
  for (std::size_t t = 0; t < bias.size(); ++t) {
    x[t] += bias[t];
    open |= bias[t] > -std::numeric_limits<float>::infinity();
  }
  if (seen != nullptr && f.stage == 2) std::copy_n(x, f.keys, seen);
  if (sink != nullptr) softmax_row_with_sink(x, f.keys, *sink);
  else if (open) softmax_row(x, x, f.keys);
  else std::fill_n(x, f.keys, 0.f);
  if (seen != nullptr && f.stage == 3) std::copy_n(x, f.keys, seen);
}

/// `bias(b, n, s, row)` fills what is added to the scores of a query and returns true, or returns false for nothing.
template <class Bias>
void attend(thread_pool& pool, attention_form const& f, head_rows<float const> q, head_rows<float const> k,
            head_rows<float const> v, head_rows<float> out, Bias const& bias) {
  auto const group = f.kv_heads == 0 ? 1 : f.heads / f.kv_heads;
  pool.run(f.batch * f.heads, [&](std::ptrdiff_t task) {
    auto const b = task / f.heads, n = task % f.heads;
    thread_local right_f32 right;
    thread_local std::vector<float> scores;
    std::vector<float> add(static_cast<std::size_t>(f.keys));
    scores.resize(static_cast<std::size_t>(f.queries * f.keys));
    matrix<float> const s{scores.data(), f.queries, f.keys};
    kernels::repack_f32(right, k.of(b, n / group, f.keys, f.size), true);
    kernels::gemm_f32(q.of(b, n, f.queries, f.size), right, s);
    for (std::int64_t i = 0; i < f.queries; ++i) {
      bool const any = bias(b, n, i, add);
      attention_row(f, s.row(i), any ? std::span<float const>{add} : std::span<float const>{},
                    f.scores == nullptr ? nullptr : f.scores + (task * f.queries + i) * f.keys,
                    f.sinks == nullptr ? nullptr : f.sinks + n);
    }
    kernels::repack_f32(right, v.of(b, n / group, f.keys, f.value_size));
    kernels::gemm_f32(matrix<float const>{s}, right, out.of(b, n, f.queries, f.value_size));
  });
}

/// Copies rows [0, rows) of every head to rows from `first` on.
inline void copy_heads(std::int64_t batch, std::int64_t heads, std::int64_t rows, std::int64_t columns,
                       head_rows<float const> from, head_rows<float> to, std::int64_t first) {
  for (std::int64_t b = 0; b < batch; ++b)
    for (std::int64_t n = 0; n < heads; ++n)
      for (std::int64_t r = 0; r < rows; ++r)
        std::copy_n(from.data + b * from.batch + n * from.head + r * from.row, columns,
                    to.data + b * to.batch + n * to.head + (first + r) * to.row);
}

/// `past` [batch, heads, P, columns] followed by the rows of `now`, as a tensor of the same layout.
inline tensor with_past(call& c, tensor const* past, std::int64_t batch, std::int64_t heads, std::int64_t rows,
                        std::int64_t columns, head_rows<float const> now) {
  std::int64_t const before = past == nullptr ? 0 : past->dims()[2];
  tensor all = c.memory.make(element::f32, {batch, heads, before + rows, columns});
  auto const to = head_rows<float>::heads_first(all.mutable_as<float>().data(), heads, before + rows, columns);
  if (past != nullptr)
    copy_heads(batch, heads, before, columns,
               head_rows<float const>::heads_first(past->as<float>().data(), heads, before, columns), to, 0);
  copy_heads(batch, heads, rows, columns, now, to, before);
  return all;
}

inline void expect_past(op_label const& who, tensor const& t, std::int64_t batch, std::int64_t heads,
                        std::int64_t columns) {
  auto const& d = t.dims();
  if (d.rank() != 4 || d[0] != batch || d[1] != heads || d[3] != columns)
    who.invalid("a past of shape " + d.text() + " does not fit");
}

}  // namespace octet::detail
