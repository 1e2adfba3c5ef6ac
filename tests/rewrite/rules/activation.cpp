#include <octet/rewrite/rules/activation.hpp>
#include <support/rule_check.hpp>

using namespace octet;
using namespace octet::ops;
using octet::rewrite::activation_rules;
using support::builder;
using support::check_rule;

TEST_CASE("clips after one another are one, in either order and across opsets") {
  auto const model = [](int i) {
    builder g;
    auto const x = g.input("x", {3, 4});
    if (i == 0) g.output(g(Relu, {g(Relu, {x})}));
    if (i == 1) g.output(g(Clip, {g(Relu, {x}), -0.5, 0.5}));
    if (i == 2) g.output(g(Relu, {g(Clip, {x, -0.5, 0.5})}));
    if (i == 3) g.output(g(Clip, {g(Clip, {x, -0.5, 0.25}), 0.0, 6.0}));
    if (i == 4) g.output(g(Clip, {g(Clip, {x, 0.5, 0.75}), -0.5, 0.25}));  // everything becomes 0.25
    if (i == 5) g.output(g(Relu, {g(Clip, {g(Relu, {x}), {}, 0.5})}));
    return g;
  };
  for (int i = 0; i < 6; ++i) check_rule(model(i), activation_rules, i == 0 ? "Relu" : "Clip", 0);
  builder old{9};
  old.output(old(Clip, {old(Relu, {old.input("x", {3})})}, {{"max", 0.5}}));
  infer(old.m);
  CHECK(octet::rewrite::apply(old.m, activation_rules).applied() == 1);
  auto const& n = old.m.main[old.m.main.order.at(0)];
  CHECK(n.get<float>("min", -1) == 0);
  CHECK(n.get<float>("max", -1) == 0.5f);
}

TEST_CASE("a Clip or a Max at 0 is Relu, a Clip without bounds is nothing") {
  builder g;
  g.output(g(Clip, {g(Neg, {g.input("x", {3})}), 0.0}));
  check_rule(g, activation_rules, "Neg Relu", 0);
  builder h;
  h.output(h(Neg, {h(Clip, {h(Abs, {h.input("x", {3})}), -3.4028234663852886e38, 3.4028234663852886e38})}));
  check_rule(h, activation_rules, "Abs Neg", 0);
  builder k;
  k.output(k(Max, {0.0, k.input("x", {3})}));
  CHECK(support::refused(k, activation_rules).empty());  // Max is matched as exporters write it: the constant second
  builder l;
  l.output(l(Max, {l.input("x", {3}), 0.0}));
  check_rule(l, activation_rules, "Relu", 0);
}

TEST_CASE("bounds that are computed or other numbers stay") {
  builder g;
  g.output(g(Relu, {g(Clip, {g.input("x", {3}), g.input("low", {})})}));
  CHECK(support::refused(g, activation_rules) == "the bounds are not constant");
  builder h;
  h.output(h(Clip, {h.input("x", {3}), 0.0, 6.0}));
  CHECK(support::refused(h, activation_rules) == "the bounds are not those of Relu");
}
