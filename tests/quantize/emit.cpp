#include <octet/quantize/emit.hpp>

#include <doctest/doctest.h>

using namespace octet;

TEST_CASE("zero points in the bytes of their type") {
  std::vector<grid> const g{{1, -3, element::s8}, {1, 7, element::s8}};
  auto const t = detail::integers_of(g, {2}, element::s8);
  CHECK(t.as<std::int8_t>()[0] == -3);
  CHECK(t.as<std::int8_t>()[1] == 7);
  CHECK(detail::integers_of({{1, 40000, element::u16}}, {}, element::u16).as<std::uint16_t>()[0] == 40000);
  CHECK(detail::integers_of(g, {2}, element::s4).bytes()[0] == std::byte{0x7d});  // 7 high, −3 low
}

TEST_CASE("scales in the float type of the tensor") {
  std::vector<grid> const g{{0.5f, 0, element::u8}};
  CHECK(detail::scales_of(g, {}, element::f32).as<float>()[0] == 0.5f);
  CHECK(detail::scales_of(g, {}, element::f16).as<std::uint16_t>()[0] == 0x3800);
  CHECK(detail::scales_of(g, {}, element::bf16).as<std::uint16_t>()[0] == 0x3f00);
}
