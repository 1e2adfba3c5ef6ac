#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <kernels/gemm_cases.hpp>
#include <octet/core/parallel.hpp>
#include <octet/kernels/gemm_f32.hpp>

using namespace octet;
using gemm_cases::dims;

static std::vector<float> floats(std::mt19937& random, std::ptrdiff_t n) {
  std::vector<float> v(static_cast<std::size_t>(n));
  for (auto& x : v) x = std::normal_distribution<float>()(random);
  return v;
}

/// Bit for bit where there is FMA, else to the rounding of k products.
static bool same(std::vector<float> const& want, float const* got, std::ptrdiff_t k) {
#if defined(__FMA__) || defined(__aarch64__)
  (void)k;
  return std::equal(want.begin(), want.end(), got);
#else
  for (std::size_t i = 0; i < want.size(); ++i)
    if (!(std::abs(want[i] - got[i]) <= 2e-6f * (4 + std::sqrt(static_cast<float>(k))) * 4)) return false;
  return true;
#endif
}

TEST_CASE("float products equal one chain of fused multiply-adds") {
  std::mt19937 random{7};
  for (auto const& size : gemm_cases::shapes()) {
    auto const m = size.m, n = size.n, k = size.k;
    CAPTURE(m);
    CAPTURE(n);
    CAPTURE(k);
    auto const a = floats(random, m * k + 1), b = floats(random, k * n + 1), bias = floats(random, n);
    auto const rows = floats(random, m);
    std::vector<float> at(a.size()), bt(b.size());
    for (std::ptrdiff_t i = 0; i < m; ++i)
      for (std::ptrdiff_t j = 0; j < k; ++j) at[std::size_t(j * m + i)] = a[std::size_t(i * k + j)];
    for (std::ptrdiff_t i = 0; i < k; ++i)
      for (std::ptrdiff_t j = 0; j < n; ++j) bt[std::size_t(j * k + i)] = b[std::size_t(i * n + j)];
    matrix<float const> const av{a.data(), m, k}, bv{b.data(), k, n};
    std::vector<float> c(std::size_t(m * n) + 1, 77.f);
    matrix<float> const cv{c.data(), m, n};
    auto const packed = kernels::pack_f32(bv), transposed = kernels::pack_f32_transposed({bt.data(), n, k});

    auto const plain = kernels::reference_gemm_f32(av, bv, [](auto, auto) { return 0.f; });
    kernels::gemm_f32(av, packed, cv);
    CHECK(same(plain, c.data(), k));
    kernels::gemm_f32({at.data(), k, m}, transposed, cv, {.transposed = true}, gemm_cases::backwards{});
    CHECK(same(plain, c.data(), k));

    auto const biased = kernels::reference_gemm_f32(av, bv, [&](auto, auto j) { return bias[std::size_t(j)]; });
    kernels::gemm_f32(av, packed, cv, {.bias = bias});
    CHECK(same(biased, c.data(), k));
    kernels::gemm_f32(av, packed, cv, {.row_bias = rows});
    CHECK(same(kernels::reference_gemm_f32(av, bv, [&](auto i, auto) { return rows[std::size_t(i)]; }), c.data(), k));

    auto const before = biased;
    std::copy(before.begin(), before.end(), c.begin());
    kernels::gemm_f32(av, packed, cv, {.accumulate = true});
    CHECK(same(kernels::reference_gemm_f32(av, bv, [&](auto i, auto j) { return before[std::size_t(i * n + j)]; }),
               c.data(), k));

    auto clamped = biased;
    for (float& x : clamped) x = x < 0 ? 0 : x > 6 ? 6 : x;
    kernels::gemm_f32(av, packed, cv, {.bias = bias, .low = 0, .high = 6});
    CHECK(same(clamped, c.data(), k));
    CHECK(c.back() == 77.f);
  }
}

TEST_CASE("NaN goes through a clamp, infinities do not") {
  std::vector<float> const a{1}, b{NAN, INFINITY, -INFINITY, 2};
  std::vector<float> c(4);
  kernels::gemm_f32({a.data(), 1, 1}, kernels::pack_f32({b.data(), 1, 4}), {c.data(), 1, 4}, {.low = 0, .high = 6});
  CHECK(std::isnan(c[0]));
  CHECK(c[1] == 6);
  CHECK(c[2] == 0);
  CHECK(c[3] == 2);
}

TEST_CASE("an operand may be filled in by a function: a product without a copy of B") {
  std::mt19937 random{7};
  auto const a = floats(random, 5 * 9), b = floats(random, 9 * 70);
  std::vector<float> one(5 * 70), two(5 * 70);
  kernels::gemm_f32({a.data(), 5, 9}, kernels::pack_f32({b.data(), 9, 70}), {one.data(), 5, 70});
  kernels::packed_f32<> packed;
  kernels::repack_f32(packed, 9, 70, [&](std::ptrdiff_t k, std::ptrdiff_t j, std::ptrdiff_t n, float* to) {
    std::copy_n(b.data() + k * 70 + j, n, to);
  });
  kernels::gemm_f32({a.data(), 5, 9}, packed, {two.data(), 5, 70});
  CHECK(one == two);
}

TEST_CASE("threads change nothing") {
  std::mt19937 random{11};
  std::ptrdiff_t const m = 150, n = 500, k = 300;
  auto const a = floats(random, m * k), b = floats(random, k * n);
  std::vector<float> one(std::size_t(m * n)), more(one.size());
  kernels::gemm_f32({a.data(), m, k}, kernels::pack_f32({b.data(), k, n}), {one.data(), m, n});
  for (unsigned threads : {2u, 3u}) {
    thread_pool pool{threads};
    kernels::gemm_f32({a.data(), m, k}, kernels::pack_f32({b.data(), k, n}, pool), {more.data(), m, n}, {}, pool);
    CHECK(one == more);
  }
}
