#include <octet/debug/weight_faults.hpp>

#include <doctest/doctest.h>

#include "support/builder.hpp"

using octet::debug::weight_fault_kind;
using support::floats;

TEST_CASE("a weight that was rounded only has no fault") {
  auto const w = floats({2, 3}, {1, 2, 3, -3, 1, 0.5f}), rounded = floats({2, 3}, {1.1f, 1.9f, 3, -3, 1, 0.4f});
  CHECK(!octet::debug::find_weight_fault(w, rounded, 0));
  CHECK(!octet::debug::find_weight_fault(floats({2}, {1, 2}), floats({2}, {2, 1}), 0));  // vectors are not judged
}

TEST_CASE("swapped channels, a wrong scale, other values") {
  auto const w = floats({3, 2}, {1, 0, 0, 1, 1, 1});
  auto const swapped = octet::debug::find_weight_fault(w, floats({3, 2}, {0, 1, 1, 0, 1, 1}), 0);
  REQUIRE(swapped);
  CHECK(swapped->kind == weight_fault_kind::swapped_channels);
  CHECK(swapped->detail == "channel 0 holds what channel 1 should, in all 2 of 3 channels");
  auto const scaled = octet::debug::find_weight_fault(w, floats({3, 2}, {8, 0, 0, 8, 8, 8}), 0);
  REQUIRE(scaled);
  CHECK(scaled->kind == weight_fault_kind::wrong_scale);
  CHECK(scaled->detail == "3 of 3 channels are about 8 times what they should be");
  auto const other = octet::debug::find_weight_fault(w, floats({3, 2}, {1, 0, 0, 1, 3, -3}), 0);
  REQUIRE(other);
  CHECK(other->kind == weight_fault_kind::damaged);
  auto const columns = octet::debug::find_weight_fault(floats({2, 2}, {1, 0, -2, 3}), floats({2, 2}, {0, 1, 3, -2}), 1);
  REQUIRE(columns);  // along the other axis
  CHECK(columns->kind == weight_fault_kind::swapped_channels);
}

TEST_CASE("output channels lie where the operator has them") {
  octet::node n{.op = "Gemm"};
  CHECK(octet::debug::channel_axis(n, 1, 2) == 1);
  n.set("transB", std::int64_t{1});
  CHECK(octet::debug::channel_axis(n, 1, 2) == 0);
  CHECK(octet::debug::channel_axis({.op = "ConvTranspose"}, 1, 4) == 1);
  CHECK(octet::debug::channel_axis({.op = "Conv"}, 1, 4) == 0);
  CHECK(octet::debug::channel_axis({.op = "MatMul"}, 1, 3) == 2);
}
