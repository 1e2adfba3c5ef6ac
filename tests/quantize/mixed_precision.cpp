#include <octet/quantize/mixed_precision.hpp>

#include <doctest/doctest.h>

#include "quantize/planned.hpp"

using namespace octet;

namespace {
/// input_0 → Op1 → Op3 → Op5 → Op6, input_1 → Op2 → Op4 → Op5, and Op2 → Op7, Op8: the example in the documentation of
/// the reference tool's fixer.
model eight_operators() {
  model m{.ir_version = 8};
  m.import_opset("", 21);
  auto& g = m.main;
  auto const one = [&](char const* name, std::vector<value_id> in) {
    auto const n = g.add_node(in.size() == 2 ? "Add" : "Sigmoid", in, {std::string{name} + "_out"}, {}, {}, name);
    return g[n].outputs[0];
  };
  auto const a = one("Op1", {g.add_input("input_0", tensor_type(element::f32, {2}))});
  auto const b = one("Op2", {g.add_input("input_1", tensor_type(element::f32, {2}))});
  auto const c = one("Op3", {a}), d = one("Op4", {b});
  auto const e = one("Op5", {c, d});
  g.outputs = {one("Op6", {e}), one("Op7", {b}), one("Op8", {b})};
  test::type_all(m);
  return m;
}
using words = std::vector<std::string>;
}  // namespace

TEST_CASE("the operators around a 16-bit tensor read and write 16 bits, and others what they did") {
  auto const m = eight_operators();
  quantize_options o;
  o.overrides["Op4_out"] = {.type = element::u16};
  fix_mixed_precision(m, scheme{u8s8}, o);
  REQUIRE(o.overrides.size() == 4);
  auto const check_one = [&](char const* name, element type, element to, words const& readers) {
    auto const& t = o.overrides.at(name);
    CHECK(t.type == type);
    REQUIRE(t.convert.has_value());
    CHECK(t.convert->type == to);
    CHECK(t.convert->readers == readers);
  };
  check_one("Op2_out", element::u8, element::u16, {"Op4"});
  check_one("Op3_out", element::u8, element::u16, {"Op5"});
  check_one("Op5_out", element::u16, element::u8, {"Op6"});
  CHECK(o.overrides.at("Op4_out").type == element::u16);
  CHECK(!o.overrides.at("Op4_out").convert);
}

TEST_CASE("requests that contradict each other, and readers without a name") {
  auto m = eight_operators();
  quantize_options o;
  o.overrides["Op4_out"] = {.type = element::u16};
  o.overrides["Op3_out"] = {.type = element::s16};
  CHECK_THROWS_AS(fix_mixed_precision(m, scheme{u8s8}, o), error);
  quantize_options one;
  one.overrides["Op4_out"] = {.type = element::u16};
  for (auto const n : m.main.order)
    if (m.main[n].name == "Op5") m.main[n].name.clear();
  CHECK_THROWS_AS(fix_mixed_precision(m, scheme{u8s8}, one), error);
}

TEST_CASE("overrides of the default type ask for nothing") {
  auto const m = eight_operators();
  quantize_options o;
  o.overrides["Op4_out"] = {.type = element::u8};
  fix_mixed_precision(m, scheme{u8s8}, o);
  CHECK(o.overrides.size() == 1);
}
