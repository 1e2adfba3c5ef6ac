// What is found in many nodes and run as one, that the numbers are those of the nodes, and that what lies between can
// be had.
#include <octet/exec/pattern_groups.hpp>

#include <doctest/doctest.h>

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

/// Outputs with groups and without, for random inputs.
double difference(model const& m) {
  feed in;
  std::uint32_t seed = 3;
  for (auto const v : m.main.inputs) in[m.main[v].name] = noise(*m.main[v].type->fixed(), seed++);
  auto const a = session{m}.run(in), b = session{m, {.fusions = false}}.run(in);
  double most = 0;
  for (auto const& [name, t] : a)
    for (std::size_t i = 0; i < t.as<float>().size(); ++i)
      most = std::max(most, std::fabs(double(t.as<float>()[i]) - double(b.at(name).as<float>()[i])));
  return most;
}

/// (x − mean) / √(mean((x − mean)²) + ε) · γ + β, in opset 13, which has no operator for it.
builder layer_norm() {
  builder g{13};
  auto const axes = std::vector<std::int64_t>{-1};
  auto const x = g.input("x", {2, 3, 40});
  auto const d = g(Sub, {x, g(ReduceMean, {x}, {{"axes", axes}})});
  auto const deviation = g(Sqrt, {g(Add, {g(ReduceMean, {g(Pow, {d, 2.0})}, {{"axes", axes}}), 1e-5})});
  g.output(g(Add, {g(Mul, {g(Div, {d, deviation}), noise({40}, 1)}), noise({40}, 2)}));
  return g;
}

template <class F>
model of_one(std::int64_t opset, F f) {
  builder g{opset};
  g.output(f(g, g.input("x", {3, 21})));
  return g.m;
}

}  // namespace

TEST_CASE("layer normalization is one node in every opset") {
  auto const g = layer_norm();
  CHECK(made(g.m) == "LayerNormalization");
  CHECK(difference(g.m) < 1e-5);
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
      {"QuickGelu", of_one(11, [](builder& g, value_id x) { return g(Mul, {x, g(Sigmoid, {x})}); })},
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
    CHECK(difference(m) < 1e-6);
  }
}

TEST_CASE("other constants, and nothing becomes one") {
  CHECK(made(of_one(11, [](builder& g, value_id x) { return g(Mul, {x, g(HardSigmoid, {x})}); })) == "Mul");
  CHECK(made(of_one(11, [](builder& g, value_id x) {
          return g(Div, {g(Mul, {x, g(Clip, {g(Add, {x, 3.0}), 0.0, 5.0})}), 6.0});
        })) == "Div");
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

TEST_CASE("attention is one node whose weights stay where they are, with any mask") {
  using support::attention_form;
  for (auto const& f :
       {attention_form{}, attention_form{.scale_query = true, .heads_in_batch = true}, attention_form{.packed = true},
        attention_form{.where = true}, attention_form{.where = true, .later = true}, attention_form{.windows = true},
        attention_form{.where = true, .past = true}, attention_form{.scale = 0.25}}) {
    auto const g = support::attention_model(f);
    auto m = g.m;
    infer(m);
    detail::pattern_group_maker{m.main, 13}.run();
    auto const count = [&](char const* op) {
      return std::count_if(m.main.order.begin(), m.main.order.end(), [&](node_id n) { return m.main[n].op == op; });
    };
    CHECK(count("MultiHeadAttention") == 1);
    CHECK(count("Attention") == 0);
    CHECK(difference(g.m) < 1e-5);
  }
}
