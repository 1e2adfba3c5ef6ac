// Which groups become integer operators, and which stay as they are.
#include <octet/exec/qdq_groups.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

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
  CHECK(made("Sigmoid", 1) == "Lookup");
  CHECK(made("Concat", 2, {{.name = "axis", .value = std::int64_t{0}}}) == "QLinearConcat");
  CHECK(made("Transpose", 1) == "Transpose");
  CHECK(made("Sin", 1) == "QuantizeLinear");
}

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
