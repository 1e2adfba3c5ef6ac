#include <doctest/doctest.h>

#include <cstring>
#include <random>

#include <octet/kernels/isa/bytes256.hpp>

using namespace octet::kernels;

namespace {
struct any {};  ///< no instruction set that is known

/// Every byte at every place of a vector finds its entry.
template <class Arch>
void finds_every_byte() {
  std::mt19937 random{5};
  u8 table[256], x[320];
  for (auto& t : table) t = static_cast<u8>(random());
  for (int i = 0; i < 320; ++i) x[i] = static_cast<u8>(i);
  bytes256<Arch> const t{table};
  constexpr int lanes = bytes256<Arch>::lanes;
  for (int i = 0; i + lanes <= 320; ++i) {
    u8 y[lanes + 1];
    y[lanes] = 77;
    t.map(x + i, y);
    for (int k = 0; k < lanes; ++k) CHECK(int(y[k]) == int(table[(i + k) & 255]));
    CHECK(y[lanes] == 77);
  }
}
}  // namespace

TEST_CASE("a table of 256 bytes in every form that this unit was compiled for") {
  finds_every_byte<xsimd::default_arch>();
  finds_every_byte<any>();
#ifdef __AVX2__
  finds_every_byte<xsimd::avx2>();
  CHECK(bytes256<xsimd::avx2>::lanes == 32);
#endif
#ifdef __AVX512BW__
  finds_every_byte<xsimd::avx512bw>();
#endif
#ifdef __AVX512VBMI__
  finds_every_byte<xsimd::avx512vbmi>();
  CHECK(bytes256<xsimd::default_arch>::lanes == 64);
#endif
}
