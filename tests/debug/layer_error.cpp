#include <octet/debug/layer_error.hpp>

#include <doctest/doctest.h>

using octet::debug::layer_cause;

TEST_CASE("faults weigh more than rounding") {
  CHECK(octet::debug::gravity(layer_cause::swapped_channels) > octet::debug::gravity(layer_cause::clipped_range));
  CHECK(octet::debug::gravity(layer_cause::wide_range) > octet::debug::gravity(layer_cause::outliers));
  CHECK(octet::debug::text(layer_cause::swapped_channels) == "swapped channels");
  CHECK(octet::debug::text(layer_cause::wrong_scale) == "wrong scale");
  CHECK(octet::debug::text(layer_cause::rounding) == "rounding");
}
