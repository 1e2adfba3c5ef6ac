// Which signed values run as unsigned ones, and that nobody can tell.
#include <octet/exec/unsigned_activations.hpp>

#include <doctest/doctest.h>

#include <octet/exec/session.hpp>
#include <support/builder.hpp>

using namespace octet;
using namespace octet::ops;
using support::builder;
using support::noise;

namespace {

tensor zero_point(element e, int z) {
  return e == element::s8 ? tensor::scalar(static_cast<std::int8_t>(z)) : tensor::scalar(static_cast<std::uint8_t>(z));
}

/// x → Q → DQ, to which weights that are quantized in the graph and a quantized constant are added.
struct signed_pair {
  builder g{21};
  value_id y = value_id::none;

  explicit signed_pair(element e = element::s8) {
    auto const q =
        g(QuantizeLinear, {g.input("x", {40}), 0.01, zero_point(e, -5)}, {{"output_dtype", static_cast<int>(e)}}, "q");
    auto const w = g(QuantizeLinear, {noise({40}, 2), 0.01, zero_point(e, 0)}, {}, "w");
    y = g(Add, {g(DequantizeLinear, {q, 0.01, zero_point(e, -5)}, {}, "d"),
                g(DequantizeLinear, {w, 0.01, zero_point(e, 0)})});
    auto const c =
        e == element::s8 ? tensor::of<std::int8_t>({2}, {-128, 127}) : tensor::of<std::uint8_t>({2}, {0, 255});
    y = g(Add, {g(Reshape, {y, support::ints({20, 2})}), g(DequantizeLinear, {c, 0.5, zero_point(e, 1)}, {}, "c")});
    g.output(y);
  }
};

/// Of the zero point that the node has which makes a value; undefined where a table makes it.
element type_of(model const& m, char const* name) {
  graph c = m.main;
  detail::unsigned_maker{c}.run();
  auto const* n = c.producer(c.find(name));
  return n->op == "Lookup" ? element::undefined : c.constant(n->inputs[2])->type();
}

}  // namespace

TEST_CASE("a pair becomes unsigned, weights do not, and every value stays") {
  signed_pair p;
  CHECK(type_of(p.g.m, "d") == element::u8);
  CHECK(type_of(p.g.m, "w") == element::s8);
  CHECK(type_of(p.g.m, "c") == element::u8);         // so that both operands of a sum are of one type
  CHECK(type_of(p.g.m, "q") == element::undefined);  // made from the unsigned one, for whoever asks
  feed const in{{"x", noise({40}, 1)}};
  std::string const names[] = {"q", "d", "c", p.g.m.main[p.y].name};
  auto const a = session{p.g.m}.run(in, names), b = session{p.g.m, {.fusions = false}}.run(in, names);
  for (auto const& name : names) {
    CHECK(a.at(name).type() == b.at(name).type());
    CHECK(std::equal(a.at(name).bytes().begin(), a.at(name).bytes().end(), b.at(name).bytes().begin()));
  }
  CHECK(type_of(signed_pair{element::u8}.g.m, "d") == element::u8);
}

TEST_CASE("signed values that come from outside, go outside or are read otherwise stay signed there") {
  builder g{13};
  auto const s8 = [](int z) { return zero_point(element::s8, z); };
  auto const x = g.input("x", {4}, element::s8);
  auto const sum = g(Add, {g(DequantizeLinear, {x, 0.5, s8(3)}), g(DequantizeLinear, {x, 0.25, s8(-128)})});
  auto const q = g(QuantizeLinear, {sum, 0.5, s8(-1)}, {}, "q");
  auto const other = g(DequantizeLinear, {q, 1.0, s8(0)});  // another zero point
  g.output(q), g.output(g(Reshape, {q, support::ints({2, 2})})), g.output(other);
  profile seen;
  session run{g.m, {.profile = &seen}};
  auto const out = run.run({{"x", tensor::of<std::int8_t>({4}, {-128, -1, 7, 127})}});
  // (x − 3)/2 + (x + 128)/4 over 0.5 is −131, 59.5, 71.5, 251.5: rounded half to even, 1 less, saturated
  std::vector<std::int8_t> const want{-128, 59, 71, 127};
  for (auto const v : {g.m.main.outputs[0], g.m.main.outputs[1]}) {
    auto const& t = out.at(g.m.main[v].name);
    REQUIRE(t.type() == element::s8);
    CHECK(std::equal(want.begin(), want.end(), t.as<std::int8_t>().begin()));
  }
  for (std::size_t i = 0; i < 4; ++i) CHECK(out.at(g.m.main[other].name).as<float>()[i] == static_cast<float>(want[i]));
  CHECK(std::none_of(seen.nodes().begin(), seen.nodes().end(), [](auto const& n) { return n.op == "Add"; }));
}

TEST_CASE("another operator of that name is left alone") {
  graph g;
  auto const x = g.add_input("x", tensor_type(element::f32, {3}));
  auto const s = g.add_initializer("s", tensor::scalar(1.f)), z = g.add_initializer("z", zero_point(element::s8, 1));
  g.add_node("QuantizeLinear", {x, s, z}, {"y"}, {}, "mine");
  g.outputs = {g.find("y")};
  detail::unsigned_maker{g}.run();
  CHECK(g.producer(g.find("y"))->inputs[2] == z);
}
