#include <octet/ops/normalization.hpp>

#include <doctest/doctest.h>

using namespace octet;

TEST_CASE("a normalization has an activation, a weight, a bias, and statistics that stay float") {
  for (auto const& t : {batch_normalization_traits, instance_normalization_traits, layer_normalization_traits}) {
    CHECK(t.input(0).role == role::activation);
    CHECK(t.input(1).role == role::weight);
    CHECK(t.input(2).role == role::bias);
    CHECK(t.input(3).role == role::unused);
    CHECK(t.input(4).role == role::unused);
    CHECK_FALSE(t.qoperator);
  }
}
