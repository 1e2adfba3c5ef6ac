// Scales and zero points: one, or one for each channel, of the operand's type.
#include <octet/exec/ops/integer_terms.hpp>

#include <doctest/doctest.h>

using namespace octet;
using namespace octet::detail;

namespace {
op_label label() {
  static node n;
  n.op = "QLinearConv";
  static preparation const p{.node = n, .opset = 10};
  return op_label{p};
}
}  // namespace

TEST_CASE("zero points are counted, typed and optional") {
  auto const z = tensor::of<std::int8_t>({3}, {-1, 0, 5});
  CHECK(zero_points(label(), nullptr, element::s8, 3, "B") == std::vector<std::int32_t>{0});
  CHECK(zero_points(label(), &z, element::s8, 3, "B") == std::vector<std::int32_t>{-1, 0, 5});
  CHECK_THROWS_AS(zero_points(label(), &z, element::u8, 3, "B"), error);
  CHECK_THROWS_AS(zero_points(label(), &z, element::s8, 4, "B"), error);
  CHECK(!all_equal(zero_points(label(), &z, element::s8, 3, "B")));
}

TEST_CASE("multipliers are x · w / y, rounded after each operation") {
  auto const m = multipliers(0.1f, {0.3f, 0.7f}, 0.9f, 2);
  CHECK(m[0] == 0.1f * 0.3f / 0.9f);
  CHECK(m[1] == 0.1f * 0.7f / 0.9f);
  CHECK(multipliers(0.1f, {0.3f}, 0.9f, 3).size() == 3);
  CHECK_THROWS_AS(scales_of(label(), tensor::of<float>({2}, {1, 2}), 3, "B"), error);
  CHECK_THROWS_AS(expect_8_bit(label(), tensor::scalar(1.f), "A"), error);
}
