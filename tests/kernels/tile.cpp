#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

#include <octet/kernels/tile.hpp>

using namespace octet;

TEST_CASE("the last step of a row is read byte by byte") {
  std::byte const row[] = {std::byte{1}, std::byte{2}, std::byte{3}};
  CHECK(detail::load_tail(row, 1) == 0x01u);
  CHECK(detail::load_tail(row, 2) == 0x0201u);
  CHECK(detail::load_tail(row, 3) == 0x030201u);
}

TEST_CASE("one tile: offsets, row and column terms, resuming") {
  using dot = kernels::dot4<xsimd::default_arch>;
  constexpr int lanes = static_cast<int>(dot::acc::size);
  alignas(64) std::int8_t b[4 * lanes];
  for (int i = 0; i < 4 * lanes; ++i) b[i] = static_cast<std::int8_t>(i % 4 == 0 ? i / 4 : 1);
  std::uint8_t const a[4] = {2, 3, 4, 5};
  std::vector<std::int32_t> offsets(lanes, 100), column(lanes, 2), out(lanes, 0);
  std::int32_t const row = 7;
  detail::left_source const left{reinterpret_cast<std::byte const*>(a), 4, 4, 1, 0};
  detail::start<std::int32_t> s{offsets.data(), &row, column.data()};
  auto const kernel = detail::tiles_of<dot, std::int32_t>.narrow[1];
  kernel(left, reinterpret_cast<std::byte const*>(b), 0, s, out.data(), lanes);
  for (int j = 0; j < lanes; ++j) CHECK(out[std::size_t(j)] == 2 * j + 12 + 100 - 14);
  s.resume = true;
  kernel(left, reinterpret_cast<std::byte const*>(b), 0, s, out.data(), lanes);
  for (int j = 0; j < lanes; ++j) CHECK(out[std::size_t(j)] == 2 * (2 * j + 12) + 86);
}

namespace {
/// Two columns (1, 2, 3, 4) and (−1, 0, 0, 0) against one row, through a left operand of 16-bit elements.
template <class Dot>
void check_widened() {
  if constexpr (kernels::widening_dot<Dot>) {
    constexpr int lanes = static_cast<int>(Dot::acc::size);
    alignas(64) std::int8_t b[4 * lanes] = {1, 2, 3, 4, -1};
    std::uint16_t const wide[4] = {200, 4, 3, 5};  // k 0, 2, 1, 3
    std::vector<std::int32_t> const offsets(lanes, 100);
    std::vector<std::int32_t> out(lanes, 0);
    detail::left_source const left{reinterpret_cast<std::byte const*>(wide), 8, 8, 1, 0};
    detail::start<std::int32_t> const s{offsets.data()};
    detail::tiles_of<kernels::widened<Dot>, std::int32_t>.narrow[1](left, reinterpret_cast<std::byte const*>(b), 0, s,
                                                                    out.data(), lanes);
    CHECK(out[0] == 100 + 200 + 2 * 3 + 3 * 4 + 4 * 5);
    CHECK(out[1] == 100 - 200);
  }
}
}  // namespace

TEST_CASE("one tile with a widened left operand") { check_widened<kernels::dot4<xsimd::default_arch>>(); }
