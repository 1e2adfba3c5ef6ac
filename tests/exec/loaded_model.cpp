#include <octet/exec/loaded_model.hpp>

#include <doctest/doctest.h>

using namespace octet;

TEST_CASE("what a model is given is checked against what it declares") {
  model m;
  m.import_opset("", 13);
  auto const x = m.main.add_input("x", {.element = element::f32, .dims = std::vector<dimension>{dimension{"n"}, 2}});
  m.main.add_node("Relu", {x}, {"y"});
  m.main.outputs = {m.main.find("y")};
  detail::loaded_model loaded{m, {}};
  auto const y = loaded.run({{"x", tensor::of<float>({1, 2}, {-1, 3})}}, {}).at("y");
  CHECK(y.as<float>()[0] == 0);
  CHECK(y.as<float>()[1] == 3);
  auto const refused = [&](feed const& in, char const* why) {
    CHECK_THROWS_WITH_AS(loaded.run(in, {}), doctest::Contains(why), error);
  };
  refused({}, "'x' is missing");
  refused({{"x", tensor::of<float>({1, 3}, {0, 0, 0})}}, "'x' is FLOAT[n,2] and was given FLOAT[1,3]");
  refused({{"x", tensor::of<double>({1, 2}, {0, 0})}}, "'x' is FLOAT and was given DOUBLE");
  refused({{"q", tensor::scalar(1.f)}}, "no input 'q'");
}
