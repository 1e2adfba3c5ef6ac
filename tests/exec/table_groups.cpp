// Which groups become tables, and every entry of them.
#include <octet/exec/table_groups.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "quantized_group.hpp"

using namespace octet;
using test::group;

namespace {
int entry(group const& t, std::size_t code) { return t.result.constant(t.made()->inputs[1])->as<std::uint8_t>()[code]; }
}  // namespace

TEST_CASE("a function of one element becomes a table, and so do several, with constants, float or quantized between") {
  group t;
  t.g.add_node("Tanh", {t.dequantized(t.x, "dx")}, {"f"});
  t.quantize(t.g.find("f"));
  t.run();
  REQUIRE(t.made() != nullptr);
  REQUIRE(t.made()->op == "Lookup");
  CHECK(t.made()->inputs[0] == t.x);
  CHECK(entry(t, 0) == 0);
  CHECK(entry(t, 1) == 1);  // tanh(0.5) = 0.462
  CHECK(entry(t, 255) == 2);

  group u;  // max(3 − x, 1) in float, then its square on the same grid
  auto const three = u.g.add_initializer("three", tensor::scalar(3.f)),
             one = u.g.add_initializer("one", tensor::of<float>({1, 1, 1}, {1})),
             two = u.g.add_initializer("two", tensor::scalar(2.f));
  u.g.add_node("Sub", {three, u.dequantized(u.x, "dx")}, {"s"});
  u.g.add_node("Max", {u.g.find("s"), one}, {"m"});
  u.g.add_node("QuantizeLinear", {u.g.find("m"), u.scale, u.zero}, {"q"});
  u.g.add_node("Pow", {u.dequantized(u.g.find("q"), "dq"), two}, {"p"});
  u.quantize(u.g.find("p"));
  u.run();
  REQUIRE(u.made() != nullptr);
  REQUIRE(u.made()->op == "Lookup");
  CHECK(u.made()->inputs[0] == u.x);
  CHECK(u.made()->get("rank", std::int64_t{0}) == 3);
  CHECK(entry(u, 0) == 18);
  CHECK(entry(u, 1) == 12);  // 2.5² = 6.25, halfway between 12 and 13: to even
  CHECK(entry(u, 200) == 2);
}

TEST_CASE("no table where another reads the float value, where both operands change, or a constant is larger") {
  for (int why = 0; why < 3; ++why) {
    group t;
    auto const dx = t.dequantized(t.x, "dx");
    auto const other = why == 1   ? dx
                       : why == 2 ? t.g.add_initializer("c", tensor::of<float>({2}, {1, 2}))
                                  : t.g.add_initializer("c", tensor::scalar(1.f));
    t.g.add_node("Max", {dx, other}, {"m"});
    t.quantize(t.g.find("m"));
    if (why == 0) t.g.outputs.push_back(t.g.find("m"));
    t.run();
    CHECK(t.made()->op == "QuantizeLinear");
  }
}

TEST_CASE("a tensor times a function of itself is a table: each element as the definition has it") {
  group t;
  auto const dx = t.dequantized(t.x, "dx");
  auto const fine = t.g.add_initializer("fine", tensor::scalar(1.f / 256));
  t.g.add_node("Sigmoid", {dx}, {"s"});
  t.g.add_node("QuantizeLinear", {t.g.find("s"), fine, t.zero}, {"sq"});
  t.g.add_node("DequantizeLinear", {t.g.find("sq"), fine, t.zero}, {"ds"});
  t.g.add_node("Mul", {t.g.find("ds"), dx}, {"m"});
  t.quantize(t.g.find("m"));
  t.run();
  REQUIRE(t.made()->op == "Lookup");
  CHECK(t.made()->inputs[0] == t.x);
  auto const table = t.result.constant(t.made()->inputs[1])->as<std::uint8_t>();
  for (int i = 0; i < 256; ++i) {
    double const x = 0.5 * i, s = std::min(std::nearbyint(256 / (1 + std::exp(-x))), 255.0) / 256;
    CHECK(table[std::size_t(i)] == std::min(std::nearbyint(s * x / 0.5), 255.0));
  }
}

TEST_CASE("x · clip(x + 3, 0, 6) / 6 with everything quantized, its constants too, is one table of x") {
  group t;
  auto const fine = t.g.add_initializer("fine", tensor::scalar(1.f / 128));
  auto const on = [&](value_id v, value_id scale, std::string const& name) {
    t.g.add_node("QuantizeLinear", {v, scale, t.zero}, {name + "_q"});
    t.g.add_node("DequantizeLinear", {t.g.find(name + "_q"), scale, t.zero}, {name + "_d"});
    return t.g.find(name + "_d");
  };
  auto const stored = [&](std::string const& name, value_id scale, std::uint8_t code) {
    auto const q = t.g.add_initializer(name, tensor::of<std::uint8_t>({1, 1}, {code}));
    t.g.add_node("DequantizeLinear", {q, scale, t.zero}, {name + "_d"});
    return t.g.find(name + "_d");
  };
  auto const low = t.g.add_initializer("low", tensor::scalar(0.f)),
             high = t.g.add_initializer("high", tensor::scalar(6.f));
  auto const dx = t.dequantized(t.x, "dx");
  t.g.add_node("Add", {dx, stored("three", t.scale, 6)}, {"a"});
  t.g.add_node("Clip", {on(t.g.find("a"), t.scale, "a"), low, high}, {"c"});
  t.g.add_node("Mul", {on(t.g.find("c"), t.scale, "c"), dx}, {"m"});
  t.g.add_node("Mul", {on(t.g.find("m"), t.scale, "m"), stored("sixth", fine, 21)}, {"h"});
  t.quantize(t.g.find("h"));
  t.run();
  REQUIRE(t.made()->op == "Lookup");
  CHECK(t.made()->inputs[0] == t.x);
  CHECK(t.made()->get("rank", std::int64_t{0}) == 2);
  auto const halves = [](double v) { return std::clamp(std::nearbyint(v / 0.5), 0.0, 255.0) * 0.5; };
  for (int i = 0; i < 256; ++i) {
    double const x = 0.5 * i, product = halves(x * halves(std::min(halves(x + 3), 6.0)));
    CHECK(entry(t, std::size_t(i)) == std::clamp(std::nearbyint(product * (21 / 128.0) / 0.5), 0.0, 255.0));
  }
}
