#include <doctest/doctest.h>

#include <cstdint>
#include <limits>

#include <octet/kernels/arch.hpp>

using namespace octet;

TEST_CASE("the default architecture is usable, and a type that is none is not") {
  static_assert(usable_arch<xsimd::default_arch>);
  static_assert(!usable_arch<int>);
  MESSAGE("default architecture: " << xsimd::default_arch::name());
}

TEST_CASE("int32 arithmetic wraps") {
  CHECK(kernels::wrap(std::int64_t{1} << 32) == 0);
  CHECK(kernels::wrap((std::int64_t{1} << 31)) == std::numeric_limits<std::int32_t>::min());
  CHECK(kernels::wrap(-1) == -1);
  CHECK(kernels::round_up(5, 4) == 8);
  CHECK(kernels::round_up(8, 4) == 8);
  CHECK(kernels::least(3, -1) == -1);
}

TEST_CASE("unroll passes every index as a constant") {
  int sum = 0;
  kernels::unroll<5>([&](auto i) {
    constexpr int at = i;
    sum += at * at;
  });
  CHECK(sum == 30);
}
