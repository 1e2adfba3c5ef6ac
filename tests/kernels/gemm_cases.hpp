// Integer products beside their definition, for one policy and mode: a source per policy keeps each one quick to
// compile.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <octet/kernels/gemm.hpp>
#include <octet/kernels/reference.hpp>

namespace gemm_cases {

using namespace octet;

struct dims {
  std::ptrdiff_t m, n, k;
};

/// 1 … 10, powers of two and their neighbours, deep, shallow, narrow, wide, empty.
inline std::vector<dims> shapes() {
  std::vector<dims> s;
  for (std::ptrdiff_t m : {1, 2, 3, 4, 5, 7, 13, 14, 15, 29})
    for (std::ptrdiff_t n : {1, 5, 16, 31, 33, 64, 130})
      for (std::ptrdiff_t k : {1, 3, 4, 6, 37, 64}) s.push_back({m, n, k});
  for (std::ptrdiff_t k = 0; k <= 10; ++k) s.push_back({6, 9, k});
  for (dims d :
       {dims{17, 70, 1024}, {1, 300, 2049}, {200, 600, 31}, {33, 48, 4096}, {3, 7, 16384}, {0, 5, 3}, {5, 0, 3}})
    s.push_back(d);
  return s;
}

/// Runs the tasks backwards: their order must not matter.
struct backwards {
  template <class F>
  void run(std::ptrdiff_t n, F const& f) const {
    while (n-- > 0) f(n);
  }
};

/// Extremes often: they are what saturates. `bits` 7: within the reduced range.
template <class T>
std::vector<T> elements(std::mt19937& random, std::ptrdiff_t n, int bits = 8) {
  std::vector<T> v(static_cast<std::size_t>(n));
  int const low = bits == 7 ? (std::is_signed_v<T> ? -64 : 0) : std::numeric_limits<T>::min();
  int const high = bits == 7 ? (std::is_signed_v<T> ? 64 : 127) : std::numeric_limits<T>::max();
  for (auto& x : v) {
    auto const r = random();
    x = static_cast<T>(r % 8 == 0   ? low
                       : r % 8 == 1 ? high
                                    : low + static_cast<int>(r / 8 % static_cast<unsigned>(high - low + 1)));
  }
  return v;
}

template <policy P, class Mode>
struct cases {
  using left = kernels::left_element<P>;
  using right = kernels::right_element<P>;
  std::mt19937 random{7};

  /// One shape: no zero point, one, and one a column; stored, requantized, as floats; in any order of tasks.
  void run(dims d, int bits) {
    auto const stride = d.k + static_cast<std::ptrdiff_t>(random() % 3);
    auto const a = elements<left>(random, d.m * stride + 1);
    auto const b = elements<right>(random, d.k * d.n + 1, bits);
    std::vector<right> flipped(b.size());
    for (std::ptrdiff_t i = 0; i < d.k; ++i)
      for (std::ptrdiff_t j = 0; j < d.n; ++j) flipped[std::size_t(j * d.k + i)] = b[std::size_t(i * d.n + j)];
    matrix<left const> const av{a.data(), d.m, d.k, stride};
    matrix<right const> const bv{b.data(), d.k, d.n};
    auto const packed = kernels::pack<P>(bv);
    auto const transposed = kernels::pack_transposed<P>({flipped.data(), d.n, d.k});
    std::vector<std::int32_t> zeros(std::size_t(d.n)), bias(std::size_t(d.n));
    for (auto& x : bias) x = static_cast<std::int32_t>(random() % 20001) - 10000;
    for (int kind = 0; kind < 3; ++kind) {
      std::int32_t const za = kind ? static_cast<std::int32_t>(random() % 256) - (std::is_signed_v<left> ? 128 : 0) : 0;
      std::int32_t const zb = kind ? static_cast<std::int32_t>(random() % 100) : 0;
      for (auto& z : zeros) z = kind == 2 ? static_cast<std::int32_t>(random() % 100) : zb;
      auto const want = kernels::reference_gemm(av, bv, za, zeros.data(), bias.data());
      kernels::integer_terms terms{.a_zero = za, .b_zero = zb, .b_zeros = {}, .bias = bias};
      if (kind == 2) terms.b_zeros = zeros;
      check(av, packed, terms, want, d);
      check_stored(av, transposed, terms, want, d, serial{});
    }
  }

  template <class Packed, class Pool>
  void check_stored(matrix<left const> a, Packed const& b, kernels::integer_terms const& terms,
                    std::vector<std::int32_t> const& want, dims d, Pool pool) {
    std::vector<std::int32_t> c(want.size() + 1, 77);
    kernels::gemm<P, Mode>(a, b, matrix<std::int32_t>{c.data(), d.m, d.n}, terms, pool);
    CHECK(std::equal(want.begin(), want.end(), c.begin()));
    CHECK(c.back() == 77);
  }

  template <class Packed>
  void check(matrix<left const> a, Packed const& b, kernels::integer_terms const& terms,
             std::vector<std::int32_t> const& want, dims d) {
    CAPTURE(d.m);
    CAPTURE(d.n);
    CAPTURE(d.k);
    check_stored(a, b, terms, want, d, serial{});
    check_stored(a, b, terms, want, d, backwards{});

    std::vector<float> multipliers(std::size_t(d.n));
    for (auto& m : multipliers) m = 1e-3f * static_cast<float>(1 + random() % 100) / static_cast<float>(1 + d.k / 16);
    std::vector<std::uint8_t> q(want.size() + 1, 77);
    kernels::requantize<std::uint8_t> const to_u8{{q.data(), d.m, d.n}, multipliers, 3, 3, 250};
    kernels::gemm<P, Mode>(a, b, to_u8, terms);
    bool same = q.back() == 77;
    for (std::size_t i = 0; i < want.size(); ++i)
      same &=
          q[i] == kernels::reference_requantize<std::uint8_t>(want[i], multipliers[i % std::size_t(d.n)], 3, 3, 250);
    CHECK(same);

    std::vector<float> f(want.size() + 1, 77.f), shift(std::size_t(d.n), 0.25f);
    kernels::gemm<P, Mode>(a, b, kernels::to_float{{f.data(), d.m, d.n}, multipliers, shift}, terms);
    same = f.back() == 77.f;
    for (std::size_t i = 0; i < want.size(); ++i) {
      float const product = static_cast<float>(want[i]) * multipliers[i % std::size_t(d.n)];
      same &= f[i] == product + 0.25f;
    }
    CHECK(same);
  }
};

template <policy P, class Mode = kernels::exact>
void all(int bits = 8) {
  cases<P, Mode> c;
  for (auto d : shapes()) c.run(d, bits);
}

}  // namespace gemm_cases
