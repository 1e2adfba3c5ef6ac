#include <octet/graph/structure.hpp>

#include <doctest/doctest.h>

#include <octet/graph/graph.hpp>

using namespace octet;

TEST_CASE("an attribute is read with the type that it has") {
  node n{.op = "Conv"};
  n.set("group", std::int64_t{4});
  CHECK(n.get<std::int64_t>("group", 1) == 4);
  CHECK(n.get<std::int64_t>("other", 7) == 7);
  CHECK(n.get<float>("group") == nullptr);
}

TEST_CASE("the empty domain and ai.onnx are one") {
  CHECK(node{.op = "Add", .domain = "ai.onnx"}.is("Add"));
  CHECK_FALSE(node{.op = "Add", .domain = "mine"}.is("Add"));
  model m;
  m.import_opset("", 13), m.import_opset("ai.onnx", 11), m.import_opset("mine", 2);
  CHECK(m.opset_version() == 13);
  CHECK(m.opset_version("mine") == 2);
  CHECK(m.opset_version("theirs") == 0);
}
