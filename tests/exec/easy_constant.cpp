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

TEST_CASE("limits of Relu and Clip, as attributes and as constants") {
  graph g;
  auto const x = g.add_input("x", tensor_type(element::f32, {6})), one = g.add_initializer("1", tensor::scalar(1.f)),
             two = g.add_initializer("2", tensor::scalar(2.f));
  auto const of = [&](std::string const& op, std::vector<value_id> more, std::vector<attribute> attributes = {}) {
    more.insert(more.begin(), x);
    return detail::constant_limits_of(
        g, {.op = op, .inputs = more, .outputs = {value_id::none}, .attributes = std::move(attributes)});
  };
  constexpr float infinity = std::numeric_limits<float>::infinity();
  REQUIRE(of("Relu", {}).has_value());
  CHECK(of("Relu", {})->low == 0);
  CHECK(of("Relu", {})->high == infinity);
  CHECK(of("Clip", {one, two})->low == 1);
  CHECK(of("Clip", {one, two})->high == 2);
  CHECK(of("Clip", {value_id::none, two})->low == -infinity);
  CHECK(of("Clip", {}, {{.name = "min", .value = -3.f}})->low == -3);
  CHECK(of("Clip", {}, {{.name = "min", .value = -3.f}})->high == std::numeric_limits<float>::max());
  CHECK_FALSE(of("Clip", {}).has_value());
  CHECK_FALSE(of("Clip", {two, one}).has_value());  // the upper one wins: a constant
  CHECK_FALSE(of("Clip", {x}).has_value());
  CHECK_FALSE(of("Sigmoid", {}).has_value());
}
