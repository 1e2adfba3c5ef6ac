#include <octet/quantize/for_target.hpp>

#include <doctest/doctest.h>

#include "quantize/planned.hpp"

using namespace octet;

namespace {
std::string refusal_for(target_rules const& t, scheme const& s, quantize_options o = {}, bool dynamic = false) {
  try {
    for_target(t, s, o, dynamic);
  } catch (error const& e) {
    CHECK(e.kind == error_kind::invalid);
    return e.what();
  }
  return "";
}
}  // namespace

TEST_CASE("a target sets what it asks for") {
  quantize_options o;
  CHECK(for_target(tensorrt::rules, s8s8.symmetric(), o, false).empty());
  CHECK(!o.quantize_bias);
  CHECK(o.add_qdq_pair_to_weight);
  CHECK(o.residual_add);
  quantize_options p;
  for_target(ort_x64_avx2::rules, u8s8, p, false);
  CHECK(p.reduce_where_needed);
  CHECK(p.quantize_bias);
}

TEST_CASE("what it does not take is refused with the name of the rule") {
  CHECK(refusal_for(tensorrt::rules, s8s8).find("rule takes_activation_symmetry of target tensorrt") == 0);
  CHECK(refusal_for(web::rules, s8s8).find("rule takes_activation_type") == 0);
  quantize_options linear;
  linear.format = format::qoperator;
  CHECK(refusal_for(openvino::rules, u8s8, linear).find("rule qdq_only") == 0);
  CHECK(refusal_for(tensorrt::rules, s8s8.symmetric(), {}, true).find("rule static_only") == 0);
  quantize_options wide;
  wide.overrides["x"].type = element::u16;
  CHECK(refusal_for(web::rules, u8u8, wide).find("rule eight_bit_only") == 0);
  CHECK(refusal_for(ort_x64_vnni::rules, u8s8, wide).empty());
}

TEST_CASE("what is legal and slow is a warning") {
  quantize_options o;
  o.format = format::qoperator;
  CHECK(for_target(ort_x64_vnni::rules, s8s8, o, false).at(0).find("slow") != std::string::npos);
  o.format = format::qdq;
  CHECK(for_target(ort_x64_vnni::rules, s8s8, o, false).at(0).find("residual") != std::string::npos);
  CHECK(for_target(ort_arm::rules, s8s8, o, false).empty());
}

TEST_CASE("the Add behind a convolution keeps a grid at its other input and its output") {
  test::maker m{"m"};
  auto const x = m.input("x", {1, 2, 4, 4});
  auto const c = m.op("Conv", {x, m.weight("w", {2, 2, 1, 1})});
  m.output(m.op("Add", {c, x}), 4);
  quantize_options o;
  for_target(tensorrt::rules, s8s8.symmetric(), o, false);
  auto const r = test::plan_for(m.done(), s8s8.symmetric(), o);
  CHECK(r.at("t0") == nullptr);
  CHECK(r.at("x") != nullptr);
  CHECK(r.at("y0") != nullptr);
}
