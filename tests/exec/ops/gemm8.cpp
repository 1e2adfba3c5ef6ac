// Integer products of every pair of 8-bit types, and the epilogue by row.
#include <octet/exec/ops/gemm8.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

using namespace octet;
using namespace octet::detail;

namespace {
std::int32_t value(element e, std::uint8_t b) {
  return e == element::u8 ? std::int32_t{b} : std::int32_t{static_cast<std::int8_t>(b)};
}
}  // namespace

TEST_CASE("all pairs of types, zero points and both orders of B are exact") {
  std::mt19937 random{5};
  std::ptrdiff_t const m = 4, k = 39, n = 37;
  thread_pool pool{2};
  std::vector<std::uint8_t> a(m * k), b(k * n), turned(k * n);
  for (auto* v : {&a, &b})
    for (auto& x : *v) x = static_cast<std::uint8_t>(random());
  for (std::ptrdiff_t i = 0; i < k; ++i)
    for (std::ptrdiff_t j = 0; j < n; ++j) turned[std::size_t(j * k + i)] = b[std::size_t(i * n + j)];
  for (auto const ta : {element::u8, element::s8})
    for (auto const tb : {element::u8, element::s8})
      for (bool by_columns : {false, true}) {
        right_8 right;
        if (by_columns) repack_right_8(right, tb, {turned.data(), n, k}, true, pool);
        else repack_right_8(right, tb, {b.data(), k, n}, false, pool);
        std::vector<std::int32_t> c(m * n);
        product_8(pool, ta, matrix<std::uint8_t const>{a.data(), m, k}, right, {.a_zero = 3, .b_zero = -5},
                  kernels::store<std::int32_t>{matrix<std::int32_t>{c.data(), m, n}});
        for (std::ptrdiff_t i = 0; i < m; ++i)
          for (std::ptrdiff_t j = 0; j < n; ++j) {
            std::int32_t sum = 0;
            for (std::ptrdiff_t x = 0; x < k; ++x)
              sum += (value(ta, a[std::size_t(i * k + x)]) - 3) * (value(tb, b[std::size_t(x * n + j)]) + 5);
            REQUIRE(c[std::size_t(i * n + j)] == sum);
          }
      }
}

TEST_CASE("requantizing by row: bias, multiplier, ties to even, saturation") {
  std::ptrdiff_t const columns = 70;
  std::vector<std::int32_t> acc(2 * columns + 64);
  for (std::ptrdiff_t j = 0; j < columns; ++j)
    acc[std::size_t(j)] = static_cast<std::int32_t>(j - 35),
    acc[std::size_t(columns + j)] = static_cast<std::int32_t>((j - 35) * 1000);
  float const m[2] = {0.5f, 0.01f};
  std::int32_t const bias[2] = {1, 0};
  std::vector<std::int8_t> y(2 * columns);
  requantize_rows<std::int8_t> const e{{y.data(), 2, columns}, m, bias, 2};
  e.apply<xsimd::default_arch>(acc.data(), columns, 0, 2, 0, columns);
  for (std::ptrdiff_t i = 0; i < 2; ++i)
    for (std::ptrdiff_t j = 0; j < columns; ++j) {
      float const want = std::nearbyint(static_cast<float>(acc[std::size_t(i * columns + j)] + bias[i]) * m[i]) + 2;
      CHECK(float(y[std::size_t(i * columns + j)]) == std::min(127.f, std::max(-128.f, want)));
    }
}
