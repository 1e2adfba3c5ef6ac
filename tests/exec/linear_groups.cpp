// Which products become layers with what follows them, and that every value can still be had.
#include <octet/exec/linear_groups.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include <octet/exec/session.hpp>
#include <support/builder.hpp>

using namespace octet;
using namespace octet::ops;
using support::builder;
using support::noise;

namespace {

struct layer_choice {
  bool gemm = false, bias = true, read = false;
  std::string end{};
  float alpha = 1;
  shape bias_shape{5};
};

builder layer(layer_choice const& c) {
  builder g{13};
  auto const x = g.input("x", c.gemm ? std::vector<support::dim>{4, 6} : std::vector<support::dim>{2, 4, 6});
  auto y =
      c.gemm ? g(Gemm, {x, noise({6, 5}, 1)}, {{"alpha", c.alpha}}, "p") : g(MatMul, {x, noise({6, 5}, 1)}, {}, "p");
  if (c.bias) y = g(Add, {noise(c.bias_shape, 2), y}, {}, "b");
  if (c.end == "Clip") y = g(Clip, {y, -0.25, 0.5});
  else if (!c.end.empty()) y = g(op{c.end}, {y});
  g.output(y);
  if (c.read) g.output(g.m.main.find("p"));
  return g;
}

/// The node that makes the first output when layers have been made.
node last(builder const& b) {
  graph g = b.m.main;
  detail::linear_group_maker{g, 13}.run();
  return *g.producer(g.outputs[0]);
}

}  // namespace

TEST_CASE("a product takes up its bias and what comes next") {
  for (bool gemm : {false, true})
    for (bool bias : {false, true})
      for (std::string const end : {"", "Relu", "Clip", "Tanh", "Sigmoid", "LeakyRelu", "Elu", "HardSigmoid"}) {
        if (!bias && end.empty()) continue;
        auto const g = layer({.gemm = gemm, .bias = bias, .end = end});
        auto const n = last(g);
        CHECK(n.is("Linear", "octet"));
        CHECK(n.inputs.size() == (bias ? 3 : 2));
        CHECK(n.get<std::string>("activation", "") == (end == "Relu" || end == "Clip" ? "" : end));
        CHECK(n.get("low", -9.f) == (end == "Relu" ? 0.f : end == "Clip" ? -0.25f : -9.f));
        feed const in{{"x", noise(gemm ? shape{4, 6} : shape{2, 4, 6}, 7)}};
        auto const y = g.m.main[g.m.main.outputs[0]].name;
        std::string const names[] = {y, "p"};
        auto const a = session{g.m}.run(in, names), b = session{g.m, {.fusions = false}}.run(in, names);
        for (auto const& name : names)
          for (std::size_t i = 0; i < a.at(name).as<float>().size(); ++i)
            CHECK(double(a.at(name).as<float>()[i]) ==
                  doctest::Approx(double(b.at(name).as<float>()[i])).epsilon(1e-5));
      }
}

TEST_CASE("what is read elsewhere, scaled, or added otherwise stays apart") {
  CHECK(last(layer({.read = true})).op == "Add");
  CHECK(last(layer({.gemm = true, .alpha = 2})).op == "Add");
  CHECK(last(layer({.bias_shape = {1}})).op == "Add");
  CHECK(last(layer({.bias_shape = {4, 1}})).op == "Add");
  CHECK(last(layer({.bias_shape = {1, 1, 1, 5}})).op == "Add");  // which adds an axis
  CHECK(last(layer({.bias = false, .end = "Neg"})).op == "Neg");
  CHECK(last(layer({.bias = false, .end = "HardSwish"})).op == "HardSwish");  // which opset 13 does not have
}

TEST_CASE("what is wrong is said of the model's own operator") {
  auto g = builder{13};
  auto const x = g.input("x", {"n", "k"});
  auto const p = g(Gemm, {x, noise({5, 6}, 1)}, {{"transB", 1}}, "p");
  g.output(g(Relu, {p}));
  try {
    session{g.m}.run({{"x", noise({4, 7}, 1)}});
    CHECK(false);
  } catch (error const& e) {
    CHECK(e.where == g.m.main.producer(p)->name);
    CHECK(std::string{e.what()} == "Gemm: A of [4,7] and B of [5,6] do not fit");
  }
}

TEST_CASE("limits of a Clip of opset 7 end infinities, as its own do") {
  builder g{7};
  auto const x = g.input("x", {1, 1});
  g.output(g(Clip, {g(MatMul, {x, support::floats({1, 1}, {1})})}, {{"min", 0.0}}));
  auto const y = session{g.m}.run({{"x", support::floats({1, 1}, {INFINITY})}}).begin()->second;
  CHECK(y.as<float>()[0] == std::numeric_limits<float>::max());
}
