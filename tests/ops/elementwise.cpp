#include <octet/ops/elementwise.hpp>

#include <doctest/doctest.h>

using namespace octet;

TEST_CASE("the condition of a Where is not quantized, its two choices are") {
  CHECK(where_traits.input(0).role == role::data);
  CHECK(where_traits.input(1).role == role::activation);
  CHECK(where_traits.input(2).role == role::activation);
  CHECK(where_traits.qoperator.layout == layout::condition_first);
}

TEST_CASE("sums and products have grids of their own") {
  for (auto const& t : {add_traits, mul_traits}) {
    CHECK(t.when == condition::always);
    CHECK(t.output == output_grid::own);
    CHECK(t.qoperator.domain == "com.microsoft");
  }
}
