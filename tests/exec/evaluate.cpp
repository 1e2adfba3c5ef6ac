#include <octet/exec/evaluate.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace octet;

TEST_CASE("one node is evaluated with the executor's operators; an unknown one is not") {
  detail::node_evaluator run;
  node n;
  n.op = "Add", n.domain = "ai.onnx";
  n.inputs = {value_id{0}, value_id{1}}, n.outputs = {value_id{2}};
  std::vector<tensor> const in{tensor::scalar(2.5f), tensor::scalar(-1.f)};
  auto const out = run(n, in, 14);
  REQUIRE(out.has_value());
  CHECK(out->at(0).as<float>()[0] == 1.5f);
  n.op = "Nonsense";
  CHECK(!run(n, in, 14));
}
