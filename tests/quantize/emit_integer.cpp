#include <octet/quantize/emit_integer.hpp>

#include <doctest/doctest.h>

#include "quantize/emitted.hpp"

using namespace octet;
using test::emit, test::maker, test::names;

namespace {
test::emitted dynamic(test::sample_model s, scheme const& how = scheme{u8s8}) {
  quantize_options o;
  o.format = format::qoperator;
  o.matmul_const_b_only = true;
  return emit(std::move(s), how, o, {}, mode::integer);
}
}  // namespace

TEST_CASE("one DynamicQuantizeLinear serves all readers; the product is scaled back to float") {
  maker m{"m"};
  auto const x = m.input("x", {2, 4});
  m.output(m.op("MatMul", {x, m.weight("w", {4, 3})}), 2), m.output(m.op("MatMul", {x, m.weight("v", {4, 3})}), 2);
  auto e = dynamic(m.done());
  CHECK(e.count("DynamicQuantizeLinear") == 1);
  CHECK(e.inputs("MatMul_0_quant") == names{"x_quantized", "w_quantized", "x_zero_point", "w_zero_point"});
  CHECK(e.inputs("MatMul_0_quant_scales_mul") == names{"x_scale", "w_scale"});
  CHECK(e.inputs("MatMul_0_quant_output_scale_mul") ==
        names{"y0_output_quantized_cast_output", "MatMul_0_quant_scales_mul:0"});
  CHECK(e.node_named("y0_output_quantized_cast")->get<std::int64_t>("to", 0) == std::int64_t(element::f32));
}

TEST_CASE("D4: a Gemm becomes a product and a sum only where it is chosen; its weight is turned") {
  maker m{"m"};
  auto const w = m.weight("w", {3, 4});
  auto const first = m.g()[w].initializer->data.as<float>()[1];
  m.output(m.op("Gemm", {m.input("x", {2, 4}), w, m.weight("b", {3})}, {test::int_attribute("transB", 1)}), 2);
  auto e = dynamic(m.done());
  CHECK(e.inputs("Gemm_0_MatMul_quant")[1] == "w_Transposed_quantized");
  CHECK(e.inputs("Gemm_0_Add") == names{"y0quant_scaled_output", "b"});
  auto const& q = e.g()[e.g().find("w_Transposed_quantized")].initializer->data;
  CHECK(q.dims() == shape{4, 3});
  auto const scale = e.g()[e.g().find("w_Transposed_scale")].initializer->data.as<float>()[0];
  CHECK(std::abs(q.as<std::int8_t>()[3] * scale - first) <= 0.5f * scale);  // [0][1] of [3,4] is [1][0] of [4,3]
}

TEST_CASE("per channel: ConvInteger has scales by channel and one zero point") {
  maker m{"m"};
  m.output(m.op("Conv", {m.input("x", {1, 3, 4, 4}), m.weight("w", {2, 3, 1, 1}), m.weight("b", {2})}), 4);
  auto e = dynamic(m.done(), scheme{u8s8.per_channel()});
  auto const& zero = e.g()[e.g().find("w_zero_point")].initializer->data;
  CHECK(zero.rank() == 0);
  CHECK(zero.as<std::int8_t>()[0] == 0);
  CHECK(e.g()[e.g().find("w_scale")].initializer->data.dims() == shape{2});
  CHECK(e.inputs("Conv_0_quant") == names{"x_quantized", "w_quantized", "x_zero_point", "w_zero_point"});
}

TEST_CASE("A22: two LSTMs that share their weights share the turned integers") {
  maker m{"m"};
  auto const w = m.weight("w", {1, 8, 3}), r = m.weight("r", {1, 8, 2}), x = m.input("x", {4, 1, 3});
  for (int i = 0; i < 2; ++i) m.output(m.op("LSTM", {x, w, r}, {test::int_attribute("hidden_size", 2)}), 4);
  auto e = dynamic(m.done());
  CHECK(e.count("DynamicQuantizeLSTM") == 2);
  CHECK(e.inputs("LSTM_0_quant") == names{"x", "w_quantized", "r_quantized", "", "", "", "", "", "w_scale",
                                          "w_zero_point", "r_scale", "r_zero_point"});
  CHECK(e.inputs("LSTM_1_quant") == e.inputs("LSTM_0_quant"));
  CHECK(e.g()[e.g().find("w_quantized")].initializer->data.dims() == shape{1, 3, 8});
}

TEST_CASE("what is looked up in an 8-bit table feeds the product without a detour through float") {
  maker m{"m"};
  auto const y = m.op("Gather", {m.weight("table", {5, 4}), m.ints("i", {1, 3})});
  m.output(m.op("MatMul", {y, m.weight("w", {4, 3})}), 2);
  auto e = dynamic(m.done());
  CHECK(e.count("DequantizeLinear") == 0);
  CHECK(e.count("DynamicQuantizeLinear") == 0);
  CHECK(e.inputs("MatMul_1_quant")[0] == "t0_quantized");
}
