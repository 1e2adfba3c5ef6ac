#include "exec/ops/run_one.hpp"

#include <limits>

#include <octet/exec/ops/convert.hpp>

using namespace octet;
using namespace octet::detail;

namespace {
struct place {
  thread_pool pool{1};
  buffers memory{};
  std::vector<tensor> none{};
  call c{none, none, pool, memory};
};
}  // namespace

TEST_CASE("fractions are cut, integers wrap, NaN is 0, and what is too large stays defined") {
  place p;
  auto const x = test::floats_of({6}, {2.9f, -2.9f, 300, -1, NAN, 1e30f});
  auto const y = convert(p.c, x, element::u8);
  CHECK(test::values<std::uint8_t>(y) == std::vector<std::uint8_t>{2, 254, 44, 255, 0, 255});
  auto const z = convert(p.c, tensor::of<double>({2}, {1e300, -1e300}), element::s64);
  CHECK(test::values<std::int64_t>(z) ==
        std::vector<std::int64_t>{std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()});
  CHECK(test::values<std::uint64_t>(convert(p.c, test::floats_of({1}, {0x1p63f}), element::u64))[0] == std::uint64_t{1}
                                                                                                           << 63);
}

TEST_CASE("integers of 64 bits become float with one rounding") {
  place p;
  std::int64_t const x = (std::int64_t{1} << 60) + (std::int64_t{1} << 36) + 1;  // above a tie of float
  CHECK(convert(p.c, tensor::of<std::int64_t>({1}, {x}), element::f32).as<float>()[0] == 0x1p60f + 0x1p37f);
  CHECK(convert(p.c, tensor::of<std::uint64_t>({1}, {~std::uint64_t{0}}), element::f64).as<double>()[0] == 0x1p64);
}

TEST_CASE("truth is whatever is not zero") {
  place p;
  auto const t = convert(p.c, test::floats_of({4}, {0, -0.0f, 0.1f, NAN}), element::boolean);
  CHECK(t.bytes()[0] == std::byte{0});
  CHECK(t.bytes()[1] == std::byte{0});
  CHECK(t.bytes()[2] == std::byte{1});
  CHECK(t.bytes()[3] == std::byte{1});
}

TEST_CASE("packed integers keep their sign and order, over many pieces and an odd end") {
  place p;
  std::int64_t const n = 1535;
  tensor x{element::s32, {n}};
  for (std::int64_t i = 0; i < n; ++i) x.mutable_as<std::int32_t>()[i] = std::int32_t(i % 16) - 8;
  auto const nibbles = convert(p.c, x, element::s4);
  CHECK(nibbles.bytes().size() == 768);
  CHECK(test::values<std::int32_t>(convert(p.c, nibbles, element::s32)) == test::values<std::int32_t>(x));
  auto const pairs = convert(p.c, x, element::u2);
  for (std::int64_t i = 0; i < n; ++i) CHECK(packed_element(pairs.bytes().data(), 2, i) == (i % 16 + 8) % 4);
}

TEST_CASE("what has no numbers is refused, and the same type is no copy") {
  place p;
  CHECK_THROWS_AS(convert(p.c, tensor{{1}, {"x"}}, element::f32), error);
  auto const t = test::floats_of({1}, {1});
  CHECK(convert(p.c, t, element::f32).bytes().data() == t.bytes().data());
}
