#include <octet/ops/pool.hpp>

#include <doctest/doctest.h>

using namespace octet;

TEST_CASE("MaxPool takes 8-bit data from opset 12 (ONNX), and its indices have no grid") {
  CHECK(max_pool_traits.since == 12);
  CHECK_FALSE(max_pool_traits.outputs_all);
  CHECK(max_pool_traits.output == output_grid::of_first_input);
}

TEST_CASE("an average lies within its input's range and keeps its grid; a global one is worth its own") {
  CHECK(average_pool_traits.output == output_grid::of_first_input);
  CHECK(global_average_pool_traits.output == output_grid::own);
}
