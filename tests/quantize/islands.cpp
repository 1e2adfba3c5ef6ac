#include <octet/quantize/islands.hpp>

#include <doctest/doctest.h>

#include "support/builder.hpp"

using namespace octet;

TEST_CASE("quantized nodes that no quantized product is connected to are islands") {
  support::builder g;
  auto const w = g.constant(support::noise({4, 4}), "w");
  auto const x = g.input("x", {2, 4});
  auto const a = g(ops::MatMul, {x, w}, {}, "a");
  auto const b = g(ops::Add, {a, a}, {}, "b");        // joined to the product
  auto const c = g(ops::Sigmoid, {b}, {}, "c");       // float
  auto const d = g(ops::Mul, {c, c}, {}, "d");        // alone
  auto const e = g(ops::Relu, {d}, {}, "e");          // with it
  auto const f = g(ops::Sigmoid, {e}, {}, "f");       // float
  auto const h = g(ops::MatMul, {f, f}, {}, "h");     // a product of activations
  g.output(g(ops::MatMul, {h, w}, {}, "i"), {2, 4});  // a product with a weight
  auto& m = g.graph();
  report r;
  for (auto const id : m.order)
    r.nodes.push_back(
        {.node = label(m, m[id]), .op = m[id].op, .fate = m[id].op == "Sigmoid" ? fate::kept : fate::quantized});
  auto const name = [&](char const* v) { return label(m, *m.producer(m.find(v))); };
  CHECK(detail::quantized_islands(m, r, catalogue) == std::vector<std::string>{name("d"), name("e")});
  for (auto& n : r.nodes)
    if (n.node == name("i")) n.fate = fate::kept;
  CHECK(detail::quantized_islands(m, r, catalogue) == std::vector<std::string>{name("d"), name("e"), name("h")});
}
