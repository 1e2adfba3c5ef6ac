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

TEST_CASE("bytes of constants count wherever they are") {
  test::maker m{"m"};
  m.op("Constant", {}, {{.name = "value", .value = stored_tensor{.data = tensor::of<float>({2, 1}, {1, 2})}}});
  m.weight("w", {5});
  CHECK(initializer_bytes(m.done().model.main) == 28);
}
