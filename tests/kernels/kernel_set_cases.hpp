// A table of kernels beside the definitions, whichever unit it was compiled in.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <octet/kernels/kernel_set.hpp>
#include <octet/kernels/reference.hpp>

namespace kernel_set_cases {

using namespace octet;

template <class A, class B>
void product(kernels::kernel_set const& all, std::ptrdiff_t m, std::ptrdiff_t n, std::ptrdiff_t k) {
  std::mt19937 random{static_cast<unsigned>(m + n + k)};
  auto const fill = [&](auto& v) {
    for (auto& x : v) x = static_cast<std::remove_reference_t<decltype(x)>>(random() % 4 == 0 ? 255 : random());
  };
  std::vector<A> a(std::size_t(m * k));
  std::vector<B> b(std::size_t(k * n)), turned(b.size());
  fill(a);
  fill(b);
  for (std::ptrdiff_t i = 0; i < k; ++i)
    for (std::ptrdiff_t j = 0; j < n; ++j) turned[std::size_t(j * k + i)] = b[std::size_t(i * n + j)];
  std::vector<std::int32_t> const zeros(std::size_t(n), 3);
  auto const want = kernels::reference_gemm<A, B>({a.data(), m, k}, {b.data(), k, n}, 5, zeros.data(), nullptr);
  auto const bytes = [](auto const& v) { return reinterpret_cast<std::uint8_t const*>(v.data()); };
  for (bool transposed : {false, true}) {
    auto const packed = transposed ? all.pack(element_of<B>(), {bytes(turned), n, k}, true)
                                   : all.pack(element_of<B>(), {bytes(b), k, n}, false);
    std::vector<std::int32_t> c(want.size());
    all.gemm(element_of<A>(), {bytes(a), m, k}, packed, {c.data(), m, n}, {.a_zero = 5, .b_zero = 3});
    CHECK(c == want);
  }
}

/// Small integers, which no order of additions rounds.
inline void float_product(kernels::kernel_set const& all, std::ptrdiff_t m, std::ptrdiff_t n, std::ptrdiff_t k) {
  std::vector<float> a(std::size_t(m * k)), b(std::size_t(k * n)), c(std::size_t(m * n));
  std::mt19937 random{3};
  for (auto* const v : {&a, &b})
    for (auto& x : *v) x = static_cast<float>(static_cast<int>(random() % 17) - 8);
  all.gemm_f32({a.data(), m, k}, all.pack_f32({b.data(), k, n}, false), {c.data(), m, n}, {});
  bool same = true;
  for (std::ptrdiff_t i = 0; i < m; ++i)
    for (std::ptrdiff_t j = 0; j < n; ++j) {
      float t = 0;
      for (std::ptrdiff_t l = 0; l < k; ++l) t += a[std::size_t(i * k + l)] * b[std::size_t(l * n + j)];
      same &= c[std::size_t(i * n + j)] == t;
    }
  CHECK(same);
}

inline void elements(kernels::kernel_set const& all) {
  std::mt19937 random{4};
  std::vector<float> x(1003), back(x.size());
  for (auto& v : x) v = std::normal_distribution<float>(0, 2)(random);
  x[7] = std::numeric_limits<float>::infinity(), x[900] = 0.05f * 2.5f;
  std::vector<std::uint8_t> q(x.size());
  for (grid const g : {grid{0.05f, 7, element::u8}, grid{0.05f, -7, element::s8}}) {
    all.quantize(x, g, q);
    all.dequantize(q, g, back);
    bool same = true;
    for (std::size_t i = 0; i < x.size(); ++i) {
      std::int32_t const y = is_signed(g.type) ? static_cast<std::int8_t>(q[i]) : q[i];
      same &= y == (is_signed(g.type) ? kernels::reference_quantize<std::int8_t>(x[i], g)
                                      : kernels::reference_quantize<std::uint8_t>(x[i], g));
      same &= back[i] == static_cast<float>(y - g.zero_point) * g.scale;
    }
    CHECK(same);
  }
  float low = x[0], high = x[0];
  for (float const v : x) low = v < low ? v : low, high = v > high ? v : high;
  CHECK(all.min_max(x) == range{low, high});
}

inline void check(kernels::kernel_set const& all) {
  for (std::ptrdiff_t m : {1, 3, 29})
    for (std::ptrdiff_t n : {1, 33, 130})
      for (std::ptrdiff_t k : {1, 6, 64, 1027}) {
        product<std::uint8_t, std::int8_t>(all, m, n, k);
        product<std::uint8_t, std::uint8_t>(all, m, n, k);
        product<std::int8_t, std::int8_t>(all, m, n, k);
        float_product(all, m, n, k);
      }
  elements(all);
}

}  // namespace kernel_set_cases
