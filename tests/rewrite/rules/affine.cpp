#include <octet/rewrite/rules/affine.hpp>
#include <support/rule_check.hpp>

using namespace octet;
using namespace octet::ops;
using octet::rewrite::affine_rules;
using support::builder;
using support::check_rule;
using support::floats;
using support::noise;
using support::positive_noise;
using support::refused;
using list = std::vector<std::int64_t>;

namespace {
value_id conv(builder& g, value_id x, bool bias = true, std::int64_t groups = 1) {
  auto const w = noise({4, 4 / groups, 3, 3}, 1);
  return bias ? g(Conv, {x, w, noise({4}, 2)}, {{"group", static_cast<int>(groups)}})
              : g(Conv, {x, w}, {{"group", static_cast<int>(groups)}});
}
}  // namespace

TEST_CASE("constants after a convolution: four operators, either operand, scalars and channels") {
  for (auto const& shape : {octet::shape{}, octet::shape{1}, octet::shape{4, 1, 1}, octet::shape{1, 4, 1, 1}})
    for (int i = 0; i < 6; ++i) {
      builder g;
      auto const y = conv(g, g.input("x", {2, 4, 5, 5}), i % 2 == 0);
      auto const c = positive_noise(shape, 9);
      g.output(i == 0   ? g(Mul, {y, c})
               : i == 1 ? g(Mul, {c, y})
               : i == 2 ? g(Add, {y, c})
               : i == 3 ? g(Add, {c, y})
               : i == 4 ? g(Sub, {y, c})
                        : g(Div, {y, c}));
      check_rule(g, affine_rules, "Conv");
    }
}

TEST_CASE("constants after a grouped ConvTranspose") {
  builder g;
  auto const y = g(ConvTranspose, {g.input("x", {1, 4, 3, 3}), noise({4, 3, 2, 2}, 1)}, {{"group", 2}});
  g.output(g(Add, {g(Mul, {y, positive_noise({6, 1, 1}, 2)}), noise({6, 1, 1}, 3)}));
  check_rule(g, affine_rules, "ConvTranspose");
}

TEST_CASE("constants before a convolution: a scale always, a shift where nothing is padded") {
  for (std::int64_t groups : {1, 2, 4})
    for (int i = 0; i < 4; ++i) {
      builder g;
      auto const x = g.input("x", {2, 4, 5, 5});
      auto const c = positive_noise({4, 1, 1}, 9);
      auto const v = i == 0 ? g(Mul, {x, c}) : i == 1 ? g(Div, {x, c}) : i == 2 ? g(Add, {c, x}) : g(Sub, {x, c});
      g.output(conv(g, v, groups != 2, groups));
      check_rule(g, affine_rules, "Conv");
    }
  builder g;
  g.output(g(Conv, {g(BatchNormalization, {g.input("x", {1, 2, 4, 4}), noise({2}, 1), noise({2}, 2), noise({2}, 3),
                                           positive_noise({2}, 4)}),
                    noise({3, 2, 3, 3}, 5)}));
  check_rule(g, affine_rules, "Conv");
}

TEST_CASE("padding by zero becomes the pads of Conv and of an average that counts them") {
  builder g;
  auto const p = g(Pad, {g.input("x", {1, 2, 5, 5}), support::ints({0, 0, 1, 0, 0, 0, 2, 1})});
  g.output(g(Conv, {p, noise({3, 2, 3, 3})}, {{"pads", list{1, 1, 1, 1}}, {"strides", list{2, 1}}}));
  check_rule(g, affine_rules, "Conv");
  builder a;
  auto const q = a(Pad, {a.input("x", {1, 2, 5, 5}), support::ints({0, 0, 1, 1, 0, 0, 1, 1}), 0.0});
  a.output(a(AveragePool, {q}, {{"kernel_shape", list{3, 3}}, {"count_include_pad", 1}}));
  check_rule(a, affine_rules, "AveragePool");
}

TEST_CASE("near misses are refused with their reason") {
  auto const after = [](tensor c) {
    builder g;
    g.output(g(Add, {conv(g, g.input("x", {1, 4, 4, 4})), c}));
    return refused(g, affine_rules);
  };
  CHECK(after(noise({2, 2})) == "the constant does not act on channels only");
  CHECK(after(noise({1, 4, 1, 2})) == "the constant does not act on channels only");
  CHECK(after(floats({}, {HUGE_VALF})) == "the constant is not finite or divides by zero");
  builder shifted;
  shifted.output(shifted(Conv, {shifted(Add, {shifted.input("x", {1, 1, 4, 4}), 1.0}), noise({1, 1, 3, 3})},
                         {{"pads", list{1, 1, 1, 1}}}));
  CHECK(refused(shifted, affine_rules) == "zeros that are padded would not be shifted");
  builder wide;  // the constant widens the channels
  wide.output(wide(Conv, {wide(Mul, {wide.input("x", {1, 1, 4, 4}), noise({2, 1, 1})}), noise({1, 2, 3, 3})}));
  CHECK(refused(wide, affine_rules) == "the input is not known to have the channels of the weights");
  auto const padded = [](std::initializer_list<support::operand> in, std::initializer_list<support::setting> a,
                         std::initializer_list<support::setting> layer) {
    builder g;
    std::vector<support::operand> all{g.input("x", {1, 2, 5, 5})};
    value_id p = value_id::none;
    auto it = in.begin();
    if (in.size() == 1) p = g(Pad, {all[0], *it}, a);
    else p = g(Pad, {all[0], *it, *(it + 1)}, a);
    g.output(g(Conv, {p, noise({3, 2, 3, 3})}, layer));
    return refused(g, affine_rules);
  };
  CHECK(padded({support::ints({0, 0, 1, 1, 0, 0, 1, 1})}, {{"mode", "reflect"}}, {}) == "the padding is not by zero");
  CHECK(padded({support::ints({0, 0, 1, 1, 0, 0, 1, 1}), 1.0}, {}, {}) == "the padding is not by zero");
  CHECK(padded({support::ints({0, 0, -1, 0, 0, 0, 0, 0})}, {}, {}) == "the padding cuts");
  CHECK(padded({support::ints({0, 0, 1, 1, 0, 0, 1, 1})}, {}, {{"auto_pad", "SAME_UPPER"}}) ==
        "the layer pads by itself");
}
