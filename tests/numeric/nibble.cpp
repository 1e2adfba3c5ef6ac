#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

#include <octet/numeric/nibble.hpp>

using namespace octet::numeric;

TEST_CASE("the first of two lies in the low half, and an odd one leaves the high half zero") {
  std::vector<std::uint8_t> const u{1, 2, 15};
  std::vector<std::byte> b(packed_bytes(u.size()));
  pack_nibbles(std::span{u}, std::span{b});
  CHECK(b == std::vector<std::byte>{std::byte{0x21}, std::byte{0x0f}});
  std::vector<std::int8_t> const s{-8, 7, -1};
  pack_nibbles(std::span{s}, std::span{b});
  CHECK(b == std::vector<std::byte>{std::byte{0x78}, std::byte{0x0f}});
}

TEST_CASE("unpacking gives back every value") {
  std::vector<std::int8_t> s, t(16);
  std::vector<std::uint8_t> u, v(16);
  for (int i = 0; i < 16; ++i) s.push_back(static_cast<std::int8_t>(i - 8)), u.push_back(static_cast<std::uint8_t>(i));
  std::vector<std::byte> b(8);
  pack_nibbles(std::span<std::int8_t const>{s}, std::span{b});
  unpack_nibbles(std::span<std::byte const>{b}, std::span{t});
  CHECK(s == t);
  pack_nibbles(std::span<std::uint8_t const>{u}, std::span{b});
  unpack_nibbles(std::span<std::byte const>{b}, std::span{v});
  CHECK(u == v);
}
