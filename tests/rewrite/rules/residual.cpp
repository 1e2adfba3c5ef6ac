#include <octet/rewrite/rules/residual.hpp>
#include <support/rule_check.hpp>

using namespace octet;
using namespace octet::ops;
using octet::rewrite::bias_rules;
using octet::rewrite::residual_rules;
using support::builder;
using support::check_rule;
using support::noise;
using support::refused;

TEST_CASE("a normalized residual sum is one node, and the sum stays readable") {
  for (bool read : {false, true}) {
    builder s;
    auto const sum = s(Add, {s.input("a", {2, 3, 8}), s.input("b", {2, 3, 8})}, {}, "sum");
    s.output(s(LayerNormalization, {sum, noise({8}, 1), noise({8}, 2)}, {{"axis", -1}}));
    if (read) s.output(s(Neg, {sum}));
    check_rule(s, residual_rules, read ? "SkipLayerNormalization Neg" : "SkipLayerNormalization", 1e-5, {"sum"});
    builder r;
    auto const t = r(Add, {r.input("a", {2, 3, 8}), r.input("b", {2, 3, 8})}, {}, "sum");
    r.output(r(SimplifiedLayerNormalization, {t, noise({8}, 1)}, {{"axis", -1}}));
    if (read) r.output(r(Neg, {t}));
    check_rule(r, residual_rules, read ? "SkipSimplifiedLayerNormalization Neg" : "SkipSimplifiedLayerNormalization",
               1e-5, {"sum"});
  }
}

TEST_CASE("a residual is no constant, of one shape with the other, and normalized over the last axis") {
  auto const with = [](int batch, bool constant, int axis) {
    builder c;
    auto const sum =
        c(Add, {c.input("a", {2, 3, 8}), constant ? c.constant(noise({batch, 3, 8})) : c.input("b", {batch, 3, 8})});
    c.output(c(LayerNormalization, {sum, axis == 1 ? noise({3, 8}) : noise({8})}, {{"axis", axis}}));
    return refused(c, residual_rules);
  };
  CHECK(with(2, true, -1) == "a constant is added, not a residual");
  CHECK(with(1, false, -1) == "the sum is not known to be of two tensors of one shape of three axes");
  CHECK(with(2, false, 1) == "more than the last axis is normalized");
}

TEST_CASE("a bias goes into the residual sum and into both Gelus") {
  for (bool second : {false, true}) {
    builder s;
    auto const biased = s(Add, {s.input("a", {2, 3, 8}), noise({8}, 3)}), skip = s.input("b", {2, 3, 8});
    s.output(s(SkipLayerNormalization, {second ? skip : biased, second ? biased : skip, noise({8}, 1), noise({8}, 2)},
               {{"epsilon", 1e-5f}}));
    check_rule(s, bias_rules, "SkipLayerNormalization");
  }
  builder b;
  b.output(b(ContribGelu, {b(Add, {b.input("x", {2, 8}), noise({8})})}));
  check_rule(b, bias_rules, "BiasGelu");
  builder f;
  f.output(f(FastGelu, {f(Add, {noise({8}), f.input("x", {2, 8})})}));
  check_rule(f, bias_rules, "FastGelu");
  builder wide;
  wide.output(wide(FastGelu, {wide(Add, {wide.input("x", {2, 8}), noise({2, 8})})}));
  CHECK(refused(wide, bias_rules) == "what is added has more than one axis");
  builder one;
  one.output(one(ContribGelu, {one(Add, {one.input("x", {2, 8}), noise({1})})}));
  CHECK(refused(one, bias_rules) == "the bias is not known to be of the last axis");
}
