// Two 4-bit integers a byte, as ONNX stores them: the first one in the low half.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <octet/core/config.hpp>

namespace octet::numeric {

constexpr std::size_t packed_bytes(std::size_t elements) { return elements / 2 + elements % 2; }

/// T is std::int8_t or std::uint8_t with a value in the range of four bits; a last unused half is zero.
template <class T>
  requires(sizeof(T) == 1)
void pack_nibbles(std::span<T const> in, std::span<std::byte> out) {
  OCTET_ASSERT(out.size() == packed_bytes(in.size()));
  for (std::size_t i = 0; i < out.size(); ++i) {
    unsigned const low = static_cast<unsigned>(in[2 * i]) & 15;
    unsigned const high = 2 * i + 1 < in.size() ? static_cast<unsigned>(in[2 * i + 1]) & 15 : 0;
    out[i] = static_cast<std::byte>(high << 4 | low);
  }
}

/// T decides whether the halves are signed.
template <class T>
  requires(sizeof(T) == 1)
void unpack_nibbles(std::span<std::byte const> in, std::span<T> out) {
  OCTET_ASSERT(in.size() == packed_bytes(out.size()));
  for (std::size_t i = 0; i < out.size(); ++i) {
    int const x = static_cast<int>(in[i / 2]) >> (i % 2 * 4) & 15;
    out[i] = static_cast<T>(T(-1) < T(0) && x > 7 ? x - 16 : x);
  }
}

}  // namespace octet::numeric
