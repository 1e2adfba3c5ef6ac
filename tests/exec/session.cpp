// The session: what it accepts, what it runs, what it lets others see.
#include <octet/exec/session.hpp>

#include <doctest/doctest.h>

using namespace octet;

namespace {

value_type floats(std::vector<dimension> dims) { return {.element = element::f32, .dims = std::move(dims)}; }

/// y = x·w, z = y·v, both 2 × 2.
model two_products() {
  model m;
  m.import_opset("", 13);
  auto& g = m.main;
  auto const x = g.add_input("x", floats({dimension{"n"}, 2}));
  auto const w = g.add_initializer("w", tensor::of<float>({2, 2}, {1, 2, 3, 4}));
  auto const v = g.add_initializer("v", tensor::of<float>({2, 2}, {0, 1, 1, 0}));
  g.add_node("MatMul", {x, w}, {"y"}, {}, {}, "first");
  g.add_node("MatMul", {g.find("y"), v}, {"z"}, {}, {}, "second");
  g.outputs = {g.find("z")};
  return m;
}

std::vector<float> values(tensor const& t) {
  auto const s = t.as<float>();
  return {s.begin(), s.end()};
}

struct recorder : observer {
  std::vector<std::string> seen{};
  bool wants(std::string_view name) override { return name != "z"; }
  void see(std::string_view name, tensor const&) override { seen.emplace_back(name); }
};

}  // namespace

TEST_CASE("a session runs what the fetched tensors need") {
  auto const m = two_products();
  session s{m};
  feed const in{{"x", tensor::of<float>({1, 2}, {1, 10})}};
  auto const out = s.run(in);
  REQUIRE(out.size() == 1);
  CHECK(values(out.at("z")) == std::vector<float>{42, 31});
  std::string const both[] = {"y", "z", "x", "w"};
  auto const more = s.run(in, both);
  CHECK(more.size() == 4);
  CHECK(values(more.at("y")) == std::vector<float>{31, 42});
  CHECK(values(more.at("z")) == std::vector<float>{42, 31});
  CHECK(values(more.at("x")) == std::vector<float>{1, 10});
  CHECK(values(more.at("w")) == std::vector<float>{1, 2, 3, 4});
  CHECK(values(s.run(in).at("z")) == std::vector<float>{42, 31});
}

TEST_CASE("wrong feeds are refused, by name") {
  auto const m = two_products();
  session s{m};
  auto const fails = [&](feed const& in, char const* what) {
    try {
      s.run(in);
      FAIL("accepted");
    } catch (error const& e) {
      CHECK(e.kind == error_kind::invalid);
      CHECK(std::string{e.what()}.find(what) != std::string::npos);
    }
  };
  fails({}, "'x' is missing");
  fails({{"x", tensor::of<float>({1, 2}, {1, 2})}, {"q", tensor::scalar(1.f)}}, "no input 'q'");
  fails({{"x", tensor::of<std::int64_t>({1, 2}, {1, 2})}}, "'x' is FLOAT and was given INT64");
  fails({{"x", tensor::of<float>({1, 3}, {1, 2, 3})}}, "'x' is FLOAT[n,2] and was given FLOAT[1,3]");
  fails({{"x", tensor::of<float>({2}, {1, 2})}}, "'x' is FLOAT[n,2] and was given FLOAT[2]");
  CHECK(values(s.run({{"x", tensor::of<float>({1, 2}, {1, 10})}}).at("z")) == std::vector<float>{42, 31});
}

TEST_CASE("an operator that is not there matters only where it is needed") {
  auto m = two_products();
  m.main.add_node("Nonsense", {m.main.find("z")}, {"q"}, {}, "somebody", "odd");
  m.main.outputs.push_back(m.main.find("q"));
  session s{m};
  feed const in{{"x", tensor::of<float>({1, 2}, {1, 10})}};
  std::string const z[] = {"z"};
  CHECK(s.run(in, z).size() == 1);
  try {
    s.run(in);
    FAIL("ran an unknown operator");
  } catch (error const& e) {
    CHECK(e.kind == error_kind::unsupported);
    CHECK(e.where == "odd");
    CHECK(std::string{e.what()}.find("operator Nonsense of domain somebody, opset 1") != std::string::npos);
  }
}

TEST_CASE("an observer sees inputs and intermediate tensors in order, and changes nothing") {
  auto const m = two_products();
  recorder r;
  session s{m, {.observer = &r}};
  auto const out = s.run({{"x", tensor::of<float>({1, 2}, {1, 10})}});
  CHECK(values(out.at("z")) == std::vector<float>{42, 31});
  CHECK(r.seen == std::vector<std::string>{"x", "y"});
}

TEST_CASE("operators of the caller come before octet's") {
  auto m = two_products();
  static constexpr operator_entry mine[] = {
      {"MatMul", "", 1, [](preparation const&) -> operation { return [](call& c) { c.outputs[0] = c.inputs[0]; }; }}};
  session s{m, {.operators = mine}};
  CHECK(values(s.run({{"x", tensor::of<float>({1, 2}, {1, 10})}}).at("z")) == std::vector<float>{1, 10});
}

TEST_CASE("errors inside an operator name the node") {
  auto m = two_products();
  m.main[m.main.find("x")].type = {};
  session s{m};
  try {
    s.run({{"x", tensor::of<float>({1, 3}, {1, 2, 3})}});
    FAIL("accepted");
  } catch (error const& e) {
    CHECK(e.where == "first");
  }
}

TEST_CASE("an initializer that is a graph input can be replaced") {
  auto m = two_products();
  m.main.inputs.push_back(m.main.find("v"));
  session s{m};
  tensor const x = tensor::of<float>({1, 2}, {1, 10});
  CHECK(values(s.run({{"x", x}}).at("z")) == std::vector<float>{42, 31});
  CHECK(values(s.run({{"x", x}, {"v", tensor::of<float>({2, 2}, {2, 0, 0, 2})}}).at("z")) ==
        std::vector<float>{62, 84});
  CHECK(values(s.run({{"x", x}}).at("z")) == std::vector<float>{42, 31});
}

TEST_CASE("a function of the model is run with the attributes of its call") {
  model m;
  m.import_opset("", 13);
  m.import_opset("mine", 1);
  function f{.name = "scaled", .domain = "mine", .attributes = {"factor"}};
  f.opsets.push_back({.version = 13});
  auto const a = f.body.add_value("a"), b = f.body.add_value("b");
  f.body.inputs = {a, b};
  f.body.add_node("Gemm", {a, b}, {"c"}, {{.name = "alpha", .reference = "factor"}});
  f.body.outputs = {f.body.find("c")};
  m.functions.push_back(f);
  auto const x = m.main.add_input("x", floats({1, 2}));
  auto const w = m.main.add_initializer("w", tensor::of<float>({2, 1}, {1, 1}));
  m.main.add_node("scaled", {x, w}, {"y"}, {{.name = "factor", .value = 3.f}}, "mine");
  m.main.outputs = {m.main.find("y")};
  session s{m};
  CHECK(values(s.run({{"x", tensor::of<float>({1, 2}, {1, 2})}}).at("y")) == std::vector<float>{9});
}
