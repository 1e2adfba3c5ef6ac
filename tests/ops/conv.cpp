#include <octet/ops/conv.hpp>

#include <doctest/doctest.h>

#include "support/one_operator.hpp"

using namespace octet;

TEST_CASE("channels of a convolution's weight: axis 0, of a transposed one axis 1") {
  CHECK(conv_traits.input(1).channel_axis(node{.op = "Conv"}) == 0);
  CHECK(conv_transpose_traits.input(1).channel_axis(node{.op = "ConvTranspose"}) == 1);
}

TEST_CASE("B7: a bias that is computed keeps a QLinearConv away, not a ConvInteger") {
  test::maker m{"conv"};
  auto const y = m.op("Conv", {m.input("x", {1, 3, 4, 4}), m.weight("w", {2, 3, 1, 1}), m.input("b", {2})});
  CHECK(unfit_conv(m.g(), *m.g().producer(y), false) == "its bias is not constant");
  CHECK(unfit_conv(m.g(), *m.g().producer(y), true).empty());
}

TEST_CASE("a computed weight keeps both away") {
  test::maker m{"conv"};
  auto const y = m.op("Conv", {m.input("x", {1, 3, 4, 4}), m.input("w", {2, 3, 1, 1})});
  CHECK(unfit_conv(m.g(), *m.g().producer(y), false) == "its weight is not constant");
  CHECK(unfit_conv(m.g(), *m.g().producer(y), true) == "its weight is not constant");
}
