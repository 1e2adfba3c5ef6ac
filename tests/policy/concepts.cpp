#include <doctest/doctest.h>

#include <octet/policy/concepts.hpp>

using namespace octet;

TEST_CASE("each rule alone") {
  constexpr policy wide{.activation = element::u16}, narrow{.weight = element::s4},
      crossed{.activation = element::s8, .weight = element::u8};
  static_assert(!has_8_bit_activations<wide> && has_8_bit_weights<wide> && has_kernel<wide>);
  static_assert(has_8_bit_activations<narrow> && !has_8_bit_weights<narrow> && has_kernel<narrow>);
  static_assert(has_8_bit_activations<crossed> && has_8_bit_weights<crossed> && !has_kernel<crossed>);
  static_assert(!usable_policy<wide> && !usable_policy<narrow> && !usable_policy<crossed>);
  static_assert(usable_policy<u8u8> && usable_policy<u8s8> && usable_policy<s8s8.per_channel().reduced().symmetric()>);
  require_usable<u8u8>();
  CHECK(usable(u8s8));
  CHECK_FALSE(usable(wide));
  CHECK_FALSE(usable(narrow));
  CHECK_FALSE(usable(crossed));
}
