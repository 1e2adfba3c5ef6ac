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

/// x → Q → DQ, to which weights that are quantized in the graph and a quantized constant are added.
struct signed_pair {
  builder g{13};
  value_id y = value_id::none;

  explicit signed_pair(bool read = false, bool other_zero = false, element e = element::s8) {
    auto const zero = [&](int z) {
      return e == element::s8 ? tensor::scalar(static_cast<std::int8_t>(z))
                              : tensor::scalar(static_cast<std::uint8_t>(z));
    };
    auto const x = g.input("x", {40});
    auto const q = g(QuantizeLinear, {x, 0.01, zero(-5)}, {}, "q");
    auto const w = g(QuantizeLinear, {noise({40}, 2), 0.01, zero(0)}, {}, "w");
    y = g(Add, {g(DequantizeLinear, {q, 0.01, zero(other_zero ? -4 : -5)}, {}, "d"),
                g(DequantizeLinear, {w, 0.01, zero(0)})});
    auto const c =
        e == element::s8 ? tensor::of<std::int8_t>({2}, {-128, 127}) : tensor::of<std::uint8_t>({2}, {0, 255});
    y = g(Add, {g(Reshape, {y, support::ints({20, 2})}), g(DequantizeLinear, {c, 0.5, zero(1)}, {}, "c")});
    g.output(y);
    if (read) g.output(q);
  }
  /// Of the zero point that the node has which makes a value.
  element type_of(char const* name) {
    graph c = g.m.main;
    detail::unsigned_maker{c}.run();
    auto const* n = c.producer(c.find(name));
    return n->op == "Lookup" ? element::undefined : c.constant(n->inputs[2])->type();
  }
};

}  // namespace

TEST_CASE("a pair becomes unsigned, weights do not, and every value stays") {
  signed_pair p;
  CHECK(p.type_of("d") == element::u8);
  CHECK(p.type_of("w") == element::s8);
  CHECK(p.type_of("c") == element::u8);         // so that both operands of a sum are of one type
  CHECK(p.type_of("q") == element::undefined);  // made from the unsigned one, for whoever asks
  feed const in{{"x", noise({40}, 1)}};
  std::string const names[] = {"q", "d", "c", p.g.m.main[p.y].name};
  auto const a = session{p.g.m}.run(in, names), b = session{p.g.m, {.fusions = false}}.run(in, names);
  for (auto const& name : names) {
    CHECK(a.at(name).type() == b.at(name).type());
    CHECK(std::equal(a.at(name).bytes().begin(), a.at(name).bytes().end(), b.at(name).bytes().begin()));
  }
}

TEST_CASE("what others read, what another zero point reads, what is unsigned already") {
  CHECK(signed_pair{true}.type_of("d") == element::s8);
  CHECK(signed_pair{false, true}.type_of("d") == element::s8);
  CHECK(signed_pair{false, false, element::u8}.type_of("d") == element::u8);
}
