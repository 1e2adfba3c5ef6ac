// Which groups become integer operators, and which stay as they are.
#include <octet/exec/qdq_groups.hpp>

#include <doctest/doctest.h>

using namespace octet;

namespace {

/// DequantizeLinear(x), DequantizeLinear(w) → op (→ Relu) → QuantizeLinear → y, all on grids of `type`.
struct group {
  graph g{};
  value_id scale = g.add_initializer("scale", tensor::scalar(0.5f)),
           zero = g.add_initializer("zero", tensor::scalar(std::uint8_t{0}));
  value_id x = g.add_input("x", {.element = element::u8});

  value_id dequantized(value_id v, std::string const& name) {
    g.add_node("DequantizeLinear", {v, scale, zero}, {name});
    return g.find(name);
  }
  void quantize(value_id v) {
    g.add_node("QuantizeLinear", {v, scale, zero}, {"y"});
    g.outputs = {g.find("y")};
  }
  node const* made() const { return result.producer(result.find("y")); }
  graph result{};
  void run() { result = detail::with_integer_groups(g, 13); }
};

}  // namespace

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
  CHECK(made("Sigmoid", 1) == "QLinearSigmoid");
  CHECK(made("Concat", 2, {{.name = "axis", .value = std::int64_t{0}}}) == "QLinearConcat");
  CHECK(made("Transpose", 1) == "Transpose");
  CHECK(made("Round", 1) == "QuantizeLinear");
}

TEST_CASE("a function of one element becomes a table") {
  group t;
  t.g.add_node("Tanh", {t.dequantized(t.x, "dx")}, {"f"});
  t.quantize(t.g.find("f"));
  t.run();
  REQUIRE(t.made() != nullptr);
  CHECK(t.made()->op == "Lookup");
  CHECK(t.made()->inputs[0] == t.x);
  CHECK(t.made()->get("function", std::string{}) == "Tanh");
}
