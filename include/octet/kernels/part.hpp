// The ends of rows: parts of a vector, in few pieces of known size, since calling memcpy costs more than what it moves.
#pragma once

#include <cstddef>
#include <cstring>

#include <octet/core/config.hpp>

namespace octet {

namespace detail {
/// Between N and 2·N bytes, as two pieces that may overlap.
template <std::size_t N>
OCTET_INLINE void copy_ends(std::byte* to, std::byte const* from, std::ptrdiff_t bytes) {
  std::byte first[N], last[N];
  auto const rest = bytes - static_cast<std::ptrdiff_t>(N);
  std::memcpy(first, from, N), std::memcpy(last, from + rest, N);
  std::memcpy(to, first, N), std::memcpy(to + rest, last, N);
}
}  // namespace detail

namespace kernels {

/// Copies fewer than `Limit` bytes, at most 128: what is left of a few vectors. The two may not overlap.
template <std::size_t Limit>
OCTET_INLINE void copy_part(void* to, void const* from, std::ptrdiff_t bytes) {
  static_assert(Limit <= 128);
  auto* const t = static_cast<std::byte*>(to);
  auto const* const f = static_cast<std::byte const*>(from);
  if constexpr (Limit > 64)
    if (bytes >= 64) return octet::detail::copy_ends<64>(t, f, bytes);
  if constexpr (Limit > 32)
    if (bytes >= 32) return octet::detail::copy_ends<32>(t, f, bytes);
  if constexpr (Limit > 16)
    if (bytes >= 16) return octet::detail::copy_ends<16>(t, f, bytes);
  if (bytes >= 8) octet::detail::copy_ends<8>(t, f, bytes);
  else if (bytes >= 4) octet::detail::copy_ends<4>(t, f, bytes);
  else if (bytes >= 2) octet::detail::copy_ends<2>(t, f, bytes);
  else if (bytes == 1) *t = *f;
}

}  // namespace kernels
}  // namespace octet
