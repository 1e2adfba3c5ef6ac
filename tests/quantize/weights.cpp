#include <octet/quantize/weights.hpp>

#include <doctest/doctest.h>

#include "support/one_operator.hpp"

using namespace octet;

namespace {
planned_tensor planned(element type, symmetry s, int axis = no_axis, std::int64_t block = 0) {
  return {.value = static_cast<value_id>(0),
          .role = role::weight,
          .type = type,
          .symmetry = s,
          .axis = axis,
          .block = block};
}
}  // namespace

TEST_CASE("a constant on one grid: scale 2·max|x| / 254 for symmetric s8, and each value to its nearest step") {
  auto const w = tensor::of<float>({5}, {-1.f, 0.f, 0.5f, 1.f, 0.004f});
  auto t = planned(element::s8, symmetry::symmetric);
  t.grids = grids_of(w, t, false, 0);
  CHECK(t.grids[0].scale == static_cast<float>(2.0 / 254));
  auto const q = quantize_constant(w, t);
  CHECK(std::vector<std::int8_t>(q.as<std::int8_t>().begin(), q.as<std::int8_t>().end()) ==
        std::vector<std::int8_t>{-127, 0, 64, 127, 1});  // 63.5 → 64
}

TEST_CASE("channels innermost, outermost and in the middle have their own grids") {
  test::numbers random{3};
  auto const w = random({3, 4, 5}, -2, 2);
  for (int axis : {0, 1, 2}) {
    auto t = planned(element::u8, symmetry::asymmetric, axis);
    t.grids = grids_of(w, t, false, 0);
    REQUIRE(t.grids.size() == static_cast<std::size_t>(w.dims()[static_cast<std::size_t>(axis)]));
    auto const q = quantize_constant(w, t);
    auto const strides = octet::strides(w.dims());
    for (std::int64_t i = 0; i < w.size(); ++i) {
      auto const c = static_cast<std::size_t>(i / strides[static_cast<std::size_t>(axis)] %
                                              w.dims()[static_cast<std::size_t>(axis)]);
      auto const& g = t.grids[c];
      double const back = (double(q.as<std::uint8_t>()[static_cast<std::size_t>(i)]) - g.zero_point) * g.scale;
      CHECK(std::abs(back - w.as<float>()[static_cast<std::size_t>(i)]) <= 0.5001 * g.scale);
    }
  }
}

TEST_CASE("4-bit values are packed two a byte and stay within four bits") {
  auto const w = tensor::of<float>({3}, {-8.f, 7.f, 1.f});
  auto t = planned(element::s4, symmetry::symmetric);
  t.grids = {grid{1, 0, element::s4}};
  auto const q = quantize_constant(w, t);
  REQUIRE(q.bytes().size() == 2);
  CHECK(q.bytes()[0] == std::byte{0x78});  // 7 high, −8 low
  CHECK(q.bytes()[1] == std::byte{0x01});
}

TEST_CASE("blocks along an axis, the last one shorter") {
  auto const w = tensor::of<float>({5, 1}, {1.f, -1.f, 4.f, 2.f, 8.f});
  auto t = planned(element::s8, symmetry::symmetric, 0, 2);
  t.grids = grids_of(w, t, false, 0);
  REQUIRE(t.grids.size() == 3);
  CHECK(t.grids[1].scale == static_cast<float>(8.0 / 254));
  auto const q = quantize_constant(w, t);
  CHECK(q.as<std::int8_t>()[4] == 127);
}

TEST_CASE("an empty constant has scale 1; float16 weights are read as their values") {
  auto const none = tensor::of<float>({0, 3}, {});
  auto t = planned(element::s8, symmetry::symmetric);
  CHECK(grids_of(none, t, false, 0) == std::vector{grid{1, 0, element::s8}});
  tensor half{element::f16, {2}};
  half.mutable_as<std::uint16_t>()[0] = 0x3c00;  // 1
  half.mutable_as<std::uint16_t>()[1] = 0xc000;  // −2
  CHECK(grids_of(half, t, false, 0)[0].scale == static_cast<float>(4.0 / 254));
}
