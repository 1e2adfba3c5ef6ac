// Operators that walk along an axis or a diagonal: CumSum, CumProd, ReverseSequence, Trilu.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include <octet/exec/ops/elementwise.hpp>
#include <octet/exec/ops/indexing.hpp>

namespace octet::detail {

using cumulative_types = types<float, double, std::int32_t, std::int64_t, std::uint32_t, std::uint64_t>;

/// y[k] = x[0] ∘ … ∘ x[k]; exclusive: without x[k]; reverse: from the end.
template <class Op>
operation cumulative(preparation const& p, int identity) {
  expect_inputs(p, 2, 2);
  bool const exclusive = p.get<std::int64_t>("exclusive", 0) != 0, reverse = p.get<std::int64_t>("reverse", 0) != 0;
  return with_half([who = op_label{p}, exclusive, reverse, identity](call& c) {
    auto const dims = c.inputs[0].dims();
    auto const axis = axis_of(who, integer_of(who, c.inputs[1]), dims.rank());
    auto const outer = dims.product(0, axis), n = dims[axis], inner = dims.product(axis + 1, dims.rank());
    visit(who, c.inputs[0].type(), cumulative_types{}, [&]<class T>(T) {
      auto const* const in = c.inputs[0].as<T>().data();
      auto* const out = c.make(0, c.inputs[0].type(), dims).template mutable_as<T>().data();
      Op const op;
      for_rows(c.pool, outer, n * inner, [&](std::int64_t begin, std::int64_t end) {
        for (auto o = begin; o < end; ++o)
          for (std::int64_t k = 0; k < n; ++k) {
            auto const at = (o * n + (reverse ? n - 1 - k : k)) * inner, before = at + (reverse ? inner : -inner);
            T* const y = out + at;
            for (std::int64_t i = 0; i < inner; ++i) {
              T const so_far = k == 0 ? T(identity) : out[before + i];
              y[i] = !exclusive ? op(so_far, in[at + i]) : k == 0 ? so_far : op(so_far, in[before + i]);
            }
          }
      });
    });
  });
}
inline operation prepare_cum_sum(preparation const& p) { return cumulative<add_op>(p, 0); }
inline operation prepare_cum_prod(preparation const& p) { return cumulative<mul_op>(p, 1); }

inline operation prepare_reverse_sequence(preparation const& p) {
  expect_inputs(p, 2, 2);
  auto const batch = p.get<std::int64_t>("batch_axis", 1), time = p.get<std::int64_t>("time_axis", 0);
  if (batch + time != 1 || batch * time != 0) op_label{p}.invalid("batch_axis and time_axis are not 0 and 1");
  return with_any_element([who = op_label{p}, batch = std::size_t(batch), time = std::size_t(time)](call& c) {
    auto const& in = c.inputs[0];
    if (in.rank() < 2) who.invalid("shape " + in.dims().text() + " has no batch and time");
    auto const lengths = integers_of(who, c.inputs[1]);
    auto const b = in.dims()[batch], t = in.dims()[time], width = inner_bytes(in, 2, in.rank());
    if (std::int64_t(lengths.size()) != b)
      who.invalid("has " + std::to_string(lengths.size()) + " lengths for a batch of " + std::to_string(b));
    auto& out = c.make(0, in.type(), in.dims());
    for (std::int64_t i = 0; i < b && out.size() != 0; ++i) {
      auto const n = lengths[std::size_t(i)];
      if (n < 0 || n > t) who.invalid("a length of " + std::to_string(n) + " is outside of " + std::to_string(t));
      for (std::int64_t k = 0; k < t; ++k) {
        auto const from = k < n ? n - 1 - k : k;
        auto const place = [&](std::int64_t step) { return (batch == 0 ? i * t + step : step * b + i) * width; };
        std::memcpy(out.mutable_bytes().data() + place(k), in.bytes().data() + place(from), std::size_t(width));
      }
    }
  });
}

inline operation prepare_trilu(preparation const& p) {
  expect_inputs(p, 1, 2);
  return with_any_element([who = op_label{p}, upper = p.get<std::int64_t>("upper", 1) != 0](call& c) {
    auto const& in = c.inputs[0];
    if (in.rank() < 2) who.invalid("shape " + in.dims().text() + " is not a matrix");
    auto const columns = in.dims()[in.rank() - 1], rows = in.dims()[in.rank() - 2];
    // beyond the matrix every diagonal is alike
    auto const k = c.has(1) ? std::clamp(integer_of(who, c.inputs[1]), -rows - 1, columns + 1) : 0;
    auto& out = c.make(0, in.type(), in.dims());
    if (out.size() == 0) return;
    visit_width(who, in.type(), [&]<class T>(T) {
      auto const* const x = reinterpret_cast<T const*>(in.bytes().data());
      auto* const y = reinterpret_cast<T*>(out.mutable_bytes().data());
      for_rows(c.pool, in.size() / columns, columns, [&](std::int64_t begin, std::int64_t end) {
        for (auto r = begin; r < end; ++r) {
          auto const edge = std::clamp<std::int64_t>(r % rows + k + (upper ? 0 : 1), 0, columns);
          auto const from = upper ? edge : 0, to = upper ? columns : edge;
          std::fill(y + r * columns, y + (r + 1) * columns, T(0));
          std::copy(x + r * columns + from, x + r * columns + to, y + r * columns + from);
        }
      });
    });
  });
}

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry cumulative_operators[] = {
    {"CumProd", "", 26, &detail::prepare_cum_prod},
    {"CumSum", "", 11, &detail::prepare_cum_sum},
    {"ReverseSequence", "", 10, &detail::prepare_reverse_sequence},
    {"Trilu", "", 14, &detail::prepare_trilu},
};

}  // namespace octet
