// Which spellings of Gelu become one node, and that it computes what they do.
#include <octet/exec/gelu_groups.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include <octet/exec/session.hpp>

using namespace octet;

namespace {

/// x / √2 (or x · 1/√2) → Erf → + 1; then x · ( ) · half, or (x · half) · ( ).
struct spelled {
  model m{};
  graph& g = m.main;
  value_id x = g.add_input("x", tensor_type(element::f32, {3}));

  value_id number(std::string const& name, float v) { return g.add_initializer(name, tensor::scalar(v)); }
  spelled(bool divide, bool late, float half = 0.5f, bool read = false) {
    m.import_opset("", 13);
    g.add_node(divide ? "Div" : "Mul", {x, number("s", divide ? 1.41421354f : 0.70710678f)}, {"d"});
    g.add_node("Erf", {g.find("d")}, {"e"});
    g.add_node("Add", {number("one", 1), g.find("e")}, {"a"});
    auto const h = number("half", half);
    if (late) {
      g.add_node("Mul", {x, g.find("a")}, {"p"});
      g.add_node("Mul", {g.find("p"), h}, {"y"});
    } else {
      g.add_node("Mul", {h, x}, {"p"});
      g.add_node("Mul", {g.find("p"), g.find("a")}, {"y"});
    }
    g.outputs = {g.find("y")};
    if (read) g.outputs.push_back(g.find("a"));
  }
  std::string made() const {
    graph copy = g;
    detail::gelu_group_maker{copy}.run();
    return copy.producer(copy.find("y"))->op;
  }
};

}  // namespace

TEST_CASE("four spellings, of which each computes Gelu and keeps what lies between") {
  for (bool divide : {false, true})
    for (bool late : {false, true}) {
      spelled s{divide, late};
      CHECK(s.made() == "Gelu");
      session run{s.m};
      feed const in{{"x", tensor::of<float>({3}, {-1, 0, 2})}};
      std::vector<std::string> const names{"y", "e"};
      auto out = run.run(in, names);
      for (int i = 0; i < 3; ++i) {
        double const x = i == 0 ? -1 : i == 1 ? 0 : 2;
        CHECK(double(out.at("y").as<float>()[i]) == doctest::Approx(x / 2 * (1 + std::erf(x / std::sqrt(2.0)))));
        CHECK(double(out.at("e").as<float>()[i]) == doctest::Approx(std::erf(x / std::sqrt(2.0))));
      }
    }
}

TEST_CASE("another constant, or a reader in between, and it stays as it is") {
  CHECK(spelled{true, true, 0.25f}.made() == "Mul");
  CHECK(spelled{true, true, 0.5f, true}.made() == "Mul");
}
