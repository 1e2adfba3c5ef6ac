#include <doctest/doctest.h>

#include <octet/kernels/panels.hpp>

using namespace octet;

TEST_CASE("panels cover k and n, rounded up") {
  using dot = kernels::dot4<xsimd::default_arch>;
  constexpr int w = kernels::width<dot>;
  kernels::panels_of<dot> p;
  p.resize(5, w + 1);
  CHECK(p.steps() == 2);
  CHECK(p.panels() == 2);
  CHECK(p.panel_bytes() == 2 * w * 4);
  CHECK(p.data.size() == 2 * p.panel_bytes());
  CHECK(p.panel(1) - p.panel(0) == p.panel_bytes());
  CHECK(p.columns_of(0) == w);
  CHECK(p.columns_of(1) == 1);
  p.resize(0, 3);
  CHECK(p.panel_bytes() == 0);
  p.resize(3, 0);
  CHECK(p.panels() == 0);
}

TEST_CASE("few rows take several panels at once, so that no accumulator waits") {
  using dot = kernels::dot4<xsimd::default_arch>;
  CHECK(kernels::panels_for<dot>(1) >= kernels::panels_for<dot>(dot::rows));
  CHECK(kernels::panels_for<dot>(dot::rows) == 1);
}

TEST_CASE("the elements of a policy") {
  static_assert(std::is_same_v<kernels::left_element<s8s8>, std::int8_t>);
  static_assert(std::is_same_v<kernels::left_element<u8s8>, std::uint8_t>);
  static_assert(std::is_same_v<kernels::right_element<u8s8>, std::int8_t>);
  static_assert(std::is_same_v<kernels::right_element<u8u8>, std::uint8_t>);
  static_assert(!kernels::gains_by_reduction<u8s8, xsimd::default_arch>);
  CHECK(kernels::packed<u8s8>{}.panels() == 0);
}
