// Activations by name, and whose parameters they take.
#include <octet/exec/ops/recurrent_activation.hpp>

#include <doctest/doctest.h>

using namespace octet;
using namespace octet::detail;

namespace {
std::vector<gate_activation> read(std::vector<attribute> a, std::size_t directions = 1) {
  node n;
  n.op = "LSTM", n.attributes = std::move(a);
  return gate_activations(preparation{.node = n, .opset = 14}, directions, {"Sigmoid", "Tanh"});
}
float apply(gate_activation const& g, float x) {
  g(&x, 1);
  return x;
}
using names = std::vector<std::string>;
using numbers = std::vector<float>;
}  // namespace

TEST_CASE("the defaults, for each direction") {
  auto const a = read({}, 2);
  REQUIRE(a.size() == 4);
  CHECK(apply(a[2], 0) == 0.5f);
  CHECK(apply(a[3], 1) == doctest::Approx(0.7615942));
}

TEST_CASE("parameters are taken in order by the functions that have them") {
  auto const a = read({{.name = "activations", .value = names{"relu", "LeakyRelu", "Affine", "HardSigmoid"}},
                       {.name = "activation_alpha", .value = numbers{0.5f, 2.f}},
                       {.name = "activation_beta", .value = numbers{3.f}}},
                      2);
  CHECK(apply(a[0], -1) == 0);
  CHECK(apply(a[1], -1) == -0.5f);
  CHECK(apply(a[2], 2) == 7);
  CHECK(apply(a[3], 1) == doctest::Approx(0.7f));
}

TEST_CASE("every function of the specification") {
  auto const of = [](char const* name, float x) {
    return apply(read({{.name = "activations", .value = names{name, "Tanh"}}})[0], x);
  };
  CHECK(of("ThresholdedRelu", 0.5f) == 0);
  CHECK(of("ThresholdedRelu", 2) == 2);
  CHECK(of("ScaledTanh", 1) == doctest::Approx(0.7615942));
  CHECK(of("Elu", -1) == doctest::Approx(-0.6321206));
  CHECK(of("Softsign", -1) == -0.5f);
  CHECK(of("Softplus", 0) == doctest::Approx(0.6931472));
  CHECK_THROWS_AS(of("Nonsense", 0), error);
  CHECK_THROWS_AS(read({{.name = "activations", .value = names{"Tanh"}}}), error);
}
