#include <octet/quantize/emit_qdq.hpp>

#include <doctest/doctest.h>

#include "quantize/emitted.hpp"

using namespace octet;
using test::emit, test::maker, test::names;

namespace {
test::sample_model conv(auto&& more) {
  maker m{"m"};
  auto const c = m.op("Conv", {m.input("x", {1, 3, 4, 4}), m.weight("w", {2, 3, 1, 1}), m.weight("b", {2})});
  m.output(more(m, c), 4);
  return m.done();
}
auto const nothing = [](maker&, value_id c) { return c; };
}  // namespace

TEST_CASE("names of a quantized convolution are those that scripts know (cli.md §17)") {
  auto e = emit(conv(nothing));
  CHECK(e.inputs("x_QuantizeLinear") == names{"x", "x_scale", "x_zero_point"});
  CHECK(e.inputs("x_DequantizeLinear") == names{"x_QuantizeLinear_Output", "x_scale", "x_zero_point"});
  CHECK(e.inputs("w_DequantizeLinear") == names{"w_quantized", "w_scale", "w_zero_point"});
  CHECK(e.inputs("b_DequantizeLinear") == names{"b_quantized", "b_quantized_scale", "b_quantized_zero_point"});
  CHECK(e.inputs("Conv_0") == names{"x_DequantizeLinear_Output", "w_DequantizeLinear_Output", "b"});
  CHECK(e.inputs("y0_QuantizeLinear") == names{"y0_QuantizeLinear_Input", "y0_scale", "y0_zero_point"});
  CHECK(e.g()[e.g().outputs[0]].name == "y0");
  CHECK(e.g().find("w") == value_id::none);
}

TEST_CASE("how constants are stored: grids in typed fields, scalars without dimensions, the bias scale 1-D and raw") {
  auto e = emit(conv(nothing));
  auto const stored = [&](std::string const& name) { return *e.g()[e.g().find(name)].initializer; };
  CHECK(stored("x_scale").storage == storage::typed);
  CHECK(stored("x_scale").data.rank() == 0);
  CHECK(stored("x_zero_point").storage == storage::typed);
  CHECK(stored("w_quantized").storage == storage::raw);
  CHECK(stored("b_quantized_scale").storage == storage::raw);
  CHECK(stored("b_quantized_scale").data.dims() == shape{1});
  CHECK(stored("b_quantized_zero_point").data.rank() == 0);
  auto c = emit(conv(nothing), scheme{u8s8.per_channel()});
  CHECK(c.g()[c.g().find("w_scale")].initializer->data.dims() == shape{2});
  CHECK(c.node_named("w_DequantizeLinear")->get<std::int64_t>("axis", -1) == 0);
  CHECK(c.node_named("b_DequantizeLinear")->get<std::int64_t>("axis", -1) == 0);
}

TEST_CASE("an absorbed Relu leaves no trace but its output's name") {
  auto e = emit(conv([](maker& m, value_id c) { return m.op("Relu", {c}); }), scheme{u8s8}, {}, {{"y0", {0, 3}}});
  CHECK(e.count("Relu") == 0);
  CHECK(e.g().find("t0") == value_id::none);
  CHECK(e.inputs("y0_QuantizeLinear")[0] == "y0_QuantizeLinear_Input");
}

TEST_CASE("readers that stay float read the float tensor, unless quantized arithmetic makes it") {
  auto e = emit(conv([](maker& m, value_id c) {
    return m.op("Tanh", {m.op("Exp", {m.g().inputs[0]})}) != c ? m.op("Tanh", {c}) : c;
  }));
  CHECK(e.inputs("Tanh_3") == names{"t0_DequantizeLinear_Output"});
  CHECK(e.inputs("Exp_1") == names{"x"});
}

TEST_CASE("A6, A7: two nodes that share a bias have an int32 bias each, even without names") {
  maker m{"m"};
  auto const b = m.weight("b", {2}), x = m.input("x", {1, 3, 4, 4});
  m.output(m.op("Conv", {x, m.weight("w", {2, 3, 1, 1}), b}), 4);
  m.output(m.op("Conv", {x, m.weight("v", {2, 3, 1, 1}, -5, 5), b}), 4);
  auto s = m.done();
  for (auto const n : s.model.main.order) s.model.main[n].name.clear();
  auto e = emit(std::move(s));
  std::vector<float> scales;
  for (auto const v : e.g().initializers)
    if (e.g()[v].name.find("b_quantized_scale") == 0) scales.push_back(e.g()[v].initializer->data.as<float>()[0]);
  REQUIRE(scales.size() == 2);
  CHECK(scales[0] != scales[1]);
  CHECK(e.count("DequantizeLinear") == 1 + 2 + 2 + 2);  // x, weights, biases, outputs
}

TEST_CASE("A8: beta of a Gemm scales the product of its bias, so the int32 bias does not hold it") {
  maker m{"m"};
  auto const b = m.weight("b", {3});
  auto const value = m.g()[b].initializer->data.as<float>()[0];
  m.output(m.op("Gemm", {m.input("x", {2, 4}), m.weight("w", {4, 3}), b}, {test::float_attribute("beta", 2)}), 2);
  auto e = emit(m.done());
  CHECK(e.node_named("Gemm_0")->get("beta", 1.f) == 2);
  auto const scale = e.g()[e.g().find("b_quantized_scale")].initializer->data.as<float>()[0];
  auto const q = e.g()[e.g().find("b_quantized")].initializer->data.as<std::int32_t>()[0];
  CHECK(std::abs(q * double{scale} - value) <= 0.5 * scale);
}

TEST_CASE("A11: names that the model has already do not end up in a grid") {
  maker m{"m"};
  m.scalar("x_scale", 77);
  auto const taken = m.g().find("x_scale");
  m.output(m.op("Mul", {m.op("MatMul", {m.input("x", {2, 4}), m.weight("w", {4, 3})}), taken}), 2);
  auto e = emit(m.done());
  CHECK(e.inputs("x_QuantizeLinear")[1] == "x_scale_1");
}

TEST_CASE(
    "D14: a pair for each reader; a reader that uses the tensor twice has one; outputs are quantized all the same") {
  quantize_options o;
  o.dedicated_qdq_pair = true;
  maker m{"m"};
  auto const x = m.input("x", {2, 3});
  auto const twice = m.op("Mul", {x, x});
  m.output(m.op("Add", {x, twice}), 2);
  auto e = emit(m.done(), scheme{u8s8}, o);
  CHECK(e.node_named("x_QuantizeLinear_1") != nullptr);
  CHECK(e.node_named("x_QuantizeLinear_2") != nullptr);
  CHECK(e.node_named("x_QuantizeLinear_3") == nullptr);
  CHECK(e.inputs("Mul_0")[0] == e.inputs("Mul_0")[1]);
  CHECK(e.node_named("y0_DequantizeLinear") != nullptr);
}

TEST_CASE("weights as Q/DQ pairs on request") {
  quantize_options o;
  o.add_qdq_pair_to_weight = true;
  auto e = emit(conv(nothing), scheme{u8s8}, o);
  CHECK(e.inputs("w_QuantizeLinear") == names{"w", "w_scale", "w_zero_point"});
  CHECK(e.g()[e.g().find("w")].initializer.has_value());
}

TEST_CASE("mixed precision: what moves a converted tensor has the second grid on both sides") {
  for (auto const& reader : names{"Transpose_0", "MatMul_1"}) {  // the mover itself, or who reads behind it
    quantize_options o;
    o.overrides["x"] = {.convert = grid_conversion{.type = element::u16, .readers = {reader}}};
    maker m{"m", 21};
    auto const x = m.input("x", {4, 2});
    m.output(m.op("MatMul", {m.op("Transpose", {x}), m.weight("w", {4, 3})}), 2), m.output(m.op("Sigmoid", {x}), 2);
    auto e = emit(m.done(), scheme{u8s8}, o);
    CHECK(e.inputs("Transpose_0")[0] == "x_convert_DequantizeLinear_Output");
    CHECK(e.inputs("Sigmoid_2")[0] == "x_DequantizeLinear_Output");
    auto const moved = e.inputs("t0_QuantizeLinear"), second = e.inputs("x_convert_QuantizeLinear");
    REQUIRE(moved.size() == 3);
    auto const constant = [&](std::string const& name) { return *e.g().constant(e.g().find(name)); };
    CHECK(constant(moved[2]).type() == element::u16);
    CHECK(constant(moved[1]).as<float>()[0] == constant(second[1]).as<float>()[0]);
  }
}

TEST_CASE("mixed precision: 16 bit until a reader that wants 8") {
  quantize_options o;
  o.overrides["x"] = {.type = element::u16, .convert = grid_conversion{.type = element::u8, .readers = {"MatMul_0"}}};
  maker m{"m", 21};
  auto const x = m.input("x", {2, 4});
  m.output(m.op("MatMul", {x, m.weight("w", {4, 3})}), 2), m.output(m.op("Sigmoid", {x}), 2);
  auto e = emit(m.done(), scheme{u8s8}, o);
  CHECK(e.inputs("MatMul_0")[0] == "x_convert_DequantizeLinear_Output");
  CHECK(e.inputs("Sigmoid_1")[0] == "x_DequantizeLinear_Output");
  CHECK(e.inputs("x_convert_QuantizeLinear") ==
        names{"x_convert_QuantizeLinear_Input", "x_scale_convert", "x_zero_point_convert"});
}
