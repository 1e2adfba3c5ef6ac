// 4, 8, 16 and 32-bit integers → float: (q − zero_point) · scale, rounded once.
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>

#include <octet/core/serial.hpp>
#include <octet/kernels/isa/all.hpp>
#include <octet/kernels/quantize.hpp>

namespace octet::kernels {

/// y[i] = (q[i] − g.zero_point) · g.scale. s32: biases, whose zero point is 0.
template <usable_arch Arch = xsimd::default_arch, class T>
  requires(quantized_element<T> || std::is_same_v<T, s32>)
void dequantize(std::span<T const> q, grid g, std::span<float> y) noexcept {
  OCTET_ASSERT(q.size() == y.size() && (sizeof(T) < 4 || g.zero_point == 0));
  using floats = xsimd::batch<float, Arch>;
  using ints = xsimd::batch<s32, Arch>;
  constexpr auto lanes = static_cast<std::ptrdiff_t>(floats::size);
  floats const scale(g.scale);
  ints const zero(g.zero_point);
  auto const one = [&](T const* from, float* to) OCTET_INLINE_LAMBDA {
    ints x;
    if constexpr (sizeof(T) == 4) x = ints::load_unaligned(from);
    else x = narrow<Arch>::template widen<T>(from);
    (xsimd::to_float(x - zero) * scale).store_unaligned(to);
  };
  T const* from = q.data();
  float* to = y.data();
  auto n = static_cast<std::ptrdiff_t>(q.size());
  for (; n >= 4 * lanes; n -= 4 * lanes, from += 4 * lanes, to += 4 * lanes)
    unroll<4>([&](auto v) OCTET_INLINE_LAMBDA { one(from + v * lanes, to + v * lanes); });
  for (; n > 0; --n, ++from, ++to) *to = static_cast<float>(static_cast<s32>(*from) - g.zero_point) * g.scale;
}

template <usable_arch Arch = xsimd::default_arch, class T>
  requires(quantized_element<T> || std::is_same_v<T, s32>)
void dequantize(std::span<T> q, grid g, std::span<float> y) noexcept {
  dequantize<Arch>(std::span<T const>{q}, g, y);
}

/// The same on several threads.
template <usable_arch Arch = xsimd::default_arch, class T, parallel_executor Pool>
void dequantize(std::span<T const> q, grid g, std::span<float> y, Pool& pool) {
  parallel_for(pool, static_cast<std::ptrdiff_t>(q.size()), 1 << 16, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    auto const at = static_cast<std::size_t>(begin), count = static_cast<std::size_t>(end - begin);
    dequantize<Arch>(q.subspan(at, count), g, y.subspan(at, count));
  });
}

}  // namespace octet::kernels
