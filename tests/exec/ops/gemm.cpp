// Products of packed operands, however the right-hand side lies in memory.
#include <octet/exec/ops/gemm.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace octet;
using namespace octet::detail;

TEST_CASE("rows or columns first, with and without a bias") {
  std::ptrdiff_t const m = 5, k = 7, n = 45;
  std::vector<float> a(m * k), b(k * n), turned(k * n), bias(n), c(m * n);
  for (std::ptrdiff_t i = 0; i < m * k; ++i) a[std::size_t(i)] = static_cast<float>(i % 11 - 5);
  for (std::ptrdiff_t i = 0; i < k; ++i)
    for (std::ptrdiff_t j = 0; j < n; ++j)
      b[std::size_t(i * n + j)] = turned[std::size_t(j * k + i)] = static_cast<float>((i * 3 + j) % 7 - 3);
  for (std::size_t j = 0; j < std::size_t(n); ++j) bias[j] = static_cast<float>(j);
  thread_pool pool{2};
  for (bool columns : {false, true})
    for (float const* add : {static_cast<float const*>(nullptr), static_cast<float const*>(bias.data())}) {
      auto const right = columns ? pack_right(turned.data(), k, n, 1, k) : pack_right(b.data(), k, n, n, 1);
      product(pool, matrix<float const>{a.data(), m, k}, right, add, matrix<float>{c.data(), m, n});
      for (std::ptrdiff_t i = 0; i < m; ++i)
        for (std::ptrdiff_t j = 0; j < n; ++j) {
          float sum = add == nullptr ? 0.f : add[j];
          for (std::ptrdiff_t x = 0; x < k; ++x) sum += a[std::size_t(i * k + x)] * b[std::size_t(x * n + j)];
          REQUIRE(c[std::size_t(i * n + j)] == sum);  // small integers: exact
        }
    }
}
