// What a model says about values.
#include <doctest/doctest.h>

#include <octet/graph/type.hpp>

using namespace octet;

TEST_CASE("a shape is fixed when every dimension is a number") {
  auto t = tensor_type(element::f32, {1, 3});
  REQUIRE(t.fixed());
  CHECK(*t.fixed() == shape{1, 3});
  t.dims->push_back(dimension{"batch"});
  CHECK_FALSE(t.fixed());
  t.dims->back() = dimension{-1};  // what some exporters write for "any"
  CHECK_FALSE(t.fixed());
  CHECK(t.dims->back().stated);
  t.dims.reset();
  CHECK_FALSE(t.ranked());
  CHECK_FALSE(t.fixed());
}

TEST_CASE("types as text") {
  value_type t = tensor_type(element::f32, {1, 3});
  t.dims->insert(t.dims->begin(), dimension{"batch"});
  t.dims->push_back(dimension{});
  CHECK(text(t) == "FLOAT[batch,1,3,?]");
  CHECK(text(tensor_type(element::s64, {})) == "INT64[]");
  t.dims.reset();
  CHECK(text(t) == "FLOAT");
  t.other = "x";
  CHECK(text(t) == "not a tensor");
  CHECK(text(value_type{.element = static_cast<element>(99)}) == "type 99");
}
