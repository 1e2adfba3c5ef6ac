#include <octet/quantize/emit_qoperator.hpp>

#include <doctest/doctest.h>

#include "quantize/emitted.hpp"

using namespace octet;
using test::emit, test::maker, test::names, test::qoperator_format;

TEST_CASE("a chain of quantized operators: one QuantizeLinear in front, one DequantizeLinear behind") {
  maker m{"m"};
  auto const c = m.op("Conv", {m.input("x", {1, 3, 4, 4}), m.weight("w", {2, 3, 1, 1}), m.weight("b", {2})});
  m.output(m.op("Sigmoid", {m.op("MaxPool", {c}, {test::ints_attribute("kernel_shape", {2, 2})})}), 4);
  auto e = emit(m.done(), scheme{u8s8}, qoperator_format());
  CHECK(e.inputs("Conv_0_quant") == names{"x_quantized", "x_scale", "x_zero_point", "w_quantized", "w_scale",
                                          "w_zero_point", "t0_scale", "t0_zero_point", "b_quantized"});
  CHECK(e.inputs("MaxPool_1_quant") == names{"t0_quantized"});
  CHECK(e.inputs("Sigmoid_2_quant") == names{"t1_quantized", "t0_scale", "t0_zero_point", "y0_scale", "y0_zero_point"});
  CHECK(e.count("QuantizeLinear") == 1);
  CHECK(e.count("DequantizeLinear") == 1);
  CHECK(e.m.opset_version("com.microsoft") == 1);
}

TEST_CASE("a float reader in the middle gets a dequantized tensor, quantized readers the integers") {
  maker m{"m"};
  auto const c = m.op("MatMul", {m.input("x", {2, 3}), m.weight("w", {3, 3})});
  m.output(m.op("Tanh", {c}), 2), m.output(m.op("Add", {c, c}), 2);
  auto e = emit(m.done(), scheme{u8s8}, qoperator_format());
  CHECK(e.inputs("Tanh_1") == names{"t0"});
  CHECK(e.inputs("t0_DequantizeLinear")[0] == "t0_quantized");
  CHECK(e.inputs("Add_2_quant")[0] == "t0_quantized");
}

TEST_CASE(
    "layouts: QGemm has its bias before the output's grid, QLinearConcat the output first, QLinearWhere the "
    "condition") {
  maker g{"g"};
  g.output(g.op("Gemm", {g.input("x", {2, 3}), g.weight("w", {3, 4}), g.weight("b", {4})}), 2);
  CHECK(emit(g.done(), scheme{u8s8}, qoperator_format()).inputs("Gemm_0_quant") ==
        names{"x_quantized", "x_scale", "x_zero_point", "w_quantized", "w_scale", "w_zero_point", "b_quantized",
              "y0_scale", "y0_zero_point"});
  maker c{"c"};
  auto const x = c.input("x", {2, 3});
  c.output(c.op("Concat", {x, c.input("z", {2, 3})}, {test::int_attribute("axis", 1)}), 2);
  CHECK(emit(c.done(), scheme{u8s8}, qoperator_format()).inputs("Concat_0_quant") ==
        names{"y0_scale", "y0_zero_point", "x_quantized", "x_scale", "x_zero_point", "z_quantized", "z_scale",
              "z_zero_point"});
}

TEST_CASE("A8, A9: the int32 bias of QGemm holds beta and makes up for alpha, which the kernel multiplies it with") {
  maker m{"m"};
  auto const b = m.weight("b", {3});
  auto const value = m.g()[b].initializer->data.as<float>()[1];
  m.output(m.op("Gemm", {m.input("x", {2, 4}), m.weight("w", {4, 3}), b},
                {test::float_attribute("alpha", 0.5f), test::float_attribute("beta", 3)}),
           2);
  auto e = emit(m.done(), scheme{u8s8}, qoperator_format());
  CHECK(e.node_named("Gemm_0_quant")->find("beta") == nullptr);
  double const scale = double{e.g()[e.g().find("x_scale")].initializer->data.as<float>()[0]} *
                       e.g()[e.g().find("w_scale")].initializer->data.as<float>()[0];
  auto const q = e.g()[e.g().find("b_quantized")].initializer->data.as<std::int32_t>()[1];
  CHECK(std::abs(0.5 * q * scale - 3.0 * value) <= 0.5 * scale);
}

TEST_CASE("A1: a Relu that cannot disappear computes in float") {
  maker m{"m"};
  auto const c = m.op("MatMul", {m.input("x", {2, 3}), m.weight("w", {3, 3})});
  m.output(m.op("Add", {m.op("Relu", {c}), c}), 2);
  auto e = emit(m.done(), scheme{u8s8}, qoperator_format(), {{"t1", {0, 3}}});
  CHECK(e.count("Relu") == 1);
  CHECK(e.inputs("Relu_1") == names{"t0"});
}

TEST_CASE("zero padding is the zero point; another value keeps the operator in float") {
  auto const pad = [](float const* value) {
    maker m{"m"};
    std::vector<value_id> in{m.op("MatMul", {m.input("x", {2, 3}), m.weight("w", {3, 3})}),
                             m.ints("pads", {0, 1, 0, 0})};
    if (value != nullptr) in.push_back(m.scalar("v", *value));
    m.output(m.op("Pad", in), 2);
    return emit(m.done(), scheme{u8s8}, qoperator_format());
  };
  float const two = 2;
  CHECK(pad(nullptr).inputs("Pad_1_quant") == names{"t0_quantized", "pads", "t0_zero_point"});
  CHECK(pad(&two).inputs("Pad_1") == names{"t0", "pads", "v"});
}
