// Activations of rows in place, beside the operators of the same names.
#include <octet/exec/ops/row_activation.hpp>

#include "run_one.hpp"

using namespace octet;
using namespace octet::test;

TEST_CASE("a row gets what the operator gives, bit for bit, wherever it is cut") {
  std::vector<float> x(37);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i) / 4 - 4.5f;
  x[5] = std::numeric_limits<float>::infinity(), x[6] = -x[5], x[7] = std::numeric_limits<float>::quiet_NaN();
  for (auto const& e : detail::row_activations) {
    if (!e.domain.empty()) continue;  // Gelu's relatives below
    auto const own = [&](operator_entry const& o) { return o.op == e.op && o.domain.empty() && o.since == e.since; };
    CHECK(std::any_of(std::begin(activation_operators), std::end(activation_operators), own));
    auto const name = std::string{e.op};
    CAPTURE(name);
    bool const constants = e.made.alpha != 0;
    std::vector<attribute> attributes;
    if (constants) attributes = {{.name = "alpha", .value = 0.75f}};
    auto const want = values<float>(run({.table = activation_operators,
                                         .op = e.op,
                                         .opset = 24,
                                         .inputs = {floats_of({37}, x)},
                                         .attributes = attributes})[0]);
    node const n{.op = name, .domain = std::string{e.domain}, .attributes = attributes};
    auto const a = detail::row_activation_of(e.op, e.domain, n);
    REQUIRE(a.has_value());
    auto y = x;
    a->then().call(a->then().state, y.data(), 10);
    a->then().call(a->then().state, y.data() + 10, 27);
    CHECK(std::memcmp(y.data(), want.data(), y.size() * sizeof(float)) == 0);
  }
}

TEST_CASE("Gelu's forms are told apart") {
  auto const at = [](std::string const& op, std::string const& domain, std::vector<attribute> attributes) {
    node const n{.op = op, .domain = domain, .attributes = std::move(attributes)};
    auto const a = detail::row_activation_of(op, domain, n);
    if (!a) return -1.0;
    float x = 1.5f;
    a->call(&*a, &x, 1);
    return double(x);
  };
  double const x = 1.5, exact = x / 2 * (1 + std::erf(x / std::sqrt(2.0)));
  double const pi = std::acos(-1.0), by_tanh = x / 2 * (1 + std::tanh(std::sqrt(2 / pi) * (x + 0.044715 * x * x * x)));
  CHECK(at("Gelu", "", {}) == doctest::Approx(exact).epsilon(1e-6));
  CHECK(at("Gelu", "com.microsoft", {}) == doctest::Approx(exact).epsilon(1e-6));
  CHECK(at("Gelu", "", {{.name = "approximate", .value = std::string{"tanh"}}}) ==
        doctest::Approx(by_tanh).epsilon(1e-6));
  CHECK(at("FastGelu", "com.microsoft", {}) == doctest::Approx(by_tanh).epsilon(1e-6));
  CHECK(at("QuickGelu", "com.microsoft", {}) == doctest::Approx(x / (1 + std::exp(-1.702 * x))).epsilon(1e-6));
  CHECK(at("Gelu", "", {{.name = "approximate", .value = std::string{"other"}}}) == -1);
  CHECK(at("Relu", "", {}) == -1);
}

TEST_CASE("an operator is one from the opset on that has it") {
  node const n{.op = "Mish", .inputs = {value_id{0}}, .outputs = {value_id{1}}};
  CHECK_FALSE(detail::is_row_activation(n, 17));
  CHECK(detail::is_row_activation(n, 18));
  node own = n;
  own.domain = "octet";
  CHECK(detail::is_row_activation(own, 7));
  own.inputs.push_back(value_id{2});
  CHECK_FALSE(detail::is_row_activation(own, 7));
}

TEST_CASE("a node that takes up an activation notes all that it needs") {
  node const n{.op = "HardSigmoid",
               .attributes = {{.name = "alpha", .value = 0.5f}, {.name = "beta", .value = 0.125f}}};
  node into{.op = "Conv", .domain = "octet"};
  detail::take_activation(into, n);
  auto const a = detail::noted_activation(into);
  CHECK(a.alpha == 0.5f);
  CHECK(a.beta == 0.125f);
  bool const same = a.call == detail::row_activation_of("HardSigmoid", "", n)->call;
  CHECK(same);
  bool const nothing = detail::noted_activation(node{.op = "Conv"}).then().call == nullptr;
  CHECK(nothing);
}
