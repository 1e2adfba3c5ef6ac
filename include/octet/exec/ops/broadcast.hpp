// The one broadcasting engine: operands of compatible shapes become rows in which an operand is a vector or one value.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include <octet/exec/ops/visit.hpp>

namespace octet::detail {

inline constexpr std::size_t most_operands = 3;

/// The shape of the result of broadcasting `a` against `b`; throws `invalid` when they do not fit.
inline shape broadcast(op_label const& who, shape const& a, shape const& b) {
  if (a == b) return a;
  shape const& longer = a.rank() >= b.rank() ? a : b;
  shape const& shorter = a.rank() >= b.rank() ? b : a;
  shape r = longer;
  auto const lead = longer.rank() - shorter.rank();
  for (std::size_t i = 0; i < shorter.rank(); ++i) {
    auto const x = longer[lead + i], y = shorter[i];
    if (x != y && x != 1 && y != 1) who.invalid("shapes " + a.text() + " and " + b.text() + " do not broadcast");
    r[lead + i] = x == 1 ? y : x;
  }
  return r;
}

/// Part of an evaluation: n consecutive results, and each operand either n values or one.
struct row {
  std::array<std::byte const*, most_operands> in{};
  std::array<bool, most_operands> single{};
  std::byte* out = nullptr;
  std::int64_t n = 0;

  template <class T>
  T const* operand(std::size_t i) const {
    return reinterpret_cast<T const*>(in[i]);
  }
  template <class T>
  T* result() const {
    return reinterpret_cast<T*>(out);
  }
};
using row_function = void (*)(row const&);

/// How operands are read in the order of the result: dimensions that every operand steps through evenly are merged.
struct broadcast_loops {
  std::vector<std::int64_t> dims{};                                ///< outermost first, at least one
  std::vector<std::array<std::int64_t, most_operands>> strides{};  ///< in elements; 0: the operand repeats

  broadcast_loops(shape const& result, std::span<tensor const* const> operands) {
    for (std::size_t d = 0; d < result.rank(); ++d) {
      if (result[d] == 1) continue;
      std::array<std::int64_t, most_operands> step{};
      for (std::size_t k = 0; k < operands.size(); ++k) {
        auto const& s = operands[k]->dims();
        auto const lead = result.rank() - s.rank();
        step[k] = d < lead || s[d - lead] == 1 ? 0 : s.product(d - lead + 1, s.rank());
      }
      if (!dims.empty() && mergeable(step, result[d])) {
        dims.back() *= result[d];
        strides.back() = step;
      } else {
        dims.push_back(result[d]);
        strides.push_back(step);
      }
    }
    if (dims.empty()) dims.push_back(1), strides.push_back({1, 1, 1});
  }

 private:
  bool mergeable(std::array<std::int64_t, most_operands> const& inner, std::int64_t n) const {
    for (std::size_t k = 0; k < most_operands; ++k)
      if (strides.back()[k] != inner[k] * n) return false;
    return true;
  }
};

/// Operands and loops, with short rows made longer: an operand that repeats from row to row is read from copies of its
/// rows, side by side, so that one call does many of them.
struct joined_rows {
  broadcast_loops loops;
  std::array<tensor const*, most_operands> operands{};

  joined_rows(call& c, shape const& result, std::span<tensor const* const> all) : loops{result, all} {
    std::copy(all.begin(), all.end(), operands.begin());
    auto const count = all.size(), last = loops.dims.size() - 1;
    if (last == 0 || loops.dims[last] >= enough) return;
    auto const row = loops.dims[last];
    for (std::size_t k = 0; k < count; ++k)
      if (!repeats(k) && loops.strides[last - 1][k] != row * loops.strides[last][k]) return;
    auto const joined = joined_count(loops.dims[last - 1], row);
    if (joined == 1) return;
    for (std::size_t k = 0; k < count; ++k)
      if (repeats(k)) repeat(c, k, row, joined);
    loops.dims[last - 1] /= joined, loops.dims[last] *= joined;
    for (std::size_t k = 0; k < count; ++k)
      if (!repeats(k)) loops.strides[last - 1][k] *= joined;
  }
  joined_rows(joined_rows const&) = delete;
  joined_rows& operator=(joined_rows const&) = delete;

 private:
  static constexpr std::int64_t enough = 256;

  /// The largest part of `rows` that makes no more than `enough` elements, and copies less than a quarter of the
  /// result.
  static std::int64_t joined_count(std::int64_t rows, std::int64_t row) {
    auto n = std::min(enough / row, rows / 4);
    while (n > 1 && rows % n != 0) --n;
    return std::max<std::int64_t>(n, 1);
  }
  /// Whether an operand has rows that are the same all along the dimension outside of them.
  bool repeats(std::size_t k) const {
    auto const last = loops.dims.size() - 1;
    return loops.strides[last - 1][k] == 0 && loops.strides[last][k] != 0;
  }
  void repeat(call& c, std::size_t k, std::int64_t row, std::int64_t times) {
    auto const& t = *operands[k];
    auto const bytes = static_cast<std::size_t>(row * bits(t.type()) / 8);
    tensor wide = c.memory.make(t.type(), {t.size() * times});
    auto* to = wide.mutable_bytes().data();
    for (std::size_t at = 0; at < t.bytes().size(); at += bytes)
      for (std::int64_t i = 0; i < times; ++i, to += bytes) std::memcpy(to, t.bytes().data() + at, bytes);
    for (std::size_t d = 0; d + 2 < loops.dims.size(); ++d) loops.strides[d][k] *= times;
    copies_[k] = std::move(wide), operands[k] = &copies_[k];
  }

  std::array<tensor, most_operands> copies_{};
};

/// Calls `f` for the rows that make up results [begin, end).
template <class F>
void run_rows(broadcast_loops const& l, std::span<tensor const* const> operands, tensor& out, F const& f,
              std::int64_t begin, std::int64_t end) {
  auto const last = l.dims.size() - 1;
  std::vector<std::int64_t> at(l.dims.size());
  std::array<std::int64_t, most_operands> offset{};
  std::array<std::int64_t, most_operands> width{};
  for (std::size_t k = 0; k < operands.size(); ++k) width[k] = bits(operands[k]->type()) / 8;
  std::int64_t rest = begin;
  for (std::size_t d = last + 1; d-- != 0;) {
    at[d] = rest % l.dims[d], rest /= l.dims[d];
    for (std::size_t k = 0; k < operands.size(); ++k) offset[k] += at[d] * l.strides[d][k];
  }
  auto* const base = out.mutable_bytes().data();
  std::int64_t const out_width = bits(out.type()) / 8;
  row r;
  for (std::size_t k = 0; k < operands.size(); ++k) r.single[k] = l.strides[last][k] == 0;
  for (auto i = begin; i < end;) {
    r.n = std::min(end - i, l.dims[last] - at[last]);
    for (std::size_t k = 0; k < operands.size(); ++k) r.in[k] = operands[k]->bytes().data() + offset[k] * width[k];
    r.out = base + i * out_width;
    f(r);
    i += r.n;
    for (std::size_t k = 0; k < operands.size(); ++k) offset[k] += (l.dims[last] - at[last]) * l.strides[last][k];
    at[last] = l.dims[last];
    for (std::size_t d = last; d != 0 && at[d] == l.dims[d]; --d) {
      for (std::size_t k = 0; k < operands.size(); ++k) offset[k] += l.strides[d - 1][k] - l.dims[d] * l.strides[d][k];
      at[d] = 0;
      ++at[d - 1];
    }
  }
}

/// Fills `out`, whose shape is the broadcast of the operands', by rows: f(row).
template <class F>
void broadcast_into(call& c, std::span<tensor const* const> operands, tensor& out, F const& f) {
  std::int64_t const n = out.size();
  if (n == 0) return;
  joined_rows const joined{c, out.dims(), operands};
  std::span const all{joined.operands.data(), operands.size()};
  for_elements(c.pool, n,
               [&](std::int64_t begin, std::int64_t end) { run_rows(joined.loops, all, out, f, begin, end); });
}

/// A tensor for results that may be written over operand `a` or `b`: their bytes when nobody else needs them.
inline tensor over_either(call& c, tensor const& a, tensor const& b, element type, shape const& dims) {
  for (auto const* t : {&a, &b})
    if (t->unique() && bits(t->type()) == bits(type) && t->size() == dims.size())
      return t->viewed_as(type).reshaped(dims);
  return c.memory.make(type, dims);
}

/// f over two operands that broadcast.
inline tensor broadcast_two(call& c, op_label const& who, tensor const& a, tensor const& b, element result,
                            row_function f) {
  shape const dims = broadcast(who, a.dims(), b.dims());
  tensor out = over_either(c, a, b, result, dims);
  tensor const* const operands[] = {&a, &b};
  broadcast_into(c, operands, out, f);
  return out;
}

}  // namespace octet::detail
