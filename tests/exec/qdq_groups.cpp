// Which groups become integer operators, and which stay as they are.
#include <octet/exec/qdq_groups.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "quantized_group.hpp"

using namespace octet;

using test::group;

TEST_CASE("Conv with constant weights, a float bias and a Relu that the grid implies") {
  group t;
  auto const w = t.g.add_initializer("w", tensor::of<std::uint8_t>({2, 1, 1, 1}, {1, 2})),
             b = t.g.add_initializer("b", tensor::of<float>({2}, {1, -0.6f}));
  auto const dx = t.dequantized(t.x, "dx"), dw = t.dequantized(w, "dw");
  t.g.add_node("Conv", {dx, dw, b}, {"c"});
  t.g.add_node("Relu", {t.g.find("c")}, {"r"});
  t.quantize(t.g.find("r"));
  t.run();
  REQUIRE(t.made() != nullptr);
  CHECK(t.made()->op == "QLinearConv");
  CHECK(t.made()->inputs[0] == t.x);
  CHECK(t.made()->inputs[3] == w);
  auto const* bias = t.result.constant(t.made()->inputs[8]);
  REQUIRE(bias != nullptr);
  CHECK(bias->as<std::int32_t>()[0] == 4);                     // 1 / (0.5 · 0.5)
  CHECK(bias->as<std::int32_t>()[1] == -2);                    // −2.4
  CHECK(t.result.producer(t.result.find("c"))->op == "Conv");  // still there for whoever asks
  CHECK(t.g.producer(t.g.find("y"))->op == "QuantizeLinear");  // the model's graph is as it was
}

TEST_CASE("a Relu that the grid does not imply, and a second reader, keep the group in float") {
  for (bool second : {false, true}) {
    group t;
    auto const zero = t.g.add_initializer("three", tensor::scalar(std::uint8_t{3})),
               w = t.g.add_initializer("w", tensor::of<std::uint8_t>({1, 1, 1, 1}, {1}));
    auto const dx = t.dequantized(t.x, "dx"), dw = t.dequantized(w, "dw");
    t.g.add_node("Conv", {dx, dw}, {"c"});
    t.g.add_node("Relu", {t.g.find("c")}, {"r"});
    t.g.add_node("QuantizeLinear", {t.g.find("r"), t.scale, second ? t.zero : zero}, {"y"});
    t.g.outputs = {t.g.find("y")};
    if (second) t.g.outputs.push_back(t.g.find("c"));
    t.run();
    CHECK(t.made()->op == "QuantizeLinear");
  }
}

TEST_CASE("weights that the file quantizes itself are as good as stored ones") {
  group t;
  auto const w = t.g.add_initializer("w", tensor::of<float>({1, 1, 1, 1}, {1}));
  t.g.add_node("QuantizeLinear", {w, t.scale, t.zero}, {"q"});
  auto const dx = t.dequantized(t.x, "dx"), dw = t.dequantized(t.g.find("q"), "dw");
  t.g.add_node("Conv", {dx, dw}, {"c"});
  t.quantize(t.g.find("c"));
  t.run();
  CHECK(t.made()->op == "QLinearConv");
}

TEST_CASE("MatMul, Gemm, Add, Sigmoid, Concat and movement") {
  auto const made = [](std::string const& op, std::size_t operands, std::vector<attribute> attributes = {}) {
    group t;
    std::vector<value_id> in;
    for (std::size_t i = 0; i < operands; ++i)
      in.push_back(
          t.dequantized(i == 0 || op != "Gemm" ? t.x : t.g.add_initializer("w", tensor::of<std::uint8_t>({1, 1}, {1})),
                        "d" + std::to_string(i)));
    t.g.add_node(op, in, {"f"}, std::move(attributes));
    t.quantize(t.g.find("f"));
    t.run();
    return t.made()->op;
  };
  CHECK(made("MatMul", 2) == "QLinearMatMul");
  CHECK(made("Gemm", 2) == "QGemm");
  CHECK(made("Gemm", 2, {{.name = "beta", .value = 2.f}}) == "QuantizeLinear");
  CHECK(made("Add", 2) == "QLinearAdd");
  CHECK(made("Sigmoid", 1) == "Lookup");
  CHECK(made("Concat", 2, {{.name = "axis", .value = std::int64_t{0}}}) == "QLinearConcat");
  CHECK(made("Transpose", 1) == "Transpose");
  CHECK(made("Sin", 1) == "QuantizeLinear");
}

TEST_CASE("a tensor times a function of another one stays a product") {
  group t;
  auto const z = t.g.add_input("z", {.element = element::u8});
  auto const dx = t.dequantized(t.x, "dx"), dz = t.dequantized(z, "dz");
  t.g.add_node("Sigmoid", {dz}, {"s"});
  t.g.add_node("QuantizeLinear", {t.g.find("s"), t.scale, t.zero}, {"sq"});
  auto const ds = t.dequantized(t.g.find("sq"), "ds");
  t.g.add_node("Mul", {dx, ds}, {"m"});
  t.quantize(t.g.find("m"));
  t.run();
  CHECK(t.made()->op == "QLinearMul");
}
