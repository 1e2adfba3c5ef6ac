// One dot product and one narrowing beside scalar arithmetic, for any architecture.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <type_traits>
#include <vector>

#include <octet/kernels/isa/all.hpp>

namespace dot_cases {

using namespace octet;

template <class Dot>
struct is_flipped : std::false_type {};
template <class Dot>
struct is_flipped<kernels::flipped<Dot>> : std::true_type {};

/// `bits` 7: b within −64 … 64.
template <class Dot>
void products(int bits) {
  using acc = typename Dot::acc;
  constexpr int lanes = static_cast<int>(acc::size);
  std::mt19937 random{7};
  for (int round = 0; round < 2000; ++round) {
    std::uint8_t a[4];
    alignas(64) std::int8_t b[4 * lanes];
    std::int32_t before[lanes], after[lanes];
    for (auto& x : a) x = static_cast<std::uint8_t>(random() % 4 == 0 ? 255 : random());
    for (auto& x : b) x = static_cast<std::int8_t>(random() % 4 == 0 ? -128 : random());
    for (auto& x : b) x = static_cast<std::int8_t>(bits == 7 ? x / 2 : x);
    for (auto& x : before) x = static_cast<std::int32_t>(random());
    acc const c = Dot::dot(acc::load_unaligned(before), Dot::left(Dot::broadcast(a)), Dot::right(b));
    c.store_unaligned(after);
    bool same = true;
    for (int j = 0; j < lanes; ++j) {
      auto want = static_cast<std::uint32_t>(before[j]);
      for (int t = 0; t < 4; ++t)
        want += static_cast<std::uint32_t>((is_flipped<Dot>::value ? a[t] ^ 0x80 : a[t]) * b[4 * j + t]);
      same &= static_cast<std::uint32_t>(after[j]) == want;
    }
    if (!same || round == 0) CHECK(same);
  }
}

template <class Arch, class T>
void narrowing_of() {
  using ints = xsimd::batch<std::int32_t, Arch>;
  constexpr int lanes = static_cast<int>(ints::size);
  std::mt19937 random{7};
  bool same = true;
  for (int round = 0; round < 2000; ++round) {
    std::int32_t x[4 * lanes];
    for (auto& v : x) v = static_cast<std::int32_t>(random() % 400000) - 200000;
    if (round % 2)
      for (auto& v : x) v /= 500;
    ints q[4];
    for (int v = 0; v < 4; ++v) q[v] = ints::load_unaligned(x + v * lanes);
    T to[4 * lanes + 1];
    to[4 * lanes] = T(77);
    kernels::narrow<Arch>::store4(to, q);
    same &= to[4 * lanes] == T(77);
    for (int i = 0; i < 4 * lanes; ++i) {
      std::int32_t const low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
      same &= to[i] == (x[i] < low ? low : x[i] > high ? high : x[i]);
    }
    std::int32_t back[lanes];
    kernels::narrow<Arch>::template widen<T>(to + lanes).store_unaligned(back);
    for (int i = 0; i < lanes; ++i) same &= back[i] == to[lanes + i];
  }
  CHECK(same);
}

template <class Arch>
void narrowing() {
  narrowing_of<Arch, std::uint8_t>();
  narrowing_of<Arch, std::int8_t>();
  narrowing_of<Arch, std::uint16_t>();
  narrowing_of<Arch, std::int16_t>();
}

}  // namespace dot_cases
