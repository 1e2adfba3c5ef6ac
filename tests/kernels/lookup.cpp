#include <doctest/doctest.h>

#include <random>
#include <vector>

#include <octet/kernels/lookup.hpp>

using namespace octet::kernels;

TEST_CASE("lookup of every tail length, in place as well, and nothing behind the end is written") {
  std::mt19937 random{6};
  std::vector<u8> table(256);
  for (auto& t : table) t = static_cast<u8>(random());
  for (std::size_t n = 0; n < 300; ++n) {
    std::vector<u8> x(n), y(n + 1, 9), want;
    for (auto& v : x) v = static_cast<u8>(random());
    for (auto const v : x) want.push_back(table[v]);
    want.push_back(9);
    std::span<u8 const, 256> const t{table.data(), 256};
    lookup(x, t, std::span{y}.first(n));
    CAPTURE(n);
    CHECK(y == want);
    lookup(x, t, x);
    want.pop_back();
    CHECK(x == want);
  }
}
