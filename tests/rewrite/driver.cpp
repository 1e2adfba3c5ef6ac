#include <doctest/doctest.h>

#include <octet/rewrite/driver.hpp>
#include <support/builder.hpp>

using namespace octet;
using namespace octet::ops;
using namespace octet::rewrite;
using support::builder;
using support::floats;

namespace {
inline constexpr any x{"x"}, y{"y"}, sum{"sum"};
inline constexpr rewrite::constant w{"w"};
inline constexpr double sqrt2 = 1.4142135623730951;

inline constexpr rule to_gelu{"to-gelu", x*(Erf(either(x / sqrt2, x * (1 / sqrt2))) + 1.0) * 0.5,
                              [](match const& m, patch& p) { return p(Gelu, {m[x]}); }};
inline constexpr rule drop_identity{"drop-identity", Identity(x), [](match const& m, patch&) { return m[x]; }};
inline constexpr rule relu_twice{"relu-twice", Relu(Relu(x)), [](match const& m, patch& p) { return p(Relu, {m[x]}); }};
inline constexpr rule forever{"forever", Neg(x), [](match const& m, patch& p) { return p(Neg, {m[x]}); }};
inline constexpr rule never{"never", Add(x, w), [](match const&, patch& p) { return p.decline("not today"); }};

/// erf-gelu of `v` in one of its bracketings.
value_id gelu(builder& g, value_id v, int bracketing, double root = sqrt2, op const& inner = Erf) {
  auto const e = g(Add, {1.0, g(inner, {g(Div, {v, root})})});
  if (bracketing == 0) return g(Mul, {0.5, g(Mul, {v, e})});
  if (bracketing == 1) return g(Mul, {v, g(Mul, {0.5, e})});
  return g(Mul, {g(Mul, {v, 0.5}), e});
}
}  // namespace

TEST_CASE("one pattern fits every bracketing and order of a commutative chain, and the result keeps name and type") {
  for (int bracketing = 0; bracketing < 3; ++bracketing) {
    builder g;
    auto const v = g.input("x", {2, 3});
    auto const out = gelu(g, v, bracketing);
    auto const name = g.m.main[out].name;
    g.output(out, {2, 3});
    auto const l = apply(g.m, rules(to_gelu));
    CHECK(l.applied("to-gelu") == 1);
    CHECK(g.ops() == "Gelu");
    CHECK(g.m.main[g.m.main.outputs[0]].name == name);
    CHECK(text(*g.m.main[g.m.main.outputs[0]].type) == "FLOAT[2,3]");
    CHECK(g.m.main.initializers.empty());
    auto const& n = g.m.main[g.m.main.order[0]];
    CHECK(n.metadata == std::vector<property>{{"octet.rule", "to-gelu"}, {"octet.from", name}});
    CHECK(apply(g.m, rules(to_gelu)).steps.empty());
  }
}

TEST_CASE("near misses stay: another number, another operator, another input") {
  for (int i = 0; i < 3; ++i) {
    builder g;
    auto const v = g.input("x", {2}), other = g.input("z", {2});
    if (i == 0) g.output(gelu(g, v, 0, 1.4150));
    if (i == 1) g.output(gelu(g, v, 0, sqrt2, Tanh));
    if (i == 2) g.output(g(Mul, {0.5, g(Mul, {v, g(Add, {1.0, g(Erf, {g(Div, {other, sqrt2})})})})}));
    CHECK(apply(g.m, rules(to_gelu)).steps.empty());
  }
}

TEST_CASE("B30: an inner value that is used elsewhere, is an output or is captured keeps the match away") {
  for (int i = 0; i < 3; ++i) {
    builder g;
    auto const v = g.input("x", {2});
    auto const inner = g(Relu, {v}, {}, "inner");
    auto const outer = g(Relu, {inner});
    g.output(outer);
    if (i == 0) g.output(g(Neg, {inner}));
    if (i == 1) g.output(inner);
    if (i == 2) {
      octet::graph branch;
      auto const seen = branch.add_value("inner");
      branch[seen].captured = inner;
      auto const n = branch.add_node("Neg", {seen}, {"negated"});
      branch.outputs.push_back(branch[n].outputs[0]);
      auto const cond = g.input("c", {}, element::boolean);
      auto const r = g(If, {cond}, {{"then_branch", branch}, {"else_branch", branch}});
      g.m.main.add_capture_use(inner, g.m.main[r].producer);
      g.m.main.add_capture_use(inner, g.m.main[r].producer);
      g.output(r);
    }
    CHECK(apply(g.m, rules(relu_twice)).steps.empty());
    auto const m = matcher{g.m.main, 17}.run(relu_twice.view().shape, outer);
    CHECK_FALSE(m.has_value());
  }
}

TEST_CASE("a value that already exists takes readers over, and a graph output's name where it must") {
  builder g;
  auto const v = g.input("x", {2});
  auto const r = g(Relu, {v}, {}, "kept");
  auto const i = g(Identity, {r}, {}, "gone");
  auto const n = g(Neg, {i});
  g.output(n);
  auto const last = g(Identity, {g(Abs, {n}, {}, "renamed")}, {}, "result");
  g.output(last);
  apply(g.m, rules(drop_identity));
  CHECK(g.ops() == "Relu Neg Abs");
  CHECK(g.m.main.find("kept") != value_id::none);
  CHECK(g.m.main.find("gone") == value_id::none);
  CHECK(g.m.main[g.m.main.outputs[1]].name == "result");
  CHECK(g.m.main.find("renamed") == value_id::none);
}

TEST_CASE("what would make an input or a constant a graph output is refused with the reason") {
  builder g;
  g.output(g(Identity, {g.input("x", {2})}));
  auto const l = apply(g.m, rules(drop_identity));
  CHECK(l.applied() == 0);
  REQUIRE(l.steps.size() == 1);
  CHECK(l.steps[0].reason == "a graph output would be an input or a constant");
  CHECK(g.ops() == "Identity");
}

TEST_CASE("a refusal is told once, rules can be switched off, and endless rules are an error") {
  builder g;
  auto const a = g(Add, {g.input("x", {2}), floats({2}, {1, 2})});
  g.output(g(Neg, {a}));
  auto const l = apply(g.m, rules(never));
  REQUIRE(l.steps.size() == 1);
  CHECK(l.steps[0].reason == "not today");
  CHECK_FALSE(l.steps[0].applied);
  std::string_view const off[] = {"never"};
  CHECK(apply(g.m, rules(never), {.except = off}).steps.empty());
  CHECK_THROWS_WITH_AS(apply(g.m, rules(forever)), "rewriting does not end; the last rule was forever", error);
}

TEST_CASE("stop_after stops between two replacements") {
  builder g;
  auto v = g.input("x", {2});
  for (int i = 0; i < 5; ++i) v = g(Neg, {g(Identity, {v})});
  g.output(v);
  CHECK(apply(g.m, rules(drop_identity), {.stop_after = 2}).applied() == 2);
  CHECK(apply(g.m, rules(drop_identity)).applied() == 3);
}

TEST_CASE("rules reach into subgraphs") {
  octet::graph branch;
  auto const c = branch.add_initializer("k", floats({2}, {1, 2}));
  auto const r1 = branch.add_node("Relu", {c}, {"r1"});
  auto const r2 = branch.add_node("Relu", {branch[r1].outputs[0]}, {"r2"});
  branch.outputs.push_back(branch[r2].outputs[0]);
  builder g;
  auto const y0 = g(If, {g.input("c", {}, element::boolean)}, {{"then_branch", branch}, {"else_branch", branch}});
  g.output(y0);
  CHECK(apply(g.m, rules(relu_twice)).applied() == 2);
  for_each_subgraph(*const_cast<octet::node*>(g.m.main.producer(y0)), [](octet::graph& b) {
    CHECK(b.order.size() == 1);
    CHECK(b[b.outputs[0]].name == "r2");
  });
}

TEST_CASE("a new operator set is imported, and a weight keeps its name when the old one disappears") {
  constexpr rule halve{"halve", MatMul(x, w), [](match const& m, patch& p) {
                         auto t = m.fixed(w).copy();
                         for (auto& e : t.mutable_as<float>()) e /= 2;
                         return p(FusedMatMul, {m[x], p.constant(t, m[w])}, {{"alpha", 2.0f}});
                       }};
  builder g;
  g.output(g(MatMul, {g.input("x", {2, 2}), g.constant(floats({2, 2}, {2, 4, 6, 8}), "weight")}));
  apply(g.m, rules(halve));
  auto const kept = g.m.main.find("weight");
  REQUIRE(kept != value_id::none);
  CHECK(g.m.main[kept].initializer->data.as<float>()[3] == 4);
  CHECK(g.m.main.initializers.size() == 1);
  CHECK(g.m.opset_version("com.microsoft") == 1);
}
