#include <doctest/doctest.h>

#include <type_traits>

#include <octet/policy/policy.hpp>

using namespace octet;

template <policy P>
struct typed {};

TEST_CASE("presets have the symmetries of the reference tool") {
  static_assert(u8s8 == policy{});
  CHECK(u8u8.activation == element::u8);
  CHECK(u8u8.weight == element::u8);
  CHECK(u8u8.weight_symmetry == symmetry::asymmetric);
  CHECK(s8s8.activation == element::s8);
  CHECK(s8s8.weight == element::s8);
  CHECK(s8s8.weight_symmetry == symmetry::symmetric);
  for (policy p : {u8u8, u8s8, s8s8}) {
    CHECK(p.activation_symmetry == symmetry::asymmetric);
    CHECK(p.weight_granularity == granularity::per_tensor);
    CHECK_FALSE(p.reduce_range);
  }
}

TEST_CASE("a variation changes one member, and equal values are one type") {
  constexpr policy edge{.activation = element::u8,
                        .weight = element::s8,
                        .weight_granularity = granularity::per_channel,
                        .reduce_range = true};
  static_assert(edge == u8s8.per_channel().reduced());
  static_assert(std::is_same_v<typed<edge>, typed<u8s8.reduced().per_channel()>>);
  static_assert(!std::is_same_v<typed<edge>, typed<u8s8>>);
  CHECK(u8s8.per_channel().per_tensor() == u8s8);
  CHECK(u8s8.reduced().reduced(false) == u8s8);
  CHECK(u8s8.symmetric().activation_symmetry == symmetry::symmetric);
  CHECK(u8s8.symmetric().weight_symmetry == u8s8.weight_symmetry);
  CHECK(u8s8.symmetric().asymmetric() == u8s8);
  CHECK(u8u8.symmetric_weights().weight_symmetry == symmetry::symmetric);
  CHECK(u8u8.symmetric_weights().asymmetric_weights() == u8u8);
}
