#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <octet/core/parallel.hpp>
#include <octet/kernels/quantize.hpp>
#include <octet/kernels/reference.hpp>

using namespace octet;
using std::span;

/// Every half step and its neighbours, random values, random bit patterns, and what is no number.
static std::vector<float> inputs(float scale, int steps) {
  std::mt19937 random{7};
  std::vector<float> x;
  for (int i = -steps; i < steps; ++i) {
    float const t = static_cast<float>(i) * 0.5f * scale;
    for (float y : {t, std::nextafter(t, 1e38f), std::nextafter(t, -1e38f)}) x.push_back(y);
  }
  auto const width = static_cast<float>(steps);
  for (int i = 0; i < 5000; ++i) x.push_back(std::uniform_real_distribution<float>(-width, width)(random) * scale);
  for (int i = 0; i < 5000; ++i) x.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(random())));
  for (float y : {NAN, -NAN, INFINITY, -INFINITY, 0.f, -0.f, 3e38f, -3e38f, 1e-45f}) x.push_back(y);
  return x;
}

template <class T>
static void compare(element type) {
  auto const all = numeric::all_of(type);
  for (float scale : {0.0173f, 1.f, 0.1f, 3e-5f, 0.75f, 7.3e4f, 1e-38f, 1e-42f, 3e38f})
    for (int zero : {all.low, all.high, (all.low + all.high + 1) / 2, all.low + 1}) {
      grid const g{scale, zero, type};
      auto const x = inputs(scale, type == element::u16 || type == element::s16 ? 3000 : 700);
      std::vector<T> want(x.size()), got(x.size(), T(55));
      for (std::size_t i = 0; i < x.size(); ++i) want[i] = kernels::reference_quantize<T>(x[i], g);
      kernels::quantize(x, g, span{got});
      std::size_t wrong = 0;
      for (std::size_t i = 0; i < x.size(); ++i)
        if (want[i] != got[i] && ++wrong < 3)
          MESSAGE("x=" << x[i] << " want " << int(want[i]) << " got " << int(got[i]));
      CAPTURE(scale);
      CAPTURE(zero);
      CHECK(wrong == 0);
    }
}

TEST_CASE("quantize is the division, rounded half to even, bit for bit") {
  SUBCASE("u8") { compare<std::uint8_t>(element::u8); }
  SUBCASE("s8") { compare<std::int8_t>(element::s8); }
  SUBCASE("u16") { compare<std::uint16_t>(element::u16); }
  SUBCASE("s16") { compare<std::int16_t>(element::s16); }
  SUBCASE("u4") { compare<std::uint8_t>(element::u4); }
  SUBCASE("s4") { compare<std::int8_t>(element::s4); }
}

TEST_CASE("quantize rounds ties to even, saturates, and sends NaN to the lowest integer") {
  std::vector<float> const x{0.5f, 1.5f, -0.5f, 2.5f, 1000, -1000, NAN, INFINITY, -INFINITY};
  std::vector<std::int8_t> q(x.size());
  kernels::quantize(x, {1, 0, element::s8}, span{q});
  CHECK(q == std::vector<std::int8_t>{0, 2, 0, 2, 127, -128, -128, 127, -128});
}

TEST_CASE("every length, and nothing written behind it") {
  for (std::size_t n = 0; n < 150; ++n) {
    std::vector<float> x(n);
    for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<float>(i % 200);
    std::vector<std::uint8_t> q(n + 1, 77);
    kernels::quantize(x, {1, 3, element::u8}, span{q.data(), n});
    bool same = q[n] == 77;
    for (std::size_t i = 0; i < n; ++i) same &= q[i] == i % 200 + 3;
    CAPTURE(n);
    CHECK(same);
  }
}

TEST_CASE("threads change nothing") {
  std::vector<float> x(300'001);
  std::mt19937 random{1};
  for (auto& v : x) v = std::normal_distribution<float>()(random);
  std::vector<std::uint8_t> one(x.size()), two(x.size());
  thread_pool pool{2};
  grid const g{0.02f, 120, element::u8};
  kernels::quantize(x, g, span{one});
  kernels::quantize(x, g, span{two}, pool);
  CHECK(one == two);
}

TEST_CASE("columns have grids of their own") {
  std::mt19937 random{3};
  for (std::ptrdiff_t columns : {0, 1, 7, 16, 63, 64, 65, 130})
    for (std::ptrdiff_t rows : {0, 1, 5, 32, 70}) {
      auto const stride = columns + 3;
      std::vector<float> x(static_cast<std::size_t>(rows * stride + 1));
      for (auto& v : x) v = std::normal_distribution<float>()(random);
      std::vector<grid> g;
      for (std::ptrdiff_t j = 0; j < columns; ++j)
        g.push_back({0.001f * static_cast<float>(j + 1), int(j % 5), element::s8});
      std::vector<std::int8_t> q(static_cast<std::size_t>(rows * columns + 1), 77);
      kernels::quantize_columns({x.data(), rows, columns, stride}, g, matrix<std::int8_t>{q.data(), rows, columns});
      bool same = q.back() == 77;
      for (std::ptrdiff_t i = 0; i < rows; ++i)
        for (std::ptrdiff_t j = 0; j < columns; ++j)
          same &= q[static_cast<std::size_t>(i * columns + j)] ==
                  kernels::reference_quantize<std::int8_t>(x[static_cast<std::size_t>(i * stride + j)],
                                                           g[static_cast<std::size_t>(j)]);
      CAPTURE(columns);
      CHECK(same);
    }
}
