#include <octet/ops/traits.hpp>

#include <doctest/doctest.h>

using namespace octet;

TEST_CASE("the last port of an operator serves all further inputs") {
  constexpr op_traits t{.op = "Concat", .inputs = {role::data, role::activation, role::activation, weight(2)}};
  CHECK(t.input(0).role == role::data);
  CHECK(t.input(3).role == role::weight);
  CHECK(t.input(9).role == role::weight);
}

TEST_CASE("a channel axis is a number or follows from the node") {
  node n{.op = "Gemm"};
  CHECK(weight(-1).channel_axis(n) == -1);
  port const by_attribute = weight(+[](node const& x) { return static_cast<int>(x.get<std::int64_t>("transB", 0)); });
  CHECK(by_attribute.channel_axis(n) == 0);
  n.set("transB", std::int64_t{1});
  CHECK(by_attribute.channel_axis(n) == 1);
}

TEST_CASE("what moves data keeps the grid of its first input and runs on 8 bit in place") {
  constexpr auto t = moves_data("Reshape");
  CHECK(t.output == output_grid::of_first_input);
  CHECK(t.when == condition::first_input_quantized);
  CHECK(t.qoperator.op == "Reshape");
  CHECK(t.qoperator.layout == layout::in_place);
  CHECK_FALSE(moves_data("Slice", 10, false).qoperator);
}
