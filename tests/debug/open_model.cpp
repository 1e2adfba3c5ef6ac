#include <octet/debug/open_model.hpp>

#include <doctest/doctest.h>

#include "support/builder.hpp"

namespace {
octet::model doubled_twice() {
  support::builder g;
  auto const x = g.input("x", {1, 2});
  auto const y = g(octet::ops::Mul, {x, 2.0}, {}, "y");
  g.output(g(octet::ops::Mul, {y, 2.0}, {}, "z"), {1, 2});
  return g.m;
}
/// The same with a Q/DQ pair of step 1 around y.
octet::model doubled_twice_rounded() {
  support::builder g;
  auto const x = g.input("x", {1, 2});
  auto const zero = octet::tensor::scalar(std::int8_t{0});
  auto const y = g(octet::ops::Mul, {x, 2.0}, {}, "y");
  auto const q = g(octet::ops::QuantizeLinear, {y, 1.0, zero}, {}, "y_QuantizeLinear_Output");
  auto const d = g(octet::ops::DequantizeLinear, {q, 1.0, zero}, {}, "y_DequantizeLinear_Output");
  g.output(g(octet::ops::Mul, {d, 2.0}, {}, "z"), {1, 2});
  return g.m;
}
octet::debug::port const& port_named(octet::debug::opened_model const& m, std::string const& name) {
  return *std::find_if(m.ports.begin(), m.ports.end(), [&](auto const& p) { return p.name == name; });
}
}  // namespace

TEST_CASE("a cut model makes every activation from those it is given") {
  auto const before = doubled_twice(), after = doubled_twice_rounded();
  auto const cut = octet::debug::cut_model(before, after);
  REQUIRE(cut.ports.size() == 3);
  auto const &x = port_named(cut, "x"), &y = port_named(cut, "y"), &z = port_named(cut, "z");
  CHECK(x.made.empty());
  CHECK(y.type == octet::element::s8);
  octet::session run{cut.model};
  using support::floats;
  auto const made = run.run({{"x", floats({1, 2}, {7, 7})},
                             {x.given, floats({1, 2}, {0.7f, 1})},
                             {y.given, floats({1, 2}, {3.3f, 5})},
                             {z.given, floats({1, 2}, {0, 0})}});
  auto const values = [&](std::string const& name) {
    auto const v = made.at(name).as<float>();
    return std::vector<float>(v.begin(), v.end());
  };
  CHECK(values(y.made) == std::vector<float>{1, 2});     // 1.4 2 on steps of 1
  CHECK(values(y.rounded) == std::vector<float>{3, 5});  // what was given instead
  CHECK(values(z.made) == std::vector<float>{6, 10});    // from there
}

TEST_CASE("an opened model runs as a whole; the float model is cut at the same places") {
  auto const before = doubled_twice(), after = doubled_twice_rounded();
  auto const whole = octet::debug::open_model(before, after);
  octet::session run{whole.model};
  auto const made = run.run({{"x", support::floats({1, 2}, {0.7f, 1})}});
  CHECK(made.at(port_named(whole, "y").made).as<float>()[0] == 1);
  CHECK(made.at(port_named(whole, "z").made).as<float>()[0] == 2);
  auto const cut = octet::debug::cut_model(before, after);
  auto const reference = octet::debug::cut_like(before, cut);
  REQUIRE(reference.ports.size() == cut.ports.size());
  for (std::size_t i = 0; i < cut.ports.size(); ++i) CHECK(reference.ports[i].name == cut.ports[i].name);
  CHECK(port_named(reference, "z").made == "z");
}
