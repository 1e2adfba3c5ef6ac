// Constants behind Identity, QuantizeLinear and Reshape.
#include <octet/exec/easy_constant.hpp>

#include <doctest/doctest.h>

using namespace octet;

TEST_CASE("values that never change, and how they look") {
  graph g;
  auto const x = g.add_input("x", tensor_type(element::f32, {6}));
  auto const c = g.add_initializer("c", tensor::of<float>({6}, {1, 2, 3, 4, 5, 6})),
             s = g.add_initializer("s", tensor::scalar(2.f)),
             to = g.add_initializer("to", tensor::of<std::int64_t>({2}, {2, 3})),
             open = g.add_initializer("open", tensor::of<std::int64_t>({2}, {2, -1}));
  g.add_node("Identity", {c}, {"i"});
  g.add_node("QuantizeLinear", {g.find("i"), s}, {"q"});
  g.add_node("QuantizeLinear", {x, s}, {"qx"});
  g.add_node("Reshape", {c, to}, {"r"});
  g.add_node("Reshape", {c, open}, {"o"});
  g.add_node("Reshape", {x, to}, {"rx"});
  tensor const* shaped = nullptr;
  CHECK(detail::never_changes(g, g.find("q"), &shaped));
  REQUIRE(shaped != nullptr);
  CHECK(shaped->dims() == shape{6});
  CHECK_FALSE(detail::never_changes(g, g.find("qx")));
  CHECK_FALSE(detail::never_changes(g, x));
  REQUIRE(detail::easy_constant(g, g.find("r")).has_value());
  CHECK(detail::easy_constant(g, g.find("r"))->dims() == shape{2, 3});
  CHECK(detail::easy_constant(g, g.find("r"))->as<float>()[5] == 6);
  CHECK_FALSE(detail::easy_constant(g, g.find("o")).has_value());
  CHECK_FALSE(detail::easy_constant(g, g.find("rx")).has_value());
}
