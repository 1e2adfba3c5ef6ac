#include <octet/rewrite/rules/normalization.hpp>
#include <support/rule_check.hpp>

using namespace octet;
using namespace octet::ops;
using octet::rewrite::layer_norm_rules;
using support::builder;
using support::check_rule;
using support::ints;
using support::noise;
using support::refused;
using list = std::vector<std::int64_t>;

namespace {
struct form {
  bool product = false;  // d·d instead of d²
  int division = 0;      // d/s, d·(1/s) by Reciprocal, by Div
  bool scale_first = false;
  list axes{-1};
  double epsilon = 1e-5;
  std::int64_t opset = 17;
};

value_id mean(builder& g, value_id v, list const& axes, std::int64_t opset) {
  return opset < 18 ? g(ReduceMean, {v}, {{"axes", axes}}) : g(ReduceMean, {v, ints(axes)});
}
value_id normalized(builder& g, value_id x, form const& f) {
  auto const d = g(Sub, {x, mean(g, x, f.axes, f.opset)});
  auto const variance = mean(g, f.product ? g(Mul, {d, d}) : g(Pow, {d, 2.0}), f.axes, f.opset);
  auto const s = g(Sqrt, {f.scale_first ? g(Add, {f.epsilon, variance}) : g(Add, {variance, f.epsilon})});
  if (f.division == 0) return g(Div, {d, s});
  return g(Mul, {d, f.division == 1 ? g(Reciprocal, {s}) : g(Div, {1.0, s})});
}
builder layer_norm(form const& f, octet::shape scale = {8}) {
  builder g{f.opset};
  auto const n = normalized(g, g.input("x", {2, 3, 8}), f);
  auto const y = f.scale_first ? g(Mul, {noise(scale, 2), n}) : g(Mul, {n, noise(scale, 2)});
  g.output(f.scale_first ? g(Add, {noise(scale, 3), y}) : g(Add, {y, noise(scale, 3)}));
  return g;
}
}  // namespace

TEST_CASE("every spelling of a layer normalization is LayerNormalization") {
  for (auto const& f :
       {form{}, form{.product = true}, form{.division = 1}, form{.division = 2}, form{.scale_first = true},
        form{.axes = {2}}, form{.opset = 18}, form{.product = true, .division = 1, .scale_first = true}})
    check_rule(layer_norm(f), layer_norm_rules, "LayerNormalization");
  check_rule(layer_norm({.axes = {1, 2}}, {3, 8}), layer_norm_rules, "LayerNormalization");
  check_rule(layer_norm({}, {1, 1, 8}), layer_norm_rules, "LayerNormalization");
}

TEST_CASE("without a shift, without a scale, and with the scale folded as TensorFlow does") {
  builder g;
  g.output(g(Mul, {normalized(g, g.input("x", {2, 8}), {}), noise({8}, 2)}));
  check_rule(g, layer_norm_rules, "LayerNormalization");
  builder plain;
  plain.output(normalized(plain, plain.input("x", {2, 8}), {}));
  check_rule(plain, layer_norm_rules, "LayerNormalization");
  builder tf;
  auto const x = tf.input("x", {2, 8});
  auto const m = mean(tf, x, {-1}, 17);
  auto const variance = mean(tf, tf(Pow, {tf(Sub, {x, m}), 2.0}), {-1}, 17);
  auto const scale = tf(Mul, {tf(Reciprocal, {tf(Sqrt, {tf(Add, {variance, 1e-3})})}), noise({8}, 2)});
  tf.output(tf(Add, {tf(Mul, {x, scale}), tf(Sub, {noise({8}, 3), tf(Mul, {m, scale})})}));
  check_rule(tf, layer_norm_rules, "LayerNormalization");
}

TEST_CASE("A31: what only looks like a layer normalization is refused with its reason") {
  CHECK(refused(layer_norm({.axes = {1}}, {8}), layer_norm_rules) == "the mean is not over the last axes");
  CHECK(refused(layer_norm({.epsilon = 0.1}), layer_norm_rules) == "the epsilon is not between 0 and 0.01");
  CHECK(refused(layer_norm({.opset = 13}), layer_norm_rules) == "LayerNormalization needs opset 17");
  builder other;  // the variance of something else
  auto const x = other.input("x", {2, 8}), z = other.input("z", {2, 8});
  auto const d = other(Sub, {x, mean(other, x, {-1}, 17)}), e = other(Sub, {z, mean(other, z, {-1}, 17)});
  other.output(other(Div, {d, other(Sqrt, {other(Add, {mean(other, other(Pow, {e, 2.0}), {-1}, 17), 1e-5})})}));
  CHECK(refused(other, layer_norm_rules).empty());
  builder cube;
  auto const v = cube.input("x", {2, 8});
  auto const c = cube(Sub, {v, mean(cube, v, {-1}, 17)});
  cube.output(cube(Div, {c, cube(Sqrt, {cube(Add, {mean(cube, cube(Pow, {c, 3.0}), {-1}, 17), 1e-5})})}));
  CHECK(refused(cube, layer_norm_rules).empty());
}

TEST_CASE("Gelu by the error function and by tanh, in every bracketing") {
  for (std::int64_t opset : {17, 20})
    for (int i = 0; i < 6; ++i) {
      builder g{opset};
      auto const x = g.input("x", {2, 8});
      auto const e = g(Add, {g(Erf, {i % 2 == 0 ? g(Div, {x, 1.4142135}) : g(Mul, {x, 0.70710678})}), 1.0});
      g.output(i / 2 == 0   ? g(Mul, {g(Mul, {x, e}), 0.5})
               : i / 2 == 1 ? g(Mul, {g(Mul, {x, 0.5}), e})
                            : g(Mul, {x, g(Mul, {0.5, e})}));
      check_rule(g, octet::rewrite::gelu_rules, "Gelu");
      CHECK(octet::rewrite::apply(g.m, octet::rewrite::gelu_rules).applied() == 1);
      CHECK(g.m.main[g.m.main.order[0]].domain == (opset == 20 ? "" : "com.microsoft"));
    }
  for (int i = 0; i < 4; ++i) {
    builder g;
    auto const x = g.input("x", {2, 8});
    auto const cube = i == 0 ? g(Pow, {x, 3.0}) : g(Mul, {g(Mul, {x, x}), x});
    auto const term = i < 2 ? g(Mul, {cube, 0.044715}) : g(Mul, {g(Mul, {g(Mul, {0.044715, x}), x}), x});
    auto const inner = i < 3 ? g(Mul, {g(Add, {x, term}), 0.79788456})
                             : g(Mul, {g(Mul, {0.79788456, x}), g(Add, {1.0, g(Mul, {g(Mul, {0.044715, x}), x})})});
    auto const t = g(Add, {g(Tanh, {inner}), 1.0});
    g.output(i % 2 == 0 ? g(Mul, {g(Mul, {x, 0.5}), t}) : g(Mul, {0.5, g(Mul, {x, t})}));
    check_rule(g, octet::rewrite::gelu_rules, "FastGelu");
  }
}

TEST_CASE("ONNX Runtime's own: quick Gelu, and the root mean square in three spellings") {
  using octet::rewrite::contrib_norm_rules;
  builder q;
  auto const x = q.input("x", {2, 8});
  q.output(q(Mul, {x, q(Sigmoid, {q(Mul, {1.702, x})})}));
  check_rule(q, contrib_norm_rules, "QuickGelu");
  for (std::int64_t opset : {17, 23})
    for (int i = 0; i < 6; ++i) {
      builder r{opset};
      auto const v = r.input("x", {2, 3, 8});
      auto const square = i % 2 == 0 ? r(Pow, {v, 2.0}) : r(Mul, {v, v});
      auto const root = r(Sqrt, {r(Add, {mean(r, square, {-1}, opset), 1e-6})});
      auto const n = i / 2 == 0   ? r(Div, {v, root})
                     : i / 2 == 1 ? r(Mul, {v, r(Reciprocal, {root})})
                                  : r(Mul, {r(Div, {1.0, root}), v});
      r.output(r(Mul, {noise({8}), n}));
      check_rule(r, contrib_norm_rules, opset == 23 ? "RMSNormalization" : "SimplifiedLayerNormalization");
    }
  builder alpha;
  auto const y = alpha.input("x", {2, 8});
  alpha.output(alpha(Mul, {y, alpha(Sigmoid, {alpha(Mul, {1.5, y})})}));
  CHECK(refused(alpha, contrib_norm_rules).empty());
}
