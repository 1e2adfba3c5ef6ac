// Which constants an operator has packed when it is prepared, so that the constant itself need not stay in memory:
// what stands in for it has its type and shape.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include <octet/core/tensor.hpp>
#include <octet/graph/structure.hpp>
#include <octet/io/file.hpp>

namespace octet::detail {

/// One input of one operator that is packed; `with` is another input that must be constant as well, or the same.
struct packed_input {
  std::string_view op, domain;
  std::size_t input, with;
  bool bytes;  ///< 8-bit elements; else float
  std::size_t rank = 0;
};

/// Whether `n`, prepared with constant `t` as its input `i`, reads no more of it than type and shape. `constant(k)`
/// tells whether input k is constant.
template <class F>
bool packs_constant(node const& n, std::size_t i, tensor const& t, F const& constant) {
  static constexpr std::string_view ms = "com.microsoft", ours = "octet";
  static constexpr packed_input all[] = {
      {"Conv", ours, 1, 1, false},
      {"QLinearConv", ours, 3, 3, true},
      {"Linear", ours, 1, 1, false, 2},
      {"MatMul", "", 1, 1, false, 2},
      {"Gemm", "", 1, 1, false, 2},
      {"QLinearMatMul", "", 3, 3, true, 2},
      {"LSTM", "", 1, 2, false},
      {"LSTM", "", 2, 1, false},
      {"GRU", "", 1, 2, false},
      {"GRU", "", 2, 1, false},
      {"MatMulIntegerToFloat", ms, 1, 1, true, 2},
      {"DynamicQuantizeMatMul", ms, 1, 1, true, 2},
      {"QGemm", ms, 3, 3, true, 2},
      {"Attention", ms, 1, 1, false, 2},
      {"QAttention", ms, 1, 1, true, 2},
      {"DynamicQuantizeLSTM", ms, 1, 2, true},
      {"DynamicQuantizeLSTM", ms, 2, 1, true},
  };
  bool const is_bytes = t.type() == element::u8 || t.type() == element::s8;
  return std::any_of(std::begin(all), std::end(all), [&](packed_input const& p) {
    return p.input == i && n.op == p.op && plain_domain(n.domain) == p.domain && constant(p.with) &&
           (p.bytes ? is_bytes : t.type() == element::f32) && (p.rank == 0 || t.rank() == p.rank);
  });
}

/// A tensor of that type and shape whose bytes are zeros that take no memory; empty when the system has no room for it.
inline tensor stand_in(tensor const& t) {
  auto const size = t.bytes().size();
  void* const p = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) return {};
  return {t.type(), t.dims(), {static_cast<std::byte const*>(p), size}, std::shared_ptr<void>{p, unmap{size}}};
}

}  // namespace octet::detail
