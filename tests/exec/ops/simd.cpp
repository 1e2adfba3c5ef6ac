#include <doctest/doctest.h>

#include <vector>

#include <octet/exec/ops/simd.hpp>

using namespace octet::detail;

TEST_CASE("a function is applied to every element of rows of any length, and nothing else is written") {
  for (std::int64_t n = 0; n < 3 * float_lanes + 2; ++n) {
    std::vector<float> x(std::size_t(n) + 1, 1), y(x.size(), -7);
    for (std::int64_t i = 0; i < n; ++i) x[std::size_t(i)] = float(i);
    map_floats(x.data(), y.data(), n, [](floats v) { return v + v; });
    for (std::int64_t i = 0; i < n; ++i) CHECK(y[std::size_t(i)] == float(2 * i));
    CHECK(y.back() == -7);
    map_floats(x.data(), x.data(), n, [](floats v) { return v * v; });
    for (std::int64_t i = 0; i < n; ++i) CHECK(x[std::size_t(i)] == float(i * i));
  }
}

TEST_CASE("two rows combine, either of which may be one value, also over one of them") {
  auto const minus = [](floats a, floats b) { return a - b; };
  for (std::int64_t n = 1; n < 2 * float_lanes + 2; ++n) {
    std::vector<float> x(std::size_t(n), 0), z(x.size() + 1, -7);
    for (std::int64_t i = 0; i < n; ++i) x[std::size_t(i)] = float(i);
    float const one = 1;
    map_floats(x.data(), false, &one, true, z.data(), n, minus);
    for (std::int64_t i = 0; i < n; ++i) CHECK(z[std::size_t(i)] == float(i - 1));
    map_floats(&one, true, x.data(), false, z.data(), n, minus);
    for (std::int64_t i = 0; i < n; ++i) CHECK(z[std::size_t(i)] == float(1 - i));
    CHECK(z.back() == -7);
    map_floats(x.data(), false, x.data(), false, x.data(), n, minus);
    for (auto const v : x) CHECK(v == 0);
  }
}
