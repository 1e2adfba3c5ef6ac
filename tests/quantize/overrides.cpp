#include <octet/quantize/overrides.hpp>

#include <doctest/doctest.h>

#include <octet/quantize/planner.hpp>

#include "quantize/planned.hpp"

using namespace octet;

namespace {
test::sample_model product() {
  test::maker m{"m"};
  m.output(m.op("MatMul", {m.input("x", {2, 4}), m.weight("w", {4, 3})}), 2);
  return m.done();
}
std::string refusal(std::string const& name, tensor_override t) {
  auto const s = product();
  quantize_options o;
  o.overrides[name] = std::move(t);
  try {
    detail::check_overrides(s.model, scheme{u8s8}, o);
  } catch (error const& e) {
    CHECK(e.kind == error_kind::invalid);
    return e.what();
  }
  return {};
}
bool has(std::string const& text, std::string_view part) { return text.find(part) != std::string::npos; }
}  // namespace

TEST_CASE("overrides that contradict themselves or the model, in the words that people search for") {
  CHECK(has(refusal("nothing", {}), "is not present in the model"));
  CHECK(has(refusal("x", {.scale = {1}}), "Must provide both 'scale' and 'zero_point'"));
  CHECK(has(refusal("x", {.zero_point = {1}}), "Must provide both 'scale' and 'zero_point'"));
  CHECK(has(refusal("x", {.scale = {1}, .zero_point = {0}, .high = {2}}),
            "option(s) [rmax] are invalid with 'scale' and 'zero_point'"));
  CHECK(has(refusal("x", {.reduce_range = true}), "'reduce_range' is for constants"));
  CHECK(has(refusal("x", {.axis = 0}), "one grid"));
  CHECK(has(refusal("w", {.axis = 2}), "out of range"));
  CHECK(has(refusal("w", {.axis = 1, .scale = {1, 1}, .zero_point = {0, 0}}), "2 entries for 3 channels"));
  CHECK(has(refusal("w", {.axis = 1, .low = {-1}}), "'rmax'"));
  CHECK(has(refusal("w", {.convert = grid_conversion{.type = element::u16}}), "'convert' is for activations"));
  CHECK(has(refusal("x", {.convert = grid_conversion{}}), "needs a 'quant_type'"));
  CHECK(has(refusal("x", {.convert = grid_conversion{.type = element::u8}}), "has already"));
  CHECK(refusal("x", {.convert = grid_conversion{.type = element::u16}}).empty());
  CHECK(refusal("w", {.axis = -1, .scale = {1, 2, 3}, .zero_point = {0, 0, 0}}).empty());
}

TEST_CASE("B20, B22: numbers fix the grid of an activation, and of one or all channels of a weight") {
  quantize_options o;
  o.overrides["x"] = {.scale = {0.25f}, .zero_point = {3}};
  o.overrides["w"] = {.axis = 1, .scale = {0.5f}, .zero_point = {0}};
  auto const r = test::plan_for(product(), scheme{u8s8}, o);
  CHECK(r.at("x")->grids == std::vector{grid{0.25f, 3, element::u8}});
  CHECK(r.at("w")->grids == std::vector(3, grid{0.5f, 0, element::s8}));
}

TEST_CASE("one bound may be fixed, the other is observed") {
  quantize_options o;
  o.overrides["x"] = {.high = {7.f}};
  auto const r = test::plan_for(product(), scheme{u8s8}, o);
  CHECK(r.at("x")->grids[0].scale == 8.f / 255.f);  // observed low −1
}

TEST_CASE("a tensor of another type between others, and a conversion for one reader") {
  quantize_options o;
  o.overrides["x"] = {.type = element::u16, .convert = grid_conversion{.type = element::u8}};
  auto const r = test::plan_for(product(), scheme{u8s8}, o);
  CHECK(r.at("x")->type == element::u16);
  REQUIRE(r.at("x")->convert.size() == 1);
  CHECK(r.at("x")->convert[0].to.type == element::u8);
  CHECK(r.at("x")->convert[0].readers.size() == 1);
}
