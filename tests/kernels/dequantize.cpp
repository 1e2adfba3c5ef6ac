#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <octet/core/parallel.hpp>
#include <octet/kernels/dequantize.hpp>
#include <octet/kernels/reference.hpp>

using namespace octet;
using std::span;

template <class T>
static void compare(element type) {
  std::mt19937 random{5};
  auto const all = numeric::all_of(type);
  for (float scale : {1.f, 0.1f, 3e-5f, 1e-42f, 3e38f})
    for (int zero : {all.low, all.high, 3}) {
      for (std::size_t n :
           {std::size_t{0}, std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{131}, std::size_t{70000}}) {
        std::vector<T> q(n);
        for (auto& v : q) v = static_cast<T>(random());
        std::vector<float> y(n + 1, 7.f);
        kernels::dequantize(span{q}, {scale, zero, type}, span{y.data(), n});
        bool same = y[n] == 7.f;
        for (std::size_t i = 0; i < n; ++i) same &= y[i] == kernels::reference_dequantize(q[i], {scale, zero, type});
        CAPTURE(n);
        CAPTURE(scale);
        CHECK(same);
      }
    }
}

TEST_CASE("dequantize rounds once") {
  SUBCASE("u8") { compare<std::uint8_t>(element::u8); }
  SUBCASE("s8") { compare<std::int8_t>(element::s8); }
  SUBCASE("u16") { compare<std::uint16_t>(element::u16); }
  SUBCASE("s16") { compare<std::int16_t>(element::s16); }
}

TEST_CASE("biases of 32 bits") {
  std::vector<std::int32_t> const q{
      0, 1, -1, 16777217, std::numeric_limits<std::int32_t>::max(), std::numeric_limits<std::int32_t>::min()};
  std::vector<float> y(q.size());
  kernels::dequantize(span{q}, {0.5f, 0, element::s32}, span{y});
  for (std::size_t i = 0; i < q.size(); ++i) CHECK(y[i] == static_cast<float>(q[i]) * 0.5f);
}

TEST_CASE("threads change nothing") {
  std::vector<std::uint8_t> q(200'003);
  for (std::size_t i = 0; i < q.size(); ++i) q[i] = static_cast<std::uint8_t>(i * 31);
  std::vector<float> one(q.size()), two(q.size());
  thread_pool pool{2};
  kernels::dequantize(span<std::uint8_t const>{q}, {0.3f, 7, element::u8}, span{one});
  kernels::dequantize(span<std::uint8_t const>{q}, {0.3f, 7, element::u8}, span{two}, pool);
  CHECK(one == two);
}
