// One suite for every backend: what a session does, ONNX Runtime does too.
#include <octet/exec/onnxruntime.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <octet/exec/backend.hpp>
#include <octet/exec/session.hpp>

using namespace octet;

static_assert(backend<onnxruntime_session>);

namespace {

/// z = relu(x·w) + b with x of n × 2, and s = shape of x.
model two_outputs() {
  model m;
  m.ir_version = 8;
  m.import_opset("", 13);
  auto& g = m.main;
  auto const x = g.add_input("x", {.element = element::f32, .dims = std::vector<dimension>{dimension{"n"}, 2}});
  auto const w = g.add_initializer("w", tensor::of<float>({2, 2}, {1, -2, 3, -4}));
  auto const b = g.add_initializer("b", tensor::of<float>({2}, {0.5f, 0.25f}));
  g.add_node("MatMul", {x, w}, {"y"}, {}, {}, "product");
  g.add_node("Relu", {g.find("y")}, {"r"}, {}, {}, "relu");
  g.add_node("Add", {g.find("r"), b}, {"z"}, {}, {}, "sum");
  g.add_node("Shape", {x}, {"s"}, {}, {}, "sizes");
  g.outputs = {g.find("z"), g.find("s")};
  return m;
}

std::vector<float> floats_in(tensor const& t) {
  auto const s = t.as<float>();
  return {s.begin(), s.end()};
}

template <backend B>
void refuses(B& b, feed const& in, std::span<std::string const> fetch, char const* words) {
  try {
    b.run(in, fetch);
    FAIL("accepted: " << words);
  } catch (error const& e) {
    CHECK(e.kind == error_kind::invalid);
    CHECK(std::string{e.what()}.find(words) != std::string::npos);
  }
}

template <backend B>
void suite(B&& b) {
  feed const in{{"x", tensor::of<float>({1, 2}, {1, 10})}};
  auto const out = b.run(in, {});
  REQUIRE(out.size() == 2);
  CHECK(floats_in(out.at("z")) == std::vector<float>{31.5f, 0.25f});
  CHECK(out.at("s").type() == element::s64);
  CHECK(out.at("s").template as<std::int64_t>()[1] == 2);
  std::string const inner[] = {"y", "x", "b"};
  auto const more = b.run(in, inner);
  CHECK(more.size() == 3);
  CHECK(floats_in(more.at("y")) == std::vector<float>{31, -42});
  CHECK(floats_in(more.at("x")) == std::vector<float>{1, 10});
  CHECK(floats_in(more.at("b")) == std::vector<float>{0.5f, 0.25f});
  CHECK(b.run({{"x", tensor{element::f32, {0, 2}}}}, {}).at("z").dims() == shape{0, 2});

  std::string const nothing[] = {"nothing"};
  refuses(b, {}, {}, "'x' is missing");
  refuses(b, in, nothing, "no tensor 'nothing'");
  refuses(b, {{"x", tensor::of<float>({1, 2}, {1, 2})}, {"q", tensor::scalar(1.f)}}, {}, "no input 'q'");
  refuses(b, {{"x", tensor::of<std::int64_t>({1, 2}, {1, 2})}}, {}, "'x' is FLOAT and was given INT64");
  refuses(b, {{"x", tensor::of<float>({1, 3}, {1, 2, 3})}}, {}, "'x' is FLOAT[n,2] and was given FLOAT[1,3]");
}

bool there() {
  if (std::getenv("OCTET_ONNXRUNTIME") != nullptr) return true;
  MESSAGE("SKIPPED: OCTET_ONNXRUNTIME names no ONNX Runtime");
  return false;
}

}  // namespace

TEST_CASE("the backends' suite: octet's own session") {
  auto const m = two_outputs();
  suite(session{m});
}

TEST_CASE("the backends' suite: ONNX Runtime") {
  if (!there()) return;
  auto const m = two_outputs();
  onnxruntime_session s{m};
  CHECK(!s.version().empty());
  suite(s);
}

TEST_CASE("ONNX Runtime's refusal of a model and failure in it are errors with its words") {
  if (!there()) return;
  auto m = two_outputs();
  m.main.add_node("Nonsense", {m.main.find("z")}, {"q"}, {}, "somebody", "odd");
  m.main.outputs.push_back(m.main.find("q"));
  onnxruntime_session s{m};
  feed const in{{"x", tensor::of<float>({1, 2}, {1, 10})}};
  refuses(s, in, {}, "ONNX Runtime: ");
}
