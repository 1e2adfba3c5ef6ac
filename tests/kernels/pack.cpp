#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include <octet/core/parallel.hpp>
#include <octet/kernels/pack.hpp>

using namespace octet;

/// What the layout says of element (k, j), from its definition.
template <class Packed>
static std::int8_t at(Packed const& p, std::ptrdiff_t k, std::ptrdiff_t j) {
  constexpr int w = kernels::width<kernels::dot4<xsimd::default_arch>>;
  auto const* const panel = reinterpret_cast<std::int8_t const*>(p.panel(j / w));
  return panel[(k / 4 * w + j % w) * 4 + k % 4];
}

template <policy P>
static void compare(std::ptrdiff_t k, std::ptrdiff_t n) {
  using element_type = kernels::right_element<P>;
  std::mt19937 random{static_cast<unsigned>(k * 1000 + n)};
  std::ptrdiff_t const stride = n + 3;
  std::vector<element_type> b(std::size_t(k * stride + 1)), bt(std::size_t(n * k + 1));
  for (auto& x : b) x = static_cast<element_type>(random());
  for (std::ptrdiff_t i = 0; i < k; ++i)
    for (std::ptrdiff_t j = 0; j < n; ++j) bt[std::size_t(j * k + i)] = b[std::size_t(i * stride + j)];
  thread_pool pool{2};
  auto const rows = kernels::pack<P>({b.data(), k, n, stride}, pool);
  auto const columns = kernels::pack_transposed<P>({bt.data(), n, k});
  CAPTURE(k);
  CAPTURE(n);
  REQUIRE(rows.data.size() == columns.data.size());
  CHECK(std::equal(rows.data.data(), rows.data.data() + rows.data.size(), columns.data.data()));
  bool same = rows.k == k && rows.n == n, sums = true, zeros = true;
  std::ptrdiff_t const width = rows.sums.size(), depth = rows.steps() * 4;
  for (std::ptrdiff_t j = 0; j < width; ++j) {
    std::int32_t sum = 0;
    for (std::ptrdiff_t i = 0; i < depth; ++i) {
      bool const inside = i < k && j < n;
      int const value = inside ? b[std::size_t(i * stride + j)] - rows.shift : 0;
      (inside ? same : zeros) &= at(rows, i, j) == value;
      sum += value;
    }
    sums &= rows.sums[j] == sum && columns.sums[j] == sum;
  }
  CHECK(same);
  CHECK(zeros);
  CHECK(sums);
}

TEST_CASE("every element lies where the layout says, u8 as its s8 image, and the rest is zero") {
  for (std::ptrdiff_t k : {0, 1, 3, 4, 5, 8, 37, 300})
    for (std::ptrdiff_t n : {0, 1, 7, 8, 15, 16, 31, 32, 33, 100}) {
      compare<u8s8>(k, n);
      compare<u8u8>(k, n);
    }
}

TEST_CASE("packing again forgets what was there") {
  std::vector<std::int8_t> const big(40 * 70, 5), small{1, 2, 3};
  auto packed = kernels::pack<u8s8>({big.data(), 40, 70});
  kernels::repack(packed, {small.data(), 3, 1});
  auto const fresh = kernels::pack<u8s8>({small.data(), 3, 1});
  REQUIRE(packed.data.size() == fresh.data.size());
  CHECK(std::equal(fresh.data.data(), fresh.data.data() + fresh.data.size(), packed.data.data()));
  CHECK(packed.sums[0] == 6);
  kernels::repack(packed, {small.data(), 1, 3}, true);
  CHECK(packed.k == 3);
  CHECK(packed.sums[0] == 6);
}
