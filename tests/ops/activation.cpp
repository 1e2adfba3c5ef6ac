#include <octet/ops/activation.hpp>

#include <doctest/doctest.h>

using namespace octet;

TEST_CASE("Relu and Clip are absorbed and have no quantized operator of their own") {
  for (auto const& t : {relu_traits, clip_traits}) {
    CHECK(t.when == condition::absorbed);
    CHECK_FALSE(t.qoperator);
    CHECK(t.input(1).role == role::data);
  }
}

TEST_CASE("a Softmax fills the unit interval whatever calibration saw") {
  CHECK(softmax_traits.output == output_grid::unit_interval);
}
