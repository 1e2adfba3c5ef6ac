#include <octet/rewrite/rules/cleanup.hpp>
#include <support/rule_check.hpp>

using namespace octet;
using namespace octet::ops;
using octet::rewrite::cleanup_rules, octet::rewrite::neutral_rules;
using support::builder;
using support::check_rule;
using support::floats;
using support::ints;
using list = std::vector<std::int64_t>;

TEST_CASE("operators that do nothing disappear and their readers read the input") {
  auto const model = [](int i) {
    builder g;
    auto const x = g(Abs, {g.input("x", {2, "n", 4})});
    auto const keep = [&](value_id v) { g.output(g(Neg, {v})); };
    switch (i) {
      case 0:
        keep(g(Identity, {x}));
        break;
      case 1:
        keep(g(Dropout, {x, 0.5}));
        break;
      case 2:
        keep(g(Cast, {x}, {{"to", 1}}));
        break;
      case 3:
        keep(g(Transpose, {x}, {{"perm", list{0, 1, 2}}}));
        break;
      case 4:
        keep(g(Reshape, {x, ints({2, -1, 4})}));
        break;
      case 5:
        keep(g(Expand, {x, ints({1, 1, 4})}));
        break;
      case 6:
        keep(g(Tile, {x, ints({1, 1, 1})}));
        break;
      case 7:
        keep(g(Pad, {x, ints({0, 0, 0, 0, 0, 0})}));
        break;
      case 8:
        keep(g(Slice, {x, ints({0}), ints({9223372036854775807}), ints({1})}));
        break;
      case 9:
        keep(g(Concat, {x}, {{"axis", 0}}));
        break;
      case 10:
        keep(g(Sum, {x}));
        break;
      case 11:
        keep(g(Mul, {1.0, x}));
        break;
      case 12:
        keep(g(Add, {x, floats({1, 1, 4}, {0, 0, 0, 0})}));
        break;
      case 13:
        keep(g(Sub, {x, 0.0}));
        break;
      case 14:
        keep(g(Div, {x, 1.0}));
        break;
      case 15:
        keep(g(Pow, {x, 1.0}));
        break;
      default:
        return builder{};
    }
    return g;
  };
  for (int i = 0; i <= 15; ++i) {
    CAPTURE(i);
    check_rule(model(i), i < 11 ? std::span<octet::rewrite::rule_view const>{cleanup_rules} : neutral_rules, "Abs Neg",
               0);
  }
}

TEST_CASE("two rearrangements are one") {
  builder g;
  auto const x = g.input("x", {2, 3, 4});
  g.output(g(Transpose, {g(Transpose, {x}, {{"perm", list{1, 2, 0}}})}, {{"perm", list{1, 2, 0}}}));
  check_rule(g, cleanup_rules, "Transpose", 0);
  builder back;
  back.output(back(Neg, {back(Transpose, {back(Transpose, {back.input("x", {2, 3, 4})})})}));
  check_rule(back, cleanup_rules, "Neg", 0);
  builder r;
  r.output(r(Reshape, {r(Flatten, {r.input("x", {2, 3, 4})}), ints({4, 6})}));
  check_rule(r, cleanup_rules, "Reshape", 0);
}

TEST_CASE("a Where that asks for the opposite, and a reciprocal that is multiplied") {
  builder g;
  auto const c = g.input("c", {2}, element::boolean);
  g.output(g(Where, {g(Not, {c}), g.input("x", {2}), g.input("y", {2})}));
  check_rule(g, cleanup_rules, "Where", 0);
  builder h;
  h.output(h(Mul, {h.input("y", {3}), h(Div, {1.0, h.input("x", {3})})}));
  check_rule(h, cleanup_rules, "Div", 1e-4);
}

TEST_CASE("near misses stay, with the reason") {
  auto const reason = [](auto make) {
    builder g;
    g.output(g(Neg, {make(g, g.input("x", {2, 3}))}));
    constexpr auto both = octet::rewrite::all_of(cleanup_rules, neutral_rules);
    return support::refused(g, both);
  };
  using v = value_id;
  CHECK(reason([](builder& g, v x) { return g(Cast, {x}, {{"to", 10}}); }) == "the type changes or is not known");
  CHECK(reason([](builder& g, v x) { return g(Dropout, {x, 0.5, g.input("t", {}, element::boolean)}); }) ==
        "the node may be in training");
  CHECK(reason([](builder& g, v x) { return g(Mul, {x, floats({2, 1, 1}, {1, 1})}); }) ==
        "the constant may broadcast the input");
  CHECK(reason([](builder& g, v x) { return g(Add, {x, 1e-30}); }) == "the constant changes the input");
  CHECK(reason([](builder& g, v x) { return g(Slice, {x, ints({-1}), ints({-9}), ints({0}), ints({-1})}); }) ==
        "the steps are not 1");
  CHECK(reason([](builder& g, v x) { return g(Reshape, {x, ints({3, 2})}); }) ==
        "the result is not known to have the type of the input");
  CHECK(reason([](builder& g, v x) {
          return g(Reshape, {g(Flatten, {g(Expand, {x, ints({4, 2, 3})})}), ints({0, 3, 2})});
        }) != "");
}

TEST_CASE("two constants in a row are one, whatever the bracketing, where no shape grows") {
  auto const model = [](ops::op const& o, tensor const& a, tensor const& b, bool left) {
    builder g;
    auto const x = g.input("x", {2, "n", 4});
    g.output(left ? g(o, {g(o, {a, x}), b}) : g(o, {a, g(o, {x, b})}));
    return g;
  };
  auto const number = floats({}, {3}), row = support::noise({4}, 2), other = support::noise({4}, 3);
  for (auto const* o : {&Mul, &Add})
    for (bool const left : {true, false}) {
      check_rule(model(*o, number, row, left), neutral_rules, o->name);
      check_rule(model(*o, row, number, left), neutral_rules, o->name);
      check_rule(model(*o, row, other, left), neutral_rules, o->name);
    }
}

TEST_CASE("constants of different shapes stay two") {
  builder g;
  g.output(g(Mul, {g(Mul, {g.input("x", {2, 3, 4}), support::noise({4})}), support::noise({3, 1}, 2)}));
  infer(g.m);
  CHECK(octet::rewrite::apply(g.m, neutral_rules).applied("mul-mul") == 0);
}

TEST_CASE("axes that come and go are no detour") {
  builder g;
  auto const x = g(Abs, {g.input("x", {2, "n"})});
  g.output(g(Neg, {g(Squeeze, {g(Unsqueeze, {x, ints({1})}), ints({1})})}));
  check_rule(g, cleanup_rules, "Abs Neg");
  builder h;
  auto const y = h(Abs, {h.input("x", {2, 1, "n"})});
  h.output(h(Neg, {h(Unsqueeze, {h(Squeeze, {y, ints({1})}), ints({0})})}));
  infer(h.m);
  CHECK(octet::rewrite::apply(h.m, cleanup_rules).applied("axes-and-back") == 0);
}

TEST_CASE("a Dropout that drops goes only where the model is for inference") {
  builder g;
  tensor yes{element::boolean, {}};
  yes.mutable_as<std::uint8_t>()[0] = 1;
  g.output(g(Dropout, {g(Abs, {g.input("x", {2})}), 0.5, yes}));
  CHECK(support::refused(g, cleanup_rules) == "the node may be in training");
  CHECK(octet::rewrite::apply(g.m, octet::rewrite::inference_rules).applied() == 1);
}
