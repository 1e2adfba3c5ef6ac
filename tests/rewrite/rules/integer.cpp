#include <octet/rewrite/rules/integer.hpp>

#include <support/rule_check.hpp>

using namespace octet;
using namespace octet::ops;
using octet::rewrite::dynamic_product_rules, octet::rewrite::product_to_float_rules;
using support::builder;
using support::noise;

namespace {

tensor integers(shape dims, element e = element::s8) {
  tensor t{e, dims};
  int i = 0;
  for (auto& b : t.mutable_bytes()) b = static_cast<std::byte>(i++ * 37 % 251);
  return t;
}

struct spelling {
  std::int64_t columns = 3, scales = 1;
  bool bias = false, cast_first = true, zero = true;
};

/// What dynamic quantization writes for a product of `x`.
value_id product(builder& g, std::vector<value_id> const& x, spelling const& how, std::uint32_t seed = 1) {
  auto const w = integers({4, how.columns});
  auto const sum =
      how.zero ? g(MatMulInteger, {x[0], w, x[2], tensor{element::s8, {}}}) : g(MatMulInteger, {x[0], w, x[2]});
  auto const f = g(Cast, {sum}, {{"to", 1}});
  auto const s =
      g(Mul, {x[1], how.scales == 1 ? support::positive_noise({}, seed) : support::positive_noise({how.scales}, seed)},
        {}, "scales" + std::to_string(seed));
  auto const y = how.cast_first ? g(Mul, {f, s}) : g(Mul, {s, f});
  return how.bias ? g(Add, {y, noise({how.columns}, seed + 1)}) : y;
}

std::vector<value_id> quantized(builder& g, value_id x) { return g.many(DynamicQuantizeLinear, {x}, 3); }

}  // namespace

TEST_CASE("a scaled integer product becomes one operator, with its bias, whatever the order") {
  for (auto const& how : {spelling{}, spelling{.scales = 3}, spelling{.cast_first = false}, spelling{.zero = false}}) {
    builder g;
    g.output(product(g, quantized(g, g.input("x", {2, 5, 4})), how));
    support::check_rule(g, product_to_float_rules, "DynamicQuantizeLinear MatMulIntegerToFloat", 1e-6, {"scales1"});
  }
  builder g;
  g.output(product(g, quantized(g, g.input("x", {2, 5, 4})), {.scales = 3, .bias = true}));
  support::check_rule(g, product_to_float_rules, "DynamicQuantizeLinear MatMulIntegerToFloat", 1e-6, {"scales1"});
}

TEST_CASE("two products of one input share the product of their scales, and its quantization") {
  builder g;
  auto const q = quantized(g, g.input("x", {2, 4}));
  auto const s = g(Mul, {q[1], support::positive_noise({})});
  for (int i = 0; i < 2; ++i)
    g.output(g(Mul, {g(Cast, {g(MatMulInteger, {q[0], integers({4, 3 + i}), q[2]})}, {{"to", 1}}), s}));
  infer(g.m);
  auto const before = g.m;
  CHECK(rewrite::apply(g.m, product_to_float_rules).applied() == 2);
  rewrite::remove_dead(g.m.main);
  CHECK(g.ops() == "DynamicQuantizeLinear MatMulIntegerToFloat MatMulIntegerToFloat");
  support::same_numbers(before, g.m, 1e-6);
  CHECK(support::refused(g, dynamic_product_rules) == "the quantized input is read elsewhere");
}

TEST_CASE("the quantization of an input that one product reads goes into it") {
  for (bool const bias : {false, true}) {
    builder g;
    g.output(product(g, quantized(g, g.input("x", {2, 4})), {.scales = 3, .bias = bias}));
    infer(g.m);
    auto const before = g.m;
    rewrite::apply(g.m, product_to_float_rules);
    CHECK(rewrite::apply(g.m, dynamic_product_rules).applied("dynamic-quantize-matmul") == 1);
    rewrite::remove_dead(g.m.main);
    CHECK(g.ops() == "DynamicQuantizeMatMul");
    support::same_numbers(before, g.m, 1e-6);
  }
}

TEST_CASE("what the kernels do not take stays, with the reason") {
  auto const with = [](tensor w, tensor scale, int to) {
    builder g;
    auto const q = quantized(g, g.input("x", {2, 4}));
    auto const f = g(Cast, {g(MatMulInteger, {q[0], w, q[2]})}, {{"to", to}});
    g.output(g(Mul, {f, g(Cast, {g(Mul, {q[1], scale})}, {{"to", to}})}));
    return g;
  };
  builder stacked;
  auto const q = quantized(stacked, stacked.input("x", {2, 5, 4}));
  stacked.output(stacked(Mul, {stacked(Cast, {stacked(MatMulInteger, {q[0], integers({2, 4, 3}), q[2]})}, {{"to", 1}}),
                               stacked(Mul, {q[1], 0.5})}));
  CHECK(support::refused(stacked, product_to_float_rules) == "the weights are not a matrix");
  builder rows;
  auto const r = quantized(rows, rows.input("x", {3, 4}));
  rows.output(rows(Mul, {rows(Cast, {rows(MatMulInteger, {r[0], integers({4, 3}), r[2]})}, {{"to", 1}}),
                         rows(Mul, {r[1], support::positive_noise({3, 1})})}));
  CHECK(support::refused(rows, product_to_float_rules) == "the scales are not one of the input and those of columns");
  CHECK(support::refused(with(integers({4, 3}), tensor::scalar(0.5f), 10), product_to_float_rules).empty());
  builder bias;
  bias.output(bias(Add, {product(bias, quantized(bias, bias.input("x", {3, 4})), {}), noise({3, 3})}));
  infer(bias.m);
  CHECK(rewrite::apply(bias.m, product_to_float_rules).applied("matmul-integer-to-float-bias") == 0);
}
