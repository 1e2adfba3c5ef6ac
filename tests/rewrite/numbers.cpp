#include <doctest/doctest.h>

#include <octet/rewrite/numbers.hpp>
#include <support/builder.hpp>

using namespace octet;
using namespace octet::rewrite;
using support::floats;

TEST_CASE("a normalization is gamma/sqrt(variance + epsilon) and beta - mean times that") {
  auto const a =
      normalization_of(floats({2}, {2, 3}), floats({2}, {1, -1}), floats({2}, {4, 0}), floats({2}, {3, 8}), 1);
  REQUIRE(a.has_value());
  CHECK(a->scale == std::vector<double>{1, 1});
  CHECK(a->shift == std::vector<double>{-3, -1});
  CHECK_FALSE(
      normalization_of(floats({1}, {1}), floats({1}, {1}), floats({1}, {1}), floats({1}, {-1}), 0.5).has_value());
  CHECK_FALSE(
      normalization_of(floats({1}, {1}), floats({2}, {1, 1}), floats({1}, {1}), floats({1}, {1}), 0.5).has_value());
}

TEST_CASE("weights are scaled along the axis of their channels") {
  auto const w = floats({4, 1, 1}, {1, 1, 1, 1});
  CHECK(reals(scale_outputs(w, {1, 2, 3, 4})) == std::vector<double>{1, 2, 3, 4});
  auto const g =
      floats({4, 2, 1}, {1, 1, 1, 1, 1, 1, 1, 1});  // 2 groups: outputs 0, 1 read inputs 0, 1; outputs 2, 3 read 2, 3
  CHECK(reals(scale_inputs(g, {1, 2, 3, 4}, 2)) == std::vector<double>{1, 2, 1, 2, 3, 4, 3, 4});
  CHECK(reals(scale_transposed(g, {1, 2, 3, 4}, 2)) == std::vector<double>{1, 2, 1, 2, 3, 4, 3, 4});
}

TEST_CASE("constants act on channels, on columns, or on neither") {
  CHECK(per_channel(floats({2, 1, 1}, {1, 2}), 4, 2)->at(1) == 2);
  CHECK(per_channel(floats({}, {5}), 4, 3)->size() == 3);
  CHECK_FALSE(per_channel(floats({2}, {1, 2}), 4, 2).has_value());
  CHECK_FALSE(per_channel(floats({2, 1, 1, 1}, {1, 2}), 4, 2).has_value());
  CHECK(per_column(floats({1, 2}, {1, 2}), 2, 2)->at(1) == 2);
  CHECK_FALSE(per_column(floats({2, 1}, {1, 2}), 2, 2).has_value());
}

TEST_CASE("rounding is to the tensor's own type") {
  CHECK(rounded(element::f32, shape{1}, {0.1}).as<float>()[0] == 0.1f);
  CHECK(rounded(element::f16, shape{1}, {1.0}).as<std::uint16_t>()[0] == 0x3c00);
  CHECK(rounded(element::f64, shape{1}, {0.1}).as<double>()[0] == 0.1);
}
