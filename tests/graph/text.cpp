// The text form, as golden files hold it.
#include <doctest/doctest.h>

#include <octet/graph/text.hpp>

using namespace octet;

TEST_CASE("a model as text") {
  model m;
  m.ir_version = 8;
  m.opsets.push_back({.domain = "", .version = 13});
  m.opsets.push_back({.domain = "com.microsoft", .version = 1});
  m.metadata.push_back({"key", "value"});
  auto& g = m.main;
  g.name = "g";
  auto type = tensor_type(element::f32, {4});
  type.dims->insert(type.dims->begin(), dimension{"batch"});
  auto const x = g.add_input("x", type);
  auto const w = g.add_initializer("w", tensor::of<float>({2}, {0.5f, -1}), storage::typed);
  graph inner;
  inner.name = "then";
  inner.add_node("Identity", {inner.add_value("x")}, {"i"});
  g.add_node("Op", {x, value_id::none, w}, {"y", "", "z"},
             {{.name = "to", .value = std::int64_t{1}},
              {.name = "axes", .value = std::vector<std::int64_t>{0, 1}},
              {.name = "alpha", .value = 0.1f},
              {.name = "mode", .value = std::string{"a\"b\n"}},
              {.name = "ref", .reference = "outer"},
              {.name = "body", .value = graph_box{std::move(inner)}}},
             "com.microsoft", "n");
  g.outputs.push_back(g.find("y"));
  CHECK(text(m) ==
        "ir 8\n"
        "opset ai.onnx 13\n"
        "opset com.microsoft 1\n"
        "metadata key=value\n"
        "graph g\n"
        "  input x: FLOAT[batch,4]\n"
        "  initializer w = FLOAT[2] typed {0.5, -1}\n"
        "  y, -, z = com.microsoft.Op(x, -, w) 'n' {alpha: 0.1, axes: [0, 1], body: graph, mode: \"a\\x22b\\x0a\", "
        "ref: @outer, to: 1}\n"
        "    graph then\n"
        "      i = Identity(x)\n"
        "  output y\n");
}

TEST_CASE("a long tensor is told apart by its bytes") {
  graph a, b, c;
  std::vector<float> values(100, 1);
  a.add_initializer("w", tensor::of<float>({100}, values));
  b.add_initializer("w", tensor::of<float>({100}, values));
  values[99] = 2;
  c.add_initializer("w", tensor::of<float>({100}, values));
  CHECK(text(a) == text(b));
  CHECK(text(a) != text(c));
  CHECK(text(a).size() < 80);
}
