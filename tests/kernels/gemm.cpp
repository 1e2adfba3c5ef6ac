#include <kernels/gemm_cases.hpp>

#include <octet/core/parallel.hpp>

using namespace gemm_cases;

TEST_CASE("u8 × s8 equals its definition") { all<u8s8>(); }

TEST_CASE("one multiplier, one bias, or none, for all columns") {
  std::vector<std::uint8_t> const a{1, 2, 3};
  std::vector<std::int8_t> const b{1, -1, 2, -2, 3, -3};
  auto const packed = kernels::pack<u8s8>({b.data(), 3, 2});
  std::vector<float> const scale{0.5f}, bias{1};
  std::vector<float> y(2);
  kernels::gemm(matrix<std::uint8_t const>{a.data(), 1, 3}, packed, kernels::to_float{{y.data(), 1, 2}, scale});
  CHECK(y == std::vector<float>{7, -7});
  kernels::gemm(matrix<std::uint8_t const>{a.data(), 1, 3}, packed,
                kernels::to_float{{y.data(), 1, 2}, scale, bias, 0, 6});
  CHECK(y == std::vector<float>{6, 0});
  std::vector<std::int8_t> q(2);
  kernels::gemm(matrix<std::uint8_t const>{a.data(), 1, 3}, packed,
                kernels::requantize<std::int8_t>{{q.data(), 1, 2}, scale, -3});
  CHECK(q == std::vector<std::int8_t>{4, -10});
}

TEST_CASE("accumulators wrap modulo 2^32") {
  std::vector<std::uint8_t> const a{255};
  std::vector<std::int8_t> const b{127};
  std::vector<std::int32_t> const bias{std::numeric_limits<std::int32_t>::max()};
  std::int32_t c = 0;
  kernels::gemm<u8s8>({a.data(), 1, 1}, kernels::pack<u8s8>({b.data(), 1, 1}), matrix<std::int32_t>{&c, 1, 1},
                      {.bias = bias});
  CHECK(c == std::numeric_limits<std::int32_t>::min() + 255 * 127 - 1);
}

TEST_CASE("a matrix with a stride keeps what lies between its rows") {
  std::mt19937 random{3};
  auto const a = elements<std::uint8_t>(random, 9 * 50);
  auto const b = elements<std::int8_t>(random, 50 * 40);
  std::vector<std::int32_t> c(9 * 45, 77), zeros(40);
  kernels::gemm<u8s8>({a.data(), 9, 50}, kernels::pack<u8s8>({b.data(), 50, 40}),
                      matrix<std::int32_t>{c.data(), 9, 40, 45});
  auto const want = kernels::reference_gemm<std::uint8_t, std::int8_t>({a.data(), 9, 50}, {b.data(), 50, 40}, 0,
                                                                       zeros.data(), nullptr);
  bool same = true;
  for (std::size_t i = 0; i < 9; ++i)
    for (std::size_t j = 0; j < 45; ++j) same &= c[i * 45 + j] == (j < 40 ? want[i * 40 + j] : 77);
  CHECK(same);
}

TEST_CASE("threads change nothing") {
  std::mt19937 random{11};
  std::ptrdiff_t const m = 300, n = 700, k = 257;
  auto const a = elements<std::uint8_t>(random, m * k);
  auto const b = elements<std::int8_t>(random, k * n);
  std::vector<std::int32_t> one(std::size_t(m * n)), more(one.size());
  matrix<std::uint8_t const> const av{a.data(), m, k};
  matrix<std::int8_t const> const bv{b.data(), k, n};
  kernels::gemm<u8s8>(av, kernels::pack<u8s8>(bv), matrix<std::int32_t>{one.data(), m, n}, {.a_zero = 3});
  for (unsigned threads : {2u, 3u}) {
    thread_pool pool{threads};
    kernels::gemm<u8s8>(av, kernels::pack<u8s8>(bv, pool), matrix<std::int32_t>{more.data(), m, n}, {.a_zero = 3},
                        pool);
    CHECK(one == more);
  }
}
