#include <octet/rewrite/rules/batch_norm.hpp>
#include <support/rule_check.hpp>

using namespace octet;
using namespace octet::ops;
using octet::rewrite::batch_norm_rules;
using support::builder;
using support::check_rule;
using support::noise;
using support::positive_noise;
using support::refused;
using list = std::vector<std::int64_t>;

namespace {
value_id batch_norm(builder& g, value_id v, std::int64_t channels,
                    std::initializer_list<support::setting> a = {{"epsilon", 1e-3}}) {
  return g(BatchNormalization,
           {v, noise({channels}, 3), noise({channels}, 4), noise({channels}, 5), positive_noise({channels}, 6)}, a);
}
}  // namespace

TEST_CASE("BatchNormalization goes into Conv, with and without bias, grouped or not") {
  for (std::int64_t groups : {1, 2})
    for (bool bias : {false, true}) {
      builder g;
      auto const x = g.input("x", {2, 4, 5, 5});
      auto const w = noise({6, 4 / groups, 3, 3}, 1);
      auto const c =
          bias ? g(Conv, {x, w, noise({6}, 2)}, {{"group", static_cast<int>(groups)}, {"pads", list{1, 1, 1, 1}}})
               : g(Conv, {x, w}, {{"group", static_cast<int>(groups)}, {"pads", list{1, 1, 1, 1}}});
      g.output(batch_norm(g, c, 6));
      check_rule(g, batch_norm_rules, "Conv");
    }
}

TEST_CASE("BatchNormalization goes into ConvTranspose, whose output channels are per group on axis 1") {
  for (std::int64_t groups : {1, 2}) {
    builder g;
    auto const c = g(ConvTranspose, {g.input("x", {1, 4, 5, 5}), noise({4, 3, 2, 2}, 1)},
                     {{"group", static_cast<int>(groups)}, {"strides", list{2, 2}}});
    g.output(batch_norm(g, c, 3 * groups));
    check_rule(g, batch_norm_rules, "ConvTranspose");
  }
}

TEST_CASE("BatchNormalization goes into Gemm with alpha, beta and a transposed weight, and into MatMul of two axes") {
  for (bool turned : {false, true}) {
    builder g;
    auto const y = g(Gemm, {g.input("x", {3, 4}), turned ? noise({5, 4}, 1) : noise({4, 5}, 1), noise({5}, 2)},
                     {{"transB", turned ? 1 : 0}, {"alpha", 0.5}, {"beta", 2.0}});
    g.output(batch_norm(g, y, 5));
    check_rule(g, batch_norm_rules, "Gemm");
  }
  builder g;
  g.output(batch_norm(g, g(MatMul, {g.input("x", {3, 4}), noise({4, 5}, 1)}), 5));
  check_rule(g, batch_norm_rules, "Gemm");
}

TEST_CASE("what is not a scale of output channels is refused with its reason") {
  builder three;  // axis 1 is not the column
  three.output(batch_norm(three, three(MatMul, {three.input("x", {2, 5, 4}), noise({4, 5}, 1)}), 5));
  CHECK(refused(three, batch_norm_rules) == "the input of MatMul is not known to have two axes");

  builder training;
  auto const c = training(Conv, {training.input("x", {1, 2, 3, 3}), noise({2, 2, 1, 1})});
  training.output(batch_norm(training, c, 2, {{"training_mode", 1}}));
  CHECK(refused(training, batch_norm_rules) == "the normalization is in training form");

  builder other;  // another operator in between
  other.output(batch_norm(other, other(Relu, {other(Conv, {other.input("x", {1, 2, 3, 3}), noise({2, 2, 1, 1})})}), 2));
  CHECK(refused(other, batch_norm_rules).empty());

  builder moving;  // weights that are computed
  auto const v = moving.input("x", {1, 2, 3, 3});
  moving.output(batch_norm(moving, moving(Conv, {v, moving.input("w", {2, 2, 1, 1})}), 2));
  CHECK(refused(moving, batch_norm_rules).empty());

  builder bad;
  auto const d = bad(Conv, {bad.input("x", {1, 1, 3, 3}), noise({1, 1, 1, 1})});
  bad.output(bad(BatchNormalization, {d, noise({1}), noise({1}), noise({1}), support::floats({1}, {-1})}));
  CHECK(refused(bad, batch_norm_rules) == "the statistics are not finite");
}

TEST_CASE("weights that several layers share are copied, not changed") {
  builder g;
  auto const x = g.input("x", {1, 2, 3, 3});
  auto const w = g.constant(noise({2, 2, 1, 1}), "shared");
  auto const c = g(Conv, {x, w}), d = g(Conv, {x, w});
  g.output(batch_norm(g, c, 2));
  g.output(d);
  infer(g.m);
  auto const before = g.m;
  CHECK(octet::rewrite::apply(g.m, batch_norm_rules).applied() == 1);
  support::same_numbers(before, g.m, 1e-5);
  CHECK(g.m.main.find("shared") != value_id::none);
}
