#include <octet/quantize/float_parts.hpp>

#include <doctest/doctest.h>

#include "quantize/planned.hpp"

using namespace octet;
using test::maker, test::plan_for;

namespace {

/// Scores of queries and keys, scaled, masked, as probabilities, times values.
test::sample_model attention() {
  maker m{"attention"};
  auto const q = m.input("q", {2, 4, 8}), k = m.input("k", {2, 8, 4}), v = m.input("v", {2, 4, 8});
  auto const scores = m.op("MatMul", {q, k});
  auto const masked = m.op("Add", {m.op("Mul", {scores, m.scalar("scale", 0.35f)}), m.input("mask", {2, 1, 4})});
  m.output(m.op("MatMul", {m.op("Softmax", {masked}), v}), 3);
  return m.done();
}

fate of(test::planned const& r, std::string const& node) { return r.node(node).fate; }

}  // namespace

TEST_CASE("a Softmax, what is only computed for it and the product before that stay float, with reasons") {
  auto const r = plan_for(attention(), scheme{u8s8});
  CHECK(of(r, "MatMul_0") == fate::quantized);
  CHECK(of(r, "Mul_1") == fate::kept);
  CHECK(of(r, "Add_2") == fate::kept);
  CHECK(of(r, "Softmax_3") == fate::kept);
  CHECK(of(r, "MatMul_4") == fate::quantized);
  CHECK(r.at("t0") == nullptr);
  CHECK(r.at("mask") == nullptr);
  REQUIRE(r.at("t3") != nullptr);  // probabilities, in [0, 1]
  CHECK(r.at("t3")->grids[0].scale == doctest::Approx(1.0 / 255));
  CHECK(r.node("Softmax_3").reason.find("--quantize-sensitive") != std::string::npos);
  CHECK(r.node("Add_2").reason == "only what stays float on purpose reads it: Softmax 'Softmax_3'");
}

TEST_CASE("what a Log reads stays float, and the product of band energies before it, in every mode") {
  maker m{"loudness"};
  auto const bands = m.op("MatMul", {m.input("power", {2, 4}), m.weight("bands", {4, 4})});
  m.output(m.op("Log", {m.op("Clip", {bands, m.scalar("floor", 1e-6f)})}), 2);
  auto const loudness = m.done();
  for (auto const how : {mode::static_ranges, mode::dynamic, mode::integer}) {
    quantize_options o;
    if (how == mode::integer) o.format = format::qoperator;
    auto const r = plan_for(loudness, scheme{u8s8}, o, {}, how);
    CHECK(of(r, "MatMul_0") == fate::kept);
    CHECK(r.node("MatMul_0").reason.find("a Log takes its result") == 0);
    CHECK(of(r, "Clip_1") == fate::kept);
    CHECK(r.at("t0") == nullptr);
    CHECK(r.at("t1") == nullptr);
    o.quantize_sensitive = true;
    CHECK(of(plan_for(loudness, scheme{u8s8}, o, {}, how), "MatMul_0") == fate::quantized);
  }
  quantize_options o;
  o.quantize_sensitive = true;
  CHECK(of(plan_for(loudness, scheme{u8s8}, o), "Clip_1") != fate::kept);
}

TEST_CASE("the product before the Log of a probability, and one that others read too, are quantized") {
  maker m{"likelihood"};
  auto const logit = m.op("MatMul", {m.input("x", {2, 4}), m.weight("w", {4, 4})});
  m.output(m.op("Log", {m.op("Sigmoid", {logit})}), 2);
  CHECK(of(plan_for(m.done(), scheme{u8s8}), "MatMul_0") == fate::quantized);
  maker k{"both"};
  auto const y = k.op("MatMul", {k.input("x", {2, 4}), k.weight("w", {4, 4})});
  k.output(k.op("Log", {y}), 2);
  k.output(k.op("MatMul", {y, k.weight("v", {4, 4})}), 2);
  CHECK(of(plan_for(k.done(), scheme{u8s8}), "MatMul_0") == fate::quantized);
}

TEST_CASE("what is computed from constants alone stays float; a weight that is only moved is quantized") {
  maker m{"filter"};
  auto const taps =
      m.op("Mul", {m.op("Mul", {m.weight("t", {4, 4}), m.scalar("frequency", 3)}), m.weight("window", {4, 4})});
  auto const y = m.op("MatMul", {m.input("x", {2, 4}), taps});
  m.output(m.op("MatMul", {y, m.op("Transpose", {m.weight("w", {4, 4})})}), 2);
  auto const filter = m.done();
  auto const r = plan_for(filter, scheme{u8s8});
  for (auto const* name : {"Mul_0", "Mul_1"}) {
    CHECK(of(r, name) == fate::kept);
    CHECK(r.node(name).reason.find("constants alone") != std::string::npos);
  }
  CHECK(of(r, "MatMul_2") == fate::quantized);
  CHECK(of(r, "Transpose_3") == of(plan_for(filter, scheme{u8s8}, {.quantize_sensitive = true}), "Transpose_3"));
  CHECK(of(r, "MatMul_4") == fate::quantized);
  CHECK(of(plan_for(filter, scheme{u8s8}, {.quantize_sensitive = true}), "Mul_0") == fate::quantized);
  CHECK(of(plan_for(filter, scheme{u8s8}, {.only = {"Mul_0"}}), "Mul_0") == fate::quantized);
}

TEST_CASE("the Softmax of a classifier is quantized: nothing is computed from its errors") {
  maker m{"classifier"};
  auto const p = m.op("Softmax", {m.op("MatMul", {m.input("x", {2, 4}), m.weight("w", {4, 4})})});
  m.output(m.op("Identity", {p}), 2);
  CHECK(of(plan_for(m.done(), scheme{u8s8}), "Softmax_1") == fate::quantized);
  maker k{"expectation"};  // a distribution whose mean is taken, as boxes have it
  auto const q = k.op("Softmax", {k.op("MatMul", {k.input("x", {2, 4}), k.weight("w", {4, 4})})});
  k.output(k.op("MatMul", {q, k.weight("places", {4, 1})}), 2);
  CHECK(of(plan_for(k.done(), scheme{u8s8}), "Softmax_1") == fate::kept);
}

TEST_CASE("they are quantized when that is asked for, by an option, by type or by name") {
  quantize_options all, types, names;
  all.quantize_sensitive = true;
  types.op_types = {"Softmax", "MatMul", "Add"};
  names.only = {"*"};
  for (auto const* o : {&all, &types, &names}) {
    auto const r = plan_for(attention(), scheme{u8s8}, *o);
    CHECK(of(r, "Softmax_3") == fate::quantized);
    CHECK(of(r, "Add_2") == fate::quantized);
  }
}

TEST_CASE("the result of a product has no kernel without a grid in QOperator format, and keeps it") {
  quantize_options o;
  o.format = format::qoperator;
  auto const r = plan_for(attention(), scheme{u8s8}, o);
  CHECK(of(r, "Softmax_3") == fate::kept);
  CHECK(of(r, "Add_2") == fate::kept);
  CHECK(r.at("t0") != nullptr);
}

TEST_CASE("residual sums stay float up to the first layer norm; their products stay quantized") {
  maker m{"residual"};
  auto x = m.input("x", {2, 4, 8});
  for (int i = 0; i < 2; ++i) {
    auto const n = std::to_string(i);
    auto const y = m.op("LayerNormalization", {x, m.weight("gamma" + n, {8}), m.weight("beta" + n, {8})});
    x = m.op("Add", {x, m.op("MatMul", {y, m.weight("w" + n, {8, 8})})});
  }
  m.output(m.op("LayerNormalization", {x, m.weight("gamma", {8}), m.weight("beta", {8})}), 3);
  auto const r = plan_for(m.done(), scheme{s8s8});
  for (auto const* node : {"LayerNormalization_0", "Add_2", "LayerNormalization_3", "Add_5", "LayerNormalization_6"})
    CHECK(of(r, node) == fate::kept);
  for (auto const* node : {"MatMul_1", "MatMul_4"}) CHECK(of(r, node) == fate::quantized);
  CHECK(r.at("t0") != nullptr);  // what a product reads is quantized there
  CHECK(r.at("t1") == nullptr);
}

TEST_CASE("a product that only float operators read gets no grid") {
  maker m{"gelu"};
  auto const y = m.op("MatMul", {m.input("x", {2, 4}), m.weight("w", {4, 4})});
  m.output(m.op("MatMul", {m.op("Erf", {y}), m.weight("v", {4, 3})}), 2);
  auto const r = plan_for(m.done(), scheme{u8s8});
  CHECK(r.at("t0") == nullptr);
  CHECK(r.at("t1") != nullptr);
  CHECK(r.at("y0") != nullptr);
}

TEST_CASE("a sum that another operator reads too is quantized as ever; so is a convolution before a norm") {
  maker m{"two readers"};
  auto const s = m.op("Add", {m.input("x", {1, 4, 4}), m.input("y", {1, 4, 4})});
  m.output(m.op("Softmax", {s}), 3), m.output(m.op("MatMul", {s, m.weight("w", {4, 3})}), 3);
  auto const r = plan_for(m.done(), scheme{u8s8});
  CHECK(of(r, "Add_0") == fate::quantized);
  maker c{"convolution"};
  auto const y = c.op("Conv", {c.input("x", {1, 3, 4, 4}), c.weight("w", {2, 3, 1, 1})});
  c.output(c.op("LayerNormalization", {y, c.weight("gamma", {4}), c.weight("beta", {4})}), 4);
  auto const p = plan_for(c.done(), scheme{u8s8});
  CHECK(p.at("t0") != nullptr);
}

TEST_CASE("boxes and scores that NonMaxSuppression chooses from stay float") {
  maker m{"boxes"};
  auto const boxes = m.op("Mul", {m.input("x", {1, 6, 4}), m.scalar("size", 32)});
  auto const scores = m.op("Sigmoid", {m.input("s", {1, 2, 6})});
  auto const n = m.op("NonMaxSuppression", {boxes, scores, m.ints("most", {3})});
  m.output(n, 2);
  auto const r = plan_for(m.done(), scheme{u8s8});
  CHECK(of(r, "Mul_0") == fate::kept);
  CHECK(of(r, "Sigmoid_1") == fate::kept);
}

TEST_CASE("boxes stay float though an output is made of them too, but not what another product reads") {
  maker m{"detector"};
  auto const x = m.input("x", {1, 6, 4});
  auto const shared = m.op("Sigmoid", {x});
  auto const first = m.op("MatMul", {shared, m.weight("w", {4, 4})});
  auto const boxes = m.op("Mul", {first, m.scalar("size", 32)});
  auto const scores = m.op("Add", {m.input("s", {1, 2, 6}), m.scalar("shift", 1)});
  m.output(m.op("NonMaxSuppression", {boxes, scores, m.ints("most", {3})}), 2), m.output(boxes, 3);
  m.output(m.op("Add", {boxes, m.scalar("one", 1)}), 3);
  auto const r = plan_for(m.done(), scheme{u8s8});
  CHECK(of(r, "Mul_2") == fate::kept);
  CHECK(r.node("Mul_2").reason == "it is on the way to boxes and scores that NonMaxSuppression chooses from");
  CHECK(of(r, "Add_3") == fate::kept);
  CHECK(of(r, "Sigmoid_0") == fate::quantized);
  CHECK(of(r, "MatMul_1") == fate::quantized);
}

TEST_CASE("tensors of very different ranges are not joined on one grid, and neither is what follows") {
  auto const detector = [] {
    maker m{"detector"};
    auto const x = m.input("x", {1, 8, 4});
    auto const boxes = m.op("MatMul", {x, m.weight("w", {4, 4})}), scores = m.op("MatMul", {x, m.weight("v", {4, 2})});
    auto const joined = m.op("Concat", {boxes, scores}, {test::int_attribute("axis", 2)});
    m.output(m.op("Mul", {joined, m.weight("strides", {1, 8, 6})}), 3);
    return m.done();
  };
  auto const apart = plan_for(detector(), scheme{u8s8}, {}, {{"t0", {0, 640}}, {"t1", {0, 1}}});
  CHECK(of(apart, "Concat_2") == fate::kept);
  CHECK(apart.node("Concat_2").reason ==
        "it joins 't0' [0, 640] and 't1' [0, 1]: one grid would leave 1 steps for the second, so each keeps its own; "
        "--quantize-sensitive joins them");
  CHECK(of(apart, "Mul_3") == fate::kept);
  CHECK(apart.at("t0")->grids[0].scale == doctest::Approx(640.0 / 255));
  CHECK(apart.at("t1")->grids[0].scale == doctest::Approx(1.0 / 255));
  auto const near = plan_for(detector(), scheme{u8s8}, {}, {{"t0", {0, 15}}, {"t1", {0, 1}}});
  CHECK(of(near, "Concat_2") == fate::quantized);
  CHECK(of(near, "Mul_3") == fate::quantized);
  quantize_options o;
  o.quantize_sensitive = true;
  auto const asked = plan_for(detector(), scheme{u8s8}, o, {{"t0", {0, 640}}, {"t1", {0, 1}}});
  CHECK(of(asked, "Concat_2") == fate::quantized);
}
