// y = table[x]: any function of one 8-bit element, the same speed for all of them.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>

#include <octet/kernels/isa/bytes256.hpp>

namespace octet::kernels {

/// y[i] = table[x[i]], where x holds bytes or the bits of signed bytes; y may be x.
template <usable_arch Arch = xsimd::default_arch>
void lookup(std::span<u8 const> x, std::span<u8 const, 256> table, std::span<u8> y) noexcept {
  OCTET_ASSERT(x.size() == y.size());
  bytes256<Arch> const t{table.data()};
  constexpr auto lanes = static_cast<std::ptrdiff_t>(bytes256<Arch>::lanes);
  auto const n = static_cast<std::ptrdiff_t>(x.size());
  std::ptrdiff_t i = 0;
  for (; i + lanes <= n; i += lanes) t.map(x.data() + i, y.data() + i);
  if (i >= n) return;
  u8 rest[lanes] = {};
  std::memcpy(rest, x.data() + i, static_cast<std::size_t>(n - i));
  t.map(rest, rest);
  std::memcpy(y.data() + i, rest, static_cast<std::size_t>(n - i));
}

}  // namespace octet::kernels
