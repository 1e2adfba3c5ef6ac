#include <doctest/doctest.h>

#include <cstdint>
#include <numeric>
#include <vector>

#include <octet/kernels/part.hpp>

using namespace octet;

TEST_CASE("a part of a vector is copied, and nothing else is written") {
  std::vector<std::uint8_t> from(128);
  std::iota(from.begin(), from.end(), std::uint8_t{1});
  for (std::ptrdiff_t n = 0; n <= 128; ++n) {
    std::vector<std::uint8_t> to(160, 255);
    kernels::copy_part(to.data() + 16, from.data(), n);
    bool same = true;
    for (std::ptrdiff_t i = -16; i < 144; ++i)
      same &= to[std::size_t(i + 16)] == (i >= 0 && i < n ? from[std::size_t(i)] : 255);
    CHECK_MESSAGE(same, n);
  }
}
