// Numbers, grids and neighbours as they are read from a graph.
#include <octet/exec/quantized_ports.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace octet;

namespace {

struct reader : detail::port_reader {
  explicit reader(graph& g) : port_reader{g} {}
  using port_reader::activation;
  using port_reader::number;
  using port_reader::to;
};

/// DequantizeLinear of a constant of this shape, all 7, on scale 0.5 and zero point 3.
struct stored {
  graph g{};
  value_id d = value_id::none;

  explicit stored(shape dims, bool zero = true) {
    tensor t{element::u8, dims};
    for (auto& b : t.mutable_as<std::uint8_t>()) b = 7;
    std::vector<value_id> in{g.add_initializer("t", t), g.add_initializer("scale", tensor::scalar(0.5f))};
    if (zero) in.push_back(g.add_initializer("zero", tensor::scalar(std::uint8_t{3})));
    g.add_node("DequantizeLinear", in, {"d"});
    d = g.find("d");
  }
};

}  // namespace

TEST_CASE("a number is a float constant of one element, stored or behind a DequantizeLinear, with its dimensions") {
  stored one{{1, 1}};
  auto const n = reader{one.g}.number(one.d);
  REQUIRE(n.has_value());
  CHECK(n->dims() == shape{1, 1});
  CHECK(n->as<float>()[0] == (7 - 3) * 0.5f);
  stored two{{2}}, bare{{1}, false};
  CHECK_FALSE(reader{two.g}.number(two.d).has_value());
  CHECK_FALSE(reader{bare.g}.number(bare.d).has_value());  // its zero point, and so its type, is not stored
  auto const x = one.g.add_input("x", {.element = element::f32});
  CHECK_FALSE(reader{one.g}.number(x).has_value());
  auto const c = one.g.add_initializer("c", tensor::scalar(4.f)), i = one.g.add_initializer("i", tensor::scalar(4));
  CHECK(reader{one.g}.number(c)->as<float>()[0] == 4);
  CHECK_FALSE(reader{one.g}.number(i).has_value());
}

TEST_CASE("what is in front of a QuantizeLinear, alone or behind a Relu that its grid implies") {
  for (bool const relu : {false, true})
    for (std::uint8_t const zero : {std::uint8_t{0}, std::uint8_t{3}}) {
      graph g;
      auto const x = g.add_input("x", {.element = element::f32});
      auto const scale = g.add_initializer("scale", tensor::scalar(0.5f)),
                 z = g.add_initializer("zero", tensor::scalar(zero));
      auto const id = g.add_node("Neg", {x}, {"n"});
      if (relu) g.add_node("Relu", {g.find("n")}, {"r"});
      g.add_node("QuantizeLinear", {g.find(relu ? "r" : "n"), scale, z}, {"y"});
      g.outputs = {g.find("y")};
      CHECK(reader{g}.to(id).has_value() == !relu);
      auto const past = reader{g}.to(id, true);
      CHECK(past.has_value() == (!relu || zero == 0));
      if (past) CHECK(past->q == g.find("y"));
    }
}
