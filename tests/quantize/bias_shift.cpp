#include <octet/quantize/bias_shift.hpp>

#include <doctest/doctest.h>

#include "support/builder.hpp"

using namespace octet;
using support::floats;

namespace {
node_id maker(graph const& g, std::string_view name) { return g[g.find(name)].producer; }
std::vector<float> constant_of(graph const& g, node_id n, std::size_t input) {
  auto const x = g.constant(g[n].inputs[input])->as<float>();
  return {x.begin(), x.end()};
}
}  // namespace

TEST_CASE("a bias is moved where it is, made where it is missing, and left alone where it is no constant") {
  support::builder g;
  auto const x = g.input("x", {1, 2, 4, 4});
  auto const w = g.constant(support::noise({3, 2, 3, 3}), "w");
  auto const b = g.constant(floats({3}, {1, 2, 3}), "b");
  auto const c = g.input("c", {3});
  g.output(g(ops::Conv, {x, w, b}, {}, "with"));
  g.output(g(ops::Conv, {x, w}, {}, "without"));
  g.output(g(ops::Conv, {x, w, c}, {}, "computed"));
  auto& m = g.graph();
  CHECK(detail::shift_bias(m, maker(m, "with"), {10, 20, 30}));
  CHECK(constant_of(m, maker(m, "with"), 2) == std::vector<float>{11, 22, 33});
  CHECK(m[m[maker(m, "with")].inputs[2]].name == "b");
  CHECK(detail::shift_bias(m, maker(m, "without"), {1, 0, -1}));
  CHECK(constant_of(m, maker(m, "without"), 2) == std::vector<float>{1, 0, -1});
  CHECK(!detail::shift_bias(m, maker(m, "computed"), {1, 0, -1}));
  CHECK(!detail::shift_bias(m, maker(m, "with"), {1, 0}));  // as many as channels
}

TEST_CASE("a bias that others read stays as it is for them") {
  support::builder g;
  auto const x = g.input("x", {1, 2, 4, 4});
  auto const w = g.constant(support::noise({3, 2, 3, 3}), "w"), b = g.constant(floats({3}, {1, 2, 3}), "b");
  g.output(g(ops::Conv, {x, w, b}, {}, "one"));
  g.output(g(ops::Conv, {x, w, b}, {}, "two"));
  auto& m = g.graph();
  CHECK(detail::shift_bias(m, maker(m, "one"), {1, 1, 1}));
  CHECK(constant_of(m, maker(m, "one"), 2) == std::vector<float>{2, 3, 4});
  CHECK(constant_of(m, maker(m, "two"), 2) == std::vector<float>{1, 2, 3});
}

TEST_CASE("Gemm's beta divides the shift, and one number for all channels becomes one for each") {
  support::builder g;
  auto const x = g.input("x", {2, 4});
  auto const w = g.constant(support::noise({3, 4}), "w");
  g.output(g(ops::Gemm, {x, w, 5.0}, {{"transB", 1}, {"beta", 2.0}}, "y"));
  auto& m = g.graph();
  CHECK(detail::shift_bias(m, maker(m, "y"), {2, 4, 6}));
  CHECK(constant_of(m, maker(m, "y"), 2) == std::vector<float>{6, 7, 8});
}

TEST_CASE("a MatMul has the Add behind it, if that alone reads it") {
  support::builder g;
  auto const x = g.input("x", {2, 4});
  auto const w = g.constant(support::noise({4, 3}), "w");
  auto const y = g(ops::MatMul, {x, w}, {}, "y"), z = g(ops::MatMul, {x, w}, {}, "z");
  g.output(g(ops::Add, {floats({1, 1, 3}, {1, 2, 3}), y}, {}, "sum"));
  g.output(g(ops::Add, {z, floats({3}, {1, 2, 3})}, {}, "other"));
  g.output(g(ops::Relu, {z}, {}, "reader"));
  auto& m = g.graph();
  CHECK(detail::shift_bias(m, maker(m, "y"), {1, 1, 1}));
  CHECK(constant_of(m, maker(m, "sum"), 0) == std::vector<float>{2, 3, 4});
  CHECK(m.constant(m[maker(m, "sum")].inputs[0])->dims() == shape{1, 1, 3});
  CHECK(!detail::shift_bias(m, maker(m, "z"), {1, 1, 1}));
}
