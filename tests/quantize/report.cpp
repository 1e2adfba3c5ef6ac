#include <octet/quantize/report.hpp>

#include <doctest/doctest.h>

#include "quantize/planned.hpp"

using namespace octet;

TEST_CASE("a report names every node, its fate and why") {
  test::maker m{"m"};
  auto const h = m.op("MatMul", {m.input("x", {2, 4}), m.weight("w", {4, 3})});
  m.output(m.op("Tanh", {h}), 2);
  auto const r = test::plan_for(m.done(), scheme{u8s8});
  auto const report = detail::start_report(r.p, r.m.main);
  REQUIRE(report.nodes.size() == 2);
  CHECK(report.count(fate::quantized) == 1);
  CHECK(report.kept().size() == 1);
  CHECK(report.kept()[0].reason == "not an operator that is quantized");
  CHECK(report.bytes_before == 4 * 3 * 4);
}

TEST_CASE("a report says how much is quantized: nodes, operations, bytes") {
  test::maker m{"m"};
  auto const h = m.op("MatMul", {m.input("x", {2, 4}), m.weight("w", {4, 3})});  // 2·2·3·4 operations
  auto const k = m.op("MatMul", {h, m.weight("v", {3, 1})});                     // 2·2·1·3
  m.output(m.op("Tanh", {k}), 2);                                                // 2
  auto s = m.done();
  for (auto const& [name, dims] : {std::pair{"t0", shape{2, 3}}, {"t1", shape{2, 1}}, {"y0", shape{2, 1}}})
    s.model.main[s.model.main.find(name)].type = tensor_type(element::f32, dims);
  quantize_options o;
  o.except = {"MatMul_1"};
  auto const r = test::plan_for(std::move(s), scheme{u8s8.per_channel()}, o);
  auto const report = detail::start_report(r.p, r.m.main);
  CHECK(report.share.nodes == 1);
  CHECK(report.share.all_nodes == 3);
  CHECK(report.share.flops == 48);
  CHECK(report.share.all_flops == 48 + 12 + 2);
  CHECK(report.share.bytes == 48);
  CHECK(report.share.all_bytes == 60);
  CHECK(report.nodes[0].how == "UINT8 x INT8 per channel");
  CHECK(quantized_share{}.of_flops() == 100);
}

TEST_CASE("bytes of constants count wherever they are") {
  test::maker m{"m"};
  m.op("Constant", {}, {{.name = "value", .value = stored_tensor{.data = tensor::of<float>({2, 1}, {1, 2})}}});
  m.weight("w", {5});
  CHECK(initializer_bytes(m.done().model.main) == 28);
}
