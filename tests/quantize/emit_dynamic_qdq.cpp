#include <octet/quantize/emit_dynamic_qdq.hpp>

#include <doctest/doctest.h>

#include "quantize/emitted.hpp"

using namespace octet;
using test::emit, test::maker, test::names;

TEST_CASE(
    "one Conv with bias has the nodes that the branch of the reference had: 2 Q, 3 DQ, 2 calls (dynamic-qdq.md)") {
  maker m{"m"};
  m.output(m.op("Conv", {m.input("x", {1, 3, 4, 4}), m.weight("w", {2, 3, 1, 1}), m.weight("b", {2})}), 4);
  auto e = emit(m.done(), scheme{u8s8}, {}, {}, mode::dynamic);
  CHECK(e.count("QuantizeLinear") == 2);
  CHECK(e.count("DequantizeLinear") == 3);
  CHECK(e.count("ComputeQuantizationParameters") == 2);
  CHECK(e.inputs("x_ComputeQuantizationParameters") == names{"x"});
  CHECK(e.inputs("x_QuantizeLinear") == names{"x", "x_scale", "x_zero_point"});
  CHECK(e.inputs("y0_ComputeQuantizationParameters") == names{"y0_QuantizeLinear_Input"});
  CHECK(e.inputs("Conv_0")[2] == "b");
  REQUIRE(e.m.functions.size() == 1);
  CHECK(e.m.functions[0].domain == "com.microsoft");
  CHECK(e.m.ir_version >= 8);
}

TEST_CASE("an operator that moves data reuses the provider's grid") {
  maker m{"m"};
  auto const c = m.op("Conv", {m.input("x", {1, 3, 4, 4}), m.weight("w", {2, 3, 1, 1})});
  m.output(m.op("Transpose", {c}), 4);
  auto e = emit(m.done(), scheme{s8s8}, {}, {}, mode::dynamic);
  CHECK(e.count("ComputeQuantizationParameters") == 2);
  CHECK(e.inputs("y0_QuantizeLinear")[1] == "t0_scale");
}

TEST_CASE("tensors of two types call two functions; float16 gets scales of its own type") {
  maker m{"m"};
  auto const t = m.op("MatMul", {m.input("x", {2, 4}), m.weight("w", {4, 4})});
  m.output(m.op("MatMul", {t, m.weight("v", {4, 4})}), 2);
  quantize_options o;
  o.overrides["t0"].type = element::u16;
  auto e = emit(m.done(), scheme{u8s8}, o, {}, mode::dynamic);
  REQUIRE(e.m.functions.size() == 2);
  CHECK(e.m.functions[0].name == "ComputeQuantizationParameters");
  CHECK(e.m.functions[1].name == "ComputeQuantizationParameters_UINT16");
  CHECK(e.count("ComputeQuantizationParameters_UINT16") == 1);
  maker h{"h"};
  h.output(h.op("MatMul",
                {h.input("x", {2, 4}), h.g().add_initializer("w", from_f32(test::numbers{3}({4, 4}), element::f16))}),
           2);
  auto s = h.done();
  for (auto const* name : {"x", "y0"}) s.model.main[s.model.main.find(name)].type = tensor_type(element::f16, {2, 4});
  auto const f = emit(std::move(s), scheme{u8s8}, {}, {}, mode::dynamic).m.functions.at(0);
  auto const* last = f.body.producer(f.body.outputs[0]);
  CHECK(last->op == "Where");  // one in place of what float16 rounds to zero
}
