#include <octet/ops/linear.hpp>

#include <doctest/doctest.h>

#include "support/one_operator.hpp"

using namespace octet;
using test::float_attribute, test::int_attribute;

namespace {
std::string unfit(shape const& c, std::vector<attribute> a, bool dynamic, bool constant = true) {
  test::maker m{"gemm"};
  auto const w = constant ? m.weight("w", {4, 6}) : m.input("w", {4, 6});
  auto const y = m.op("Gemm", {m.input("x", {2, 4}), w, m.weight("b", c)}, std::move(a));
  return unfit_gemm(m.g(), *m.g().producer(y), dynamic);
}
}  // namespace

TEST_CASE("the channels of a Gemm weight are its columns, or its rows when it is transposed") {
  node n{.op = "Gemm"};
  CHECK(gemm_traits.input(1).channel_axis(n) == 1);
  n.set("transB", std::int64_t{1});
  CHECK(gemm_traits.input(1).channel_axis(n) == 0);
}

TEST_CASE("the channels of a MatMul weight are its last axis") {
  CHECK(matmul_traits.input(1).channel_axis(node{.op = "MatMul"}) == -1);
}

TEST_CASE("a Gemm that is more than a product and a sum stays float in dynamic models") {
  CHECK(unfit({6}, {}, true).empty());
  CHECK(unfit({6}, {float_attribute("alpha", 2)}, true) == "alpha or beta is not 1");
  CHECK(unfit({6}, {float_attribute("beta", 0.5)}, true) == "alpha or beta is not 1");
  CHECK(unfit({6}, {int_attribute("transA", 1)}, true) == "its first input is transposed");
  CHECK(unfit({6}, {}, true, false) == "its second input is not constant");
}

TEST_CASE("QGemm takes one bias a column") {
  CHECK(unfit({6}, {}, false).empty());
  CHECK(unfit({1, 6}, {float_attribute("beta", 2)}, false).empty());
  CHECK(unfit({2, 6}, {}, false) == "its bias is not one value for each column");
  CHECK(unfit({1}, {}, false) == "its bias is not one value for each column");
}
