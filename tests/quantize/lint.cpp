#include <octet/quantize/lint.hpp>

#include <doctest/doctest.h>

#include "quantize/emitted.hpp"

#include <octet/quantize/for_target.hpp>

using namespace octet;
using test::emit, test::maker;

namespace {
test::sample_model residual_block(float weight = 1, bool projected = false) {
  maker m{"m"};
  auto const x = m.input("x", {1, 2, 4, 4});
  auto const w = m.g().add_initializer("w", tensor::of<float>({2, 2, 1, 1}, {weight, weight, -weight, 0}));
  auto const y = m.op("Conv", {x, w, m.weight("b", {2})});
  m.output(m.op("Add", {y, projected ? m.op("Conv", {x, m.weight("p", {2, 2, 1, 1})}) : x}), 4);
  auto s = m.done();
  s.model.opsets[0].version = 13;
  return s;
}
/// "node: rule", one line each.
std::string findings_of(model const& m, target_rules const& t) {
  std::string s;
  for (auto const& f : lint(m, t)) {
    s += f.node + ": " + f.rule + (f.broken ? "" : " (advice)") + '\n';
    CHECK(!f.remedy.empty());
  }
  return s;
}
}  // namespace

TEST_CASE("what a target made for itself has no violation") {
  for (auto const* t : shipped_targets) {
    quantize_options o;
    for_target(*t, t->recommended, o, false);
    for (bool const projected : {false, true})  // where a ResNet changes its width both sides are convolutions
      CHECK(findings_of(emit(residual_block(1, projected), t->recommended, o).m, *t) == "");
  }
}

TEST_CASE("TensorRT: signed, symmetric, float biases, weights in pairs, the residual Add") {
  auto const said = findings_of(emit(residual_block(), scheme{u8s8}).m, tensorrt::rules);
  CHECK(said.find("x_QuantizeLinear: takes_activation_type") != std::string::npos);
  CHECK(said.find("x_QuantizeLinear: takes_activation_symmetry") != std::string::npos);
  CHECK(said.find("b_DequantizeLinear: float_bias") != std::string::npos);
  CHECK(said.find("w_DequantizeLinear: weight_pairs") != std::string::npos);
  CHECK(said.find("Add_1: residual_add") != std::string::npos);
}

TEST_CASE("a pair of weights that overflows on AVX2, in both formats and in integer form") {
  quantize_options o;
  CHECK(findings_of(emit(residual_block(), scheme{u8s8}).m, ort_x64_avx2::rules) == "Conv_0: pair_overflow\n");
  CHECK(findings_of(emit(residual_block(), scheme{u8s8}).m, ort_x64_vnni::rules) == "");
  CHECK(findings_of(emit(residual_block(), scheme{u8u8}).m, ort_x64_avx2::rules) == "");
  CHECK(findings_of(emit(residual_block(), scheme{u8s8.reduced()}).m, ort_x64_avx2::rules) == "");
  CHECK(findings_of(emit(residual_block(), scheme{u8s8}, test::qoperator_format()).m, ort_x64_avx2::rules) ==
        "Conv_0_quant: pair_overflow\n");
  auto const integer = emit(residual_block(), scheme{u8s8}, test::qoperator_format(), {}, mode::integer);
  CHECK(findings_of(integer.m, ort_x64_avx2::rules).find("pair_overflow") != std::string::npos);
}

TEST_CASE("int8 activations on x86-64 are advice, other formats and types violations") {
  CHECK(findings_of(emit(residual_block(), scheme{s8s8}).m, ort_x64_vnni::rules) == "Conv_0: s8s8_residual (advice)\n");
  CHECK(findings_of(emit(residual_block(), scheme{s8s8}, test::qoperator_format()).m, ort_x64_vnni::rules) ==
        "Conv_0_quant: s8s8_qoperator (advice)\nAdd_1_quant: s8s8_qoperator (advice)\n");
  CHECK(findings_of(emit(residual_block(), scheme{u8s8}, test::qoperator_format()).m, openvino::rules) ==
        "Conv_0_quant: qdq_only\nAdd_1_quant: qdq_only\n");
  CHECK(findings_of(emit(residual_block(), scheme{u8u8}).m, openvino::rules) ==
        "w_DequantizeLinear: takes_weight_type\n");
  auto const dynamic = emit(residual_block(), scheme{u8s8}, test::qoperator_format(), {}, mode::integer);
  CHECK(findings_of(dynamic.m, tensorrt::rules).find("static_only") != std::string::npos);
}
