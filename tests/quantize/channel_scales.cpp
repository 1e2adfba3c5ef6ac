#include <octet/quantize/channel_scales.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "support/builder.hpp"

#include <octet/exec/session.hpp>
#include <octet/infer/infer.hpp>

using namespace octet;
using support::floats;

namespace {
/// Scales every group by factors of its own and compares all outputs; returns the operators above, one a group.
std::string scaled_alike(model m, feed const& in, bool folding = true) {
  infer(m);
  auto const groups = detail::channel_groups{m.main}.find(folding);
  auto scaled = m;
  std::string above;
  for (auto const& c : groups) {
    above += (above.empty() ? "" : " ") + (c.above.empty() ? "-" : m.main[c.above.back().node].op);
    std::vector<float> factors(static_cast<std::size_t>(c.channels));
    for (std::size_t i = 0; i < factors.size(); ++i) factors[i] = std::exp2(1.5f * std::sin(1.f + 7 * float(i)));
    detail::scale_channels(scaled.main, c, factors);
  }
  auto const x = session{m}.run(in), y = session{scaled}.run(in);
  for (auto const& [name, t] : x) {
    double signal = 0, noise = 0;
    for (std::size_t i = 0; i < t.as<float>().size(); ++i) {
      double const a = t.as<float>()[i], b = y.at(name).as<float>()[i];
      signal += a * a, noise += (a - b) * (a - b);
    }
    CHECK(std::sqrt(noise / signal) < 1e-5);
    CHECK(signal > 0);
  }
  CHECK((folding ? scaled.main.order.size() == m.main.order.size() : true));
  return above;
}
tensor vector_of(std::int64_t n, std::uint32_t seed) { return support::positive_noise({n}, seed); }
}  // namespace

TEST_CASE("a LayerNormalization takes the factors of the products that alone read it") {
  support::builder g;
  auto const x = g.input("x", {2, 3, 8});
  auto const n = g(ops::LayerNormalization, {x, vector_of(8, 1), vector_of(8, 2)}, {{"axis", -1}}, "n");
  g.output(g(ops::MatMul, {n, support::noise({8, 4}, 3)}, {}, "q"));
  g.output(g(ops::MatMul, {n, support::noise({8, 5}, 4)}, {}, "k"));
  feed const in{{"x", support::noise({2, 3, 8}, 9)}};
  CHECK(scaled_alike(g.m, in) == "LayerNormalization");
  g.output(g(ops::Add, {n, x}, {}, "residual"));  // who reads the tensor itself sees what it was
  CHECK(scaled_alike(g.m, in) == "");
  CHECK(scaled_alike(g.m, in, false) == "-");
}

TEST_CASE("constants of Mul, Add, Div and PRelu on the way") {
  support::builder g;
  auto const x = g.input("x", {3, 8});
  auto y = g(ops::Mul, {x, vector_of(8, 1)});
  y = g(ops::Add, {floats({}, {0.5f}), y});  // one number becomes one for each channel
  y = g(ops::PRelu, {y, vector_of(8, 2)});
  g.output(g(ops::Gemm, {y, support::noise({4, 8}, 3), vector_of(4, 4)}, {{"transB", 1}}, "a"));
  auto const d = g(ops::Relu, {g(ops::Sub, {g(ops::Div, {x, vector_of(8, 5)}), vector_of(8, 6)})});
  g.output(g(ops::MatMul, {d, support::noise({8, 3}, 7)}, {}, "b"));
  CHECK(scaled_alike(g.m, {{"x", support::noise({3, 8}, 9)}}) == "Mul Div");
}

TEST_CASE("convolutions, grouped ones too, through Relu and pools; Gemm and MatMul") {
  support::builder g;
  auto const x = g.input("x", {1, 3, 8, 8});
  auto y = g(ops::Conv, {x, support::noise({8, 3, 3, 3}, 1), vector_of(8, 2)});
  y = g(ops::MaxPool, {g(ops::Relu, {y})}, {{"kernel_shape", std::vector<std::int64_t>{2, 2}}});
  y = g(ops::Conv, {y, support::noise({8, 1, 3, 3}, 3), vector_of(8, 4)}, {{"group", 8}});
  y = g(ops::Add, {y, support::positive_noise({8, 1, 1}, 5)});
  y = g(ops::Conv, {y, support::noise({6, 4, 1, 1}, 6)}, {{"group", 2}});
  g.output(y);
  CHECK(scaled_alike(g.m, {{"x", support::noise({1, 3, 8, 8}, 9)}}) == "Conv Conv");

  support::builder h;
  auto z = h(ops::Gemm, {h.input("x", {3, 8}), support::noise({8, 6}, 1), vector_of(6, 2)});
  z = h(ops::MatMul, {h(ops::LeakyRelu, {z}), support::noise({6, 5}, 3)});
  h.output(h(ops::MatMul, {z, support::noise({5, 2}, 4)}));
  CHECK(scaled_alike(h.m, {{"x", support::noise({3, 8}, 9)}}) == "Gemm MatMul");
}

TEST_CASE("the values of an attention, through its heads") {
  support::builder g;
  std::vector<std::int64_t> const swap{0, 2, 1, 3};
  auto const x = g.input("x", {1, 5, 8}), scores = g.input("p", {1, 2, 5, 5});
  auto v = g(ops::Add, {g(ops::MatMul, {x, support::noise({8, 8}, 1)}), vector_of(8, 2)});
  v = g(ops::Transpose, {g(ops::Reshape, {v, support::ints({1, 5, 2, 4})})}, {{"perm", swap}});
  auto y = g(ops::Transpose, {g(ops::MatMul, {scores, v})}, {{"perm", swap}});
  y = g(ops::Reshape, {y, support::ints({1, 5, 8})});
  g.output(g(ops::MatMul, {y, support::noise({8, 3}, 3)}));
  CHECK(scaled_alike(g.m, {{"x", support::noise({1, 5, 8}, 8)}, {"p", support::noise({1, 2, 5, 5}, 9)}}) == "MatMul");
}

TEST_CASE("nothing is scaled across what is not homogeneous, has other readers, or leaves the graph") {
  support::builder g;
  auto const x = g.input("x", {3, 8});
  auto const w = g.constant(support::noise({8, 8}, 1), "w");
  auto const a = g(ops::Sigmoid, {g(ops::MatMul, {x, w})});
  g.output(g(ops::MatMul, {a, w}));
  auto const b = g(ops::MatMul, {x, w}, {}, "seen");
  g.output(b);
  g.output(g(ops::MatMul, {b, w}));
  auto const c = g(ops::MatMul, {x, w});
  g.output(g(ops::Mul, {g(ops::MatMul, {g(ops::Relu, {c}), w}), c}));
  CHECK(scaled_alike(g.m, {{"x", support::noise({3, 8}, 9)}}) == "");
}
