// What is found in many nodes and run as one, that the numbers are those of the nodes, and that what lies between can
// be had.
#include <octet/exec/pattern_groups.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include <octet/exec/session.hpp>
#include <octet/infer/infer.hpp>
#include <support/attention_model.hpp>

using namespace octet;
using namespace octet::ops;
using support::builder;
using support::noise;

namespace {

/// The operator that makes the last output of the graph that is run.
std::string made(model m) {
  infer(m);
  detail::pattern_group_maker{m.main, m.opset_version()}.run();
  return m.main.producer(m.main.outputs.back())->op;
}

/// Random values for every input; of integers 0 and 1, and never only zeros.
feed random_input(model const& m) {
  feed in;
  std::uint32_t seed = 3;
  for (auto const v : m.main.inputs) {
    auto const& x = m.main[v];
    auto t = noise(*x.type->fixed(), seed++);
    if (x.type->element == element::s64) {
      tensor mask{element::s64, t.dims()};
      for (std::size_t i = 0; i < t.as<float>().size(); ++i)
        mask.mutable_as<std::int64_t>()[i] = i % 3 == 0 || t.as<float>()[i] > 0;
      t = mask;
    }
    if (x.type->element == element::f64) {
      tensor wide{element::f64, t.dims()};
      for (std::size_t i = 0; i < t.as<float>().size(); ++i) wide.mutable_as<double>()[i] = double(t.as<float>()[i]);
      t = wide;
    }
    in[x.name] = t;
  }
  return in;
}

/// Whether outputs with groups and without are of one type and shape, have NaN at the same places, and else differ by
/// no more than `tolerance`.
bool same(model const& m, feed const& in, double tolerance) {
  auto const a = session{m}.run(in), b = session{m, {.fusions = false}}.run(in);
  bool good = a.size() == b.size();
  auto const near = [&]<class T>(T x, T y) {
    return (std::isnan(x) && std::isnan(y)) || x == y || std::fabs(double(x) - double(y)) <= tolerance;
  };
  for (auto const& [name, x] : a) {
    auto const& y = b.at(name);
    good = good && x.type() == y.type() && x.dims() == y.dims();
    for (std::size_t i = 0; good && i < static_cast<std::size_t>(x.size()); ++i)
      good = x.type() == element::f64 ? near(x.as<double>()[i], y.as<double>()[i])
                                      : near(x.as<float>()[i], y.as<float>()[i]);
  }
  return good;
}
bool same(model const& m, double tolerance) { return same(m, random_input(m), tolerance); }

/// (x − mean) / √(mean((x − mean)²) + ε) · γ + β, in opset 13, which has no operator for it.
builder layer_norm(shape scale = {40}) {
  builder g{13};
  auto const axes = std::vector<std::int64_t>{-1};
  auto const x = g.input("x", {3, 40});
  auto const d = g(Sub, {x, g(ReduceMean, {x}, {{"axes", axes}})});
  auto const deviation = g(Sqrt, {g(Add, {g(ReduceMean, {g(Pow, {d, 2.0})}, {{"axes", axes}}), 1e-5})});
  g.output(g(Add, {g(Mul, {g(Div, {d, deviation}), noise(scale, 1)}), noise({40}, 2)}));
  return g;
}

template <class F>
model of_one(std::int64_t opset, F f, element e = element::f32) {
  builder g{opset};
  g.output(f(g, g.input("x", {3, 21}, e)));
  return g.m;
}

/// Softmax(scale · q·kᵀ + mask)·v of [batch,2,3,4], with the mask as input of this shape.
builder masked(std::vector<support::dim> const& mask, double scale = 0.5, support::dim batch = 2) {
  builder g{13};
  std::vector<support::dim> const dims{batch, 2, 3, 4};
  auto const k = g(Transpose, {g.input("k", dims)}, {{"perm", std::vector<std::int64_t>{0, 1, 3, 2}}});
  auto const s = g(Mul, {g(MatMul, {g.input("q", dims), k}), scale});
  auto const p = g(Softmax, {g(Add, {s, g.input("mask", mask)})}, {{"axis", -1}});
  g.output(g(MatMul, {p, g.input("v", dims)}));
  return g;
}
bool has(model m, char const* op) {
  infer(m);
  detail::pattern_group_maker{m.main, m.opset_version()}.run();
  return std::any_of(m.main.order.begin(), m.main.order.end(), [&](node_id n) { return m.main[n].op == op; });
}

}  // namespace

TEST_CASE("layer normalization is one node in every opset") {
  auto const g = layer_norm();
  CHECK(made(g.m) == "LayerNormalization");
  CHECK(same(g.m, 1e-5));
}

TEST_CASE("Gelu, and what multiplies its argument by something of it") {
  struct {
    char const* op;
    model m;
  } const all[] = {
      {"Gelu", of_one(13,
                      [](builder& g, value_id x) {
                        auto const e = g(Add, {g(Erf, {g(Div, {x, 1.4142135})}), 1.0});
                        return g(Mul, {g(Mul, {x, e}), 0.5});
                      })},
      {"Swish", of_one(11, [](builder& g, value_id x) { return g(Mul, {x, g(Sigmoid, {x})}); })},
      {"Mish", of_one(11, [](builder& g, value_id x) { return g(Mul, {g(Tanh, {g(Softplus, {x})}), x}); })},
      {"HardSwish",
       of_one(11, [](builder& g,
                     value_id x) { return g(Mul, {x, g(HardSigmoid, {x}, {{"alpha", 1.0f / 6}, {"beta", 0.5f}})}); })},
      {"HardSwish",
       of_one(11, [](builder& g,
                     value_id x) { return g(Div, {g(Mul, {x, g(Clip, {g(Add, {x, 3.0}), 0.0, 6.0})}), 6.0}); })},
  };
  for (auto const& [op, m] : all) {
    auto const expected = std::string{op};
    CHECK(made(m) == expected);
    CHECK(same(m, 1e-6));
  }
}

TEST_CASE("other constants, and nothing becomes one") {
  CHECK(made(of_one(11, [](builder& g, value_id x) { return g(Mul, {x, g(HardSigmoid, {x})}); })) == "Mul");
  CHECK(made(of_one(11, [](builder& g, value_id x) {
          return g(Div, {g(Mul, {x, g(Clip, {g(Add, {x, 3.0}), 0.0, 5.0})}), 6.0});
        })) == "Div");
}

TEST_CASE("double stays double") {
  tensor const half = tensor::scalar(0.5), root = tensor::scalar(1.4142135623730951), one = tensor::scalar(1.0);
  auto const gelu = of_one(
      13,
      [&](builder& g, value_id x) { return g(Mul, {g(Mul, {x, g(Add, {g(Erf, {g(Div, {x, root})}), one})}), half}); },
      element::f64);
  CHECK(made(gelu) == "Gelu");
  CHECK(same(gelu, 1e-12));
  auto const swish = of_one(11, [](builder& g, value_id x) { return g(Mul, {x, g(Sigmoid, {x})}); }, element::f64);
  CHECK(made(swish) == "Swish");
  CHECK(same(swish, 1e-12));
}

TEST_CASE("a constant that adds axes to the result keeps nodes as they are") {
  CHECK(made(layer_norm({1, 1, 40}).m) == "Add");
  CHECK(same(layer_norm({1, 1, 40}).m, 1e-5));
  CHECK(made(layer_norm({1, 40}).m) == "LayerNormalization");
  auto const gelu = of_one(13, [](builder& g, value_id x) {
    auto const e = g(Add, {g(Erf, {g(Div, {x, 1.4142135})}), 1.0});
    return g(Mul, {g(Mul, {x, e}), support::floats({1, 1, 1}, {0.5f})});
  });
  CHECK(made(gelu) == "Mul");
  CHECK(same(gelu, 1e-6));
}

TEST_CASE("functions of the model that are named like what runs are not what runs") {
  auto m = of_one(13, [](builder& g, value_id x) { return g(Mul, {x, g(Sigmoid, {x})}); });
  function f;
  f.domain = "com.microsoft", f.name = "QuickGelu";
  m.functions.push_back(f);
  CHECK(same(m, 1e-6));
}

TEST_CASE("masks of the caller: any that the scores take, and any numbers") {
  for (auto const& mask : {std::vector<support::dim>{2, 1, 1, 3}, {3}, {1, 2, 3, 3}, {3, 1}}) {
    auto const g = masked(mask);
    CHECK(has(g.m, "MultiHeadAttention"));
    CHECK(same(g.m, 1e-6));
  }
  auto const g = masked({3, 3});
  auto in = random_input(g.m);
  for (std::size_t i : {0, 1, 5}) in.at("mask").mutable_as<float>()[i] = -INFINITY;
  CHECK(same(g.m, in, 1e-6));
  in.at("mask").mutable_as<float>()[2] = -INFINITY;  // all of the first row: NaN, as the nodes make it
  CHECK(same(g.m, in, 1e-6));
  CHECK(std::isnan(session{g.m}.run(in).begin()->second.as<float>()[0]));
  for (auto const& larger : {std::vector<support::dim>{1, 1, 1, 3, 3}, {1, 2, 2, 3, 3}})
    CHECK_FALSE(has(masked(larger).m, "MultiHeadAttention"));
  auto const none = masked({3, 3}, 0);  // a scale of 0 is one
  CHECK_FALSE(has(none.m, "MultiHeadAttention"));
  CHECK(same(none.m, 1e-6));
}

TEST_CASE("one image of queries, keys, values or masks serves all, though one symbol stands for every batch") {
  auto const g = masked({"batch", 1, 1, 3}, 0.5, "batch");
  CHECK(has(g.m, "MultiHeadAttention"));
  for (auto const& single : {std::vector{"k", "v"}, {"q"}, {"v"}, {"mask"}, {"q", "k", "v"}}) {
    feed in{{"mask", noise({2, 1, 1, 3}, 7)}};
    for (auto const* name : {"q", "k", "v"}) in[name] = noise({2, 2, 3, 4}, static_cast<std::uint32_t>(name[0]));
    for (auto const* name : single) {
      auto dims = in.at(name).dims();
      dims[0] = 1;
      in[name] = noise(dims, 8);
    }
    CHECK(same(g.m, in, 1e-6));
  }
}

TEST_CASE("a mask that enlarges the scores is no mask") {
  builder g{13};
  auto const k = g(Transpose, {g.input("k", {1, 2, 3, 4})}, {{"perm", std::vector<std::int64_t>{0, 1, 3, 2}}});
  auto const s = g(MatMul, {g.input("q", {1, 2, 3, 4}), k});
  auto const p = g(Softmax, {g(Add, {s, g.input("mask", {3, 1, 3, 3})})}, {{"axis", -1}});
  g.output(g(MatMul, {p, g.input("v", {1, 2, 3, 4})}));
  CHECK_FALSE(has(g.m, "MultiHeadAttention"));
  CHECK(same(g.m, 1e-6));
}

TEST_CASE("values in between keep their numbers and can be fetched") {
  auto const m = of_one(13, [](builder& g, value_id x) { return g(Mul, {x, g(Sigmoid, {x}, {}, "s")}); });
  session run{m};
  feed const in{{"x", noise({3, 21}, 5)}};
  std::string const names[] = {"s", m.main[m.main.outputs[0]].name};
  auto const out = run.run(in, names);
  for (std::size_t i = 0; i < 63; ++i) {
    double const x = in.at("x").as<float>()[i], s = 1 / (1 + std::exp(-x));
    CHECK(double(out.at("s").as<float>()[i]) == doctest::Approx(s));
    CHECK(double(out.at(names[1]).as<float>()[i]) == doctest::Approx(x * s));
  }
}

TEST_CASE("attention is one node whose weights stay where they are, with every exporter's mask") {
  using support::attention_form;
  for (auto const& f :
       {attention_form{}, attention_form{.scale_query = true, .heads_in_batch = true}, attention_form{.packed = true},
        attention_form{.where = true}, attention_form{.where = true, .later = true}, attention_form{.windows = true},
        attention_form{.where = true, .past = true}, attention_form{.scale = 0.25}, attention_form{.padding = true},
        attention_form{.equal = true}, attention_form{.equal = true, .hidden = -INFINITY},
        attention_form{.where = true, .later = true, .hidden = -INFINITY}}) {
    auto const g = support::attention_model(f);
    CHECK(has(g.m, "MultiHeadAttention"));
    CHECK_FALSE(has(g.m, "Attention"));
    CHECK(same(g.m, 1e-5));
  }
}

TEST_CASE("rows without any key: uniform where the least number hides them, NaN where −∞ does, else left alone") {
  for (double const hidden : {-3.4028234663852886e38, -double(INFINITY), -1e9}) {
    auto const g = support::attention_model({.equal = true, .hidden = hidden});
    CHECK(has(g.m, "MultiHeadAttention") == (hidden < -1e30));
    auto in = random_input(g.m);
    for (auto& kept : in.at("mask").mutable_as<std::int64_t>()) kept = 0;
    CHECK(same(g.m, in, 1e-5));
  }
}
