#include <octet/quantize/work.hpp>

#include <doctest/doctest.h>

#include <octet/infer/infer.hpp>

#include "support/one_operator.hpp"

using namespace octet;
using test::maker;

TEST_CASE("operations of a product: two for each multiplication and addition") {
  maker m{"work"};
  auto const x = m.input("x", {1, 3, 8, 8});
  m.op("Conv", {x, m.weight("w", {4, 3, 3, 3})});           // [1, 4, 6, 6]: 144 outputs of 27 products
  m.op("ConvTranspose", {x, m.weight("v", {3, 2, 2, 2})});  // 192 inputs, 8 products each
  m.op("Relu", {x});
  m.op("MatMul", {m.input("a", {2, 5, 7}), m.weight("b", {7, 3})});
  m.op("Gemm", {m.input("c", {4, 6}), m.weight("d", {5, 6})}, {{.name = "transB", .value = std::int64_t{1}}});
  m.op("LSTM", {m.input("s", {10, 2, 3}), m.weight("W", {1, 16, 3}), m.weight("R", {1, 16, 4})},
       {{.name = "hidden_size", .value = std::int64_t{4}}});
  auto s = m.done();
  infer(s.model);
  auto const& g = s.model.main;
  std::vector<double> want{2. * 144 * 27, 2. * 192 * 8, 192, 2. * 30 * 7, 2. * 20 * 6, 2. * 20 * (48 + 64)};
  REQUIRE(g.order.size() == want.size());
  for (std::size_t i = 0; i < want.size(); ++i) CHECK(flops(g, g[g.order[i]]) == want[i]);
}

TEST_CASE("a dimension that is not known counts as one") {
  graph g;
  value_type t{.element = element::f32};
  t.dims.emplace({dimension{std::string{"batch"}}, dimension{std::int64_t{8}}});
  auto const x = g.add_input("x", t);
  auto const n = g.add_node("Relu", {x}, {"y"});
  g[g[n].outputs[0]].type = t;
  CHECK(flops(g, g[n]) == 8);
}
