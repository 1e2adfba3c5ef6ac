#include <octet/quantize/prepare.hpp>

#include <doctest/doctest.h>

#include <algorithm>

#include "support/one_operator.hpp"

using namespace octet;

namespace {
test::sample_model product(std::int64_t opset) {
  test::maker m{"m", opset};
  m.output(m.op("MatMul", {m.input("x", {2, 4}), m.weight("w", {4, 3})}), 2);
  return m.done();
}
error_kind refused(scheme const& s, quantize_options const& o = {}, bool dynamic = false) {
  try {
    detail::check_scheme(s, o, dynamic);
  } catch (error const& e) {
    return e.kind;
  }
  return {};
}
scheme types(element a, element w) {
  scheme s;
  s.activation = a, s.weight = w;
  return s;
}
quantize_options in(format f) {
  quantize_options o;
  o.format = f;
  return o;
}
}  // namespace

TEST_CASE("types that no runtime has kernels for, or that a format lacks, are refused before any work") {
  CHECK(refused(types(element::s8, element::u8)) == error_kind::invalid);
  CHECK(refused(types(element::u16, element::s8), in(format::qoperator)) == error_kind::invalid);
  CHECK(refused(types(element::u8, element::s4), in(format::qoperator)) == error_kind::invalid);
  CHECK(refused(types(element::u8, element::s16), in(format::qoperator), true) == error_kind::invalid);
  CHECK(refused(types(element::u8, element::f8e4m3fn)) == error_kind::unsupported);
  CHECK(refused(types(element::u16, element::s8)) == error_kind{});
  CHECK(refused(types(element::u8, element::s4)) == error_kind{});
}

TEST_CASE("B2, B43: the opset and the IR version rise with what is used, and not otherwise") {
  auto const raised = [](std::int64_t from, scheme const& s, quantize_options const& o) {
    auto m = product(from).model;
    detail::prepare(m, s, o, mode::static_ranges);
    return m.opset_version();
  };
  CHECK(raised(11, scheme{u8s8}, {}) == 11);
  CHECK(raised(11, scheme{u8s8.per_channel()}, {}) == 13);
  CHECK(raised(17, scheme{u8s8.per_channel()}, {}) == 17);
  CHECK(raised(17, types(element::u16, element::s8), {}) == 21);
  quantize_options blocks;
  blocks.block_size = 2;
  CHECK(raised(13, scheme{u8s8}, blocks) == 21);
}

TEST_CASE("a model from before opset 10 is raised to 11, with a warning; one from before 7 is refused") {
  auto m = product(9).model;
  auto const warnings = detail::prepare(m, scheme{u8s8}, {}, mode::static_ranges);
  CHECK(m.opset_version() == 11);
  CHECK(std::find(warnings.begin(), warnings.end(), "the opset was raised from 9 to 11") != warnings.end());
  auto old = product(6).model;
  try {
    detail::prepare(old, scheme{u8s8}, {}, mode::static_ranges);
    FAIL("accepted");
  } catch (error const& e) {
    CHECK(e.kind == error_kind::unsupported);
    CHECK_FALSE(e.hint.empty());
  }
}

TEST_CASE("weights in Constant nodes become initializers of the same name") {
  test::maker m{"m"};
  auto const w =
      m.op("Constant", {}, {{.name = "value", .value = stored_tensor{.data = tensor::of<float>({2, 1}, {1, 2})}}});
  m.output(m.op("MatMul", {m.input("x", {1, 2}), w}), 2);
  auto s = m.done();
  detail::prepare(s.model, scheme{u8s8}, {}, mode::static_ranges);
  CHECK(s.model.main.order.size() == 1);
  CHECK(s.model.main.constant(s.model.main.find("t0")) != nullptr);
  CHECK(s.model.main[s.model.main.find("t0")].initializer.has_value());
}

TEST_CASE("initializers that are graph inputs too become plain weights; from IR 4 on another default stays one") {
  auto s = product(13);
  auto& g = s.model.main;
  auto const d = g.add_initializer("d", tensor::scalar(1.f));
  g.inputs.push_back(g.find("w"));
  g.inputs.push_back(d);
  auto old = s.model;
  CHECK(g.constant(g.find("w")) == nullptr);
  CHECK(detail::drop_initializer_inputs(s.model, {}) == 1);
  CHECK(g.constant(g.find("w")) != nullptr);
  CHECK(g.is_input(d));
  old.ir_version = 3;
  CHECK(detail::drop_initializer_inputs(old, {}) == 2);
}

TEST_CASE("A10: the integer form needs opset 11, in which DynamicQuantizeLinear appeared") {
  auto const s = product(10);
  quantize_options o;
  o.format = format::qoperator;
  CHECK(detail::needed_opset(s.model, scheme{u8s8}, o, mode::integer) == 11);
  CHECK(detail::needed_opset(s.model, scheme{u8s8}, o, mode::static_ranges) == 10);
}

TEST_CASE("B3: float16 that only an activation has raises the opset for Q/DQ pairs") {
  auto s = product(13);
  s.model.main[s.model.main.inputs[0]].type->element = element::f16;
  CHECK(detail::needed_opset(s.model, scheme{u8s8}, {}, mode::static_ranges) == 19);
}
