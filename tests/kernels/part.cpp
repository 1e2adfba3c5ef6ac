#include <doctest/doctest.h>

#include <cstdint>
#include <numeric>
#include <vector>

#include <octet/kernels/part.hpp>

using namespace octet;

/// Whether each number of bytes below the limit is copied, and nothing beside it.
template <std::size_t Limit>
static bool copies() {
  std::vector<std::uint8_t> from(Limit);
  std::iota(from.begin(), from.end(), std::uint8_t{1});
  bool same = true;
  for (std::ptrdiff_t n = 0; n < std::ptrdiff_t{Limit}; ++n) {
    std::vector<std::uint8_t> to(32 + Limit, 255);
    kernels::copy_part<Limit>(to.data() + 16, from.data(), n);
    for (std::ptrdiff_t i = -16; i < std::ptrdiff_t{Limit} + 16; ++i)
      same &= to[std::size_t(i + 16)] == (i >= 0 && i < n ? from[std::size_t(i)] : 255);
  }
  return same;
}

TEST_CASE("a part of a vector is copied, and nothing else is written") {
  CHECK(copies<16>());
  CHECK(copies<32>());
  CHECK(copies<64>());
  CHECK(copies<128>());
}
