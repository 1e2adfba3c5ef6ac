#include <doctest/doctest.h>

#include <octet/graph/graph.hpp>
#include <octet/graph/vocabulary.hpp>

using namespace octet;

TEST_CASE("an operator object carries the name and the domain that nodes of a file have") {
  static_assert(ops::Conv.name == "Conv" && ops::Conv.domain.empty() && !ops::Conv.commutes);
  static_assert(ops::Add.commutes && ops::Mul.commutes && !ops::Sub.commutes && !ops::Div.commutes);
  static_assert(ops::Gelu != ops::ContribGelu && ops::Gelu.name == ops::ContribGelu.name);
  octet::node const n{.op = "QGemm", .domain = "com.microsoft"};
  CHECK(n.is(ops::QGemm.name, ops::QGemm.domain));
  CHECK_FALSE(n.is(ops::Gemm.name, ops::Gemm.domain));
}
