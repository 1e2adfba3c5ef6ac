#include <octet/quantize/planner.hpp>

#include <doctest/doctest.h>

#include "quantize/planned.hpp"

using namespace octet;
using test::maker, test::plan_for;

namespace {
test::sample_model conv_then(auto&& more) {
  maker m{"m"};
  auto const c = m.op("Conv", {m.input("x", {1, 3, 4, 4}), m.weight("w", {2, 3, 1, 1}), m.weight("b", {2})});
  m.output(more(m, c), 4);
  return m.done();
}
scheme u8s8_scheme() { return scheme{u8s8}; }
}  // namespace

TEST_CASE("a convolution: activation, weight, output, bias") {
  auto const r = plan_for(conv_then([](maker&, value_id c) { return c; }), u8s8_scheme());
  CHECK(r.at("x")->role == role::activation);
  CHECK(r.at("w")->role == role::weight);
  CHECK(r.at("w")->type == element::s8);
  CHECK(r.at("y0")->grids.size() == 1);
  // [−1, 3] in u8: scale 4 / 255, zero point round(1 / scale) = round(63.75) = 64
  CHECK(r.at("x")->grids[0].scale == 4.f / 255.f);
  CHECK(r.at("x")->grids[0].zero_point == 64);
  REQUIRE(r.p.biases.size() == 1);
  CHECK(r.m.main[r.p.biases[0].bias].name == "b");
}

TEST_CASE("per channel: one grid for each filter, symmetric whatever the type") {
  auto s = scheme{u8u8.per_channel()};
  auto const r = plan_for(conv_then([](maker&, value_id c) { return c; }), s);
  CHECK(r.at("w")->axis == 0);
  CHECK(r.at("w")->grids.size() == 2);
  for (auto const& g : r.at("w")->grids) CHECK(g.zero_point == 128);
}

TEST_CASE("what moves data shares the grid of its input, in any order of nodes") {
  auto const r =
      plan_for(conv_then([](maker& m, value_id c) {
                 return m.op("Transpose", {m.op("MaxPool", {c}, {test::ints_attribute("kernel_shape", {1, 1})})});
               }),
               u8s8_scheme());
  CHECK(r.at("t1")->provider == r.m.main.find("t0"));
  CHECK(r.p.root(*r.at("y0")).value == r.m.main.find("t0"));
  CHECK(r.at("y0")->grids == r.at("t0")->grids);
}

TEST_CASE("what moves data outside of a quantized chain stays float, unless forced") {
  maker a{"m"}, b{"m"};
  for (auto* m : {&a, &b}) m->output(m->op("Transpose", {m->input("x", {2, 3})}), 2);
  auto const r = plan_for(a.done(), u8s8_scheme());
  CHECK(r.p.tensors.empty());
  CHECK(r.node("Transpose_0").reason == "its input is not quantized");
  quantize_options o;
  o.force_quantize_no_input_check = true;
  CHECK(plan_for(b.done(), u8s8_scheme(), o).p.tensors.size() == 2);
}

TEST_CASE("a Relu disappears into the range of its output") {
  auto const r =
      plan_for(conv_then([](maker& m, value_id c) { return m.op("Relu", {c}); }), u8s8_scheme(), {}, {{"y0", {0, 3}}});
  CHECK(r.node("Relu_1").fate == fate::absorbed);
  CHECK(r.at("t0") == nullptr);
  CHECK(r.at("y0")->grids[0].zero_point == 0);
}

TEST_CASE("A1: a Relu whose input has other readers stays") {
  auto const r = plan_for(conv_then([](maker& m, value_id c) { return m.op("Add", {m.op("Relu", {c}), c}); }),
                          u8s8_scheme(), {}, {{"t1", {0, 3}}});
  CHECK(r.node("Relu_1").fate == fate::quantized);
  CHECK(r.at("t0") != nullptr);
}

TEST_CASE("A3: a Clip above zero stays, since every grid holds zero") {
  auto const clipped = [](float low, float high, range out) {
    return plan_for(conv_then([&](maker& m, value_id c) {
                      return m.op("Clip", {c, m.scalar("low", low), m.scalar("high", high)});
                    }),
                    scheme{u8s8}, {}, {{"y0", out}})
        .node("Clip_1")
        .fate;
  };
  CHECK(clipped(0, 6, {0, 5}) == fate::absorbed);
  CHECK(clipped(1, 6, {1, 6}) == fate::quantized);
  CHECK(clipped(-6, -1, {-6, -1}) == fate::quantized);
}

TEST_CASE("A4: a Relu stays where the grid of its output holds negative values") {
  auto s = scheme{s8s8.symmetric()};
  CHECK(plan_for(conv_then([](maker& m, value_id c) { return m.op("Relu", {c}); }), s, {}, {{"y0", {0, 3}}})
            .node("Relu_1")
            .fate == fate::quantized);
  quantize_options o;
  o.overrides["y0"] = {.scale = {0.1f}, .zero_point = {100}};
  CHECK(plan_for(conv_then([](maker& m, value_id c) { return m.op("Relu", {c}); }), u8s8_scheme(), o, {{"y0", {0, 3}}})
            .node("Relu_1")
            .fate == fate::quantized);
}

TEST_CASE("A5: the range of a Relu's input is its own where the input is an output of the model") {
  maker m{"m"};
  auto const c = m.op("Conv", {m.input("x", {1, 3, 4, 4}), m.weight("w", {2, 3, 1, 1})});
  m.output(m.op("Relu", {c}), 4), m.output(c, 4);
  auto const r = plan_for(m.done(), u8s8_scheme(), {}, {{"y0", {0, 3}}, {"y1", {-2, 3}}});
  CHECK(r.node("Relu_1").fate == fate::quantized);
  CHECK(r.at("y1")->grids[0].scale == 5.f / 255.f);
}

TEST_CASE("a Softmax has the grid of [0, 1], whatever was observed") {
  auto const r = plan_for(conv_then([](maker& m, value_id c) { return m.op("Softmax", {c}); }), u8s8_scheme(),
                          {.quantize_sensitive = true}, {{"y0", {0.1f, 0.4f}}});
  CHECK(r.at("y0")->grids[0].scale == 1.f / 255.f);
  CHECK(r.at("y0")->grids[0].zero_point == 0);
}

TEST_CASE("choosing: by name, by glob, by operator type; each with its reason") {
  auto const build = [] { return conv_then([](maker& m, value_id c) { return m.op("Sigmoid", {c}); }); };
  quantize_options o;
  o.except = {"Sig*"};
  CHECK(plan_for(build(), u8s8_scheme(), o).node("Sigmoid_1").reason == "excluded by name");
  o = {};
  o.only = {"Sigmoid_1"};
  CHECK(plan_for(build(), u8s8_scheme(), o).node("Conv_0").reason == "not among the chosen nodes");
  o = {};
  o.op_types = {"Conv"};
  CHECK(plan_for(build(), u8s8_scheme(), o).node("Sigmoid_1").reason == "its operator type was not chosen");
}

TEST_CASE("a tensor without a range keeps its nodes float and is named") {
  auto const r =
      plan_for(conv_then([](maker& m, value_id c) { return m.op("Sigmoid", {c}); }), u8s8_scheme(), {}, {{"y0", {}}});
  CHECK(r.node("Sigmoid_1").fate == fate::kept);
  CHECK(r.node("Sigmoid_1").reason == "no range for tensor 'y0'");
  CHECK(r.node("Conv_0").fate == fate::quantized);
}

TEST_CASE("MaxPool stays float below opset 12") {
  maker m{"m", 11};
  auto const c = m.op("Conv", {m.input("x", {1, 3, 4, 4}), m.weight("w", {2, 3, 1, 1})});
  m.output(m.op("MaxPool", {c}, {test::ints_attribute("kernel_shape", {2, 2})}), 4);
  CHECK(plan_for(m.done(), u8s8_scheme()).node("MaxPool_1").reason == "MaxPool takes 8-bit data from opset 12");
}

TEST_CASE("A27: NaN and infinity are errors that name the tensor") {
  auto const build = [](float bad) {
    auto s = conv_then([](maker&, value_id c) { return c; });
    s.model.main[s.model.main.find("w")].initializer->data.mutable_as<float>()[1] = bad;
    return s;
  };
  for (float const bad : {NAN, INFINITY}) {
    try {
      plan_for(build(bad), u8s8_scheme());
      FAIL("accepted");
    } catch (error const& e) {
      CHECK(e.kind == error_kind::invalid);
      CHECK(e.where == "tensor 'w'");
    }
  }
  CHECK_THROWS_AS(plan_for(conv_then([](maker&, value_id c) { return c; }), u8s8_scheme(), {}, {{"x", {-INFINITY, 1}}}),
                  error);
}

TEST_CASE("A28: a bias that does not fit int32 raises the scale of its s8 weight, with a warning") {
  auto s = conv_then([](maker&, value_id c) { return c; });
  s.model.main[s.model.main.find("b")].initializer->data.mutable_as<float>()[0] = 1e9f;
  auto const r = plan_for(std::move(s), u8s8_scheme());
  CHECK(r.p.warnings.size() == 1);
  double const largest = 1e9 / (double{r.at("x")->grids[0].scale} * double{r.at("w")->grids[0].scale});
  CHECK(largest <= 2147483647.0);
}

TEST_CASE("a weight that two readers use with different channels has one grid") {
  maker m{"m"};
  auto const w = m.weight("w", {4, 4});
  auto const h = m.op("Gemm", {m.input("x", {2, 4}), w});
  m.output(m.op("Gemm", {h, w}, {test::int_attribute("transB", 1)}), 2);
  auto const r = plan_for(m.done(), scheme{u8s8.per_channel()});
  CHECK(r.at("w")->axis == no_axis);
  CHECK(r.at("w")->grids.size() == 1);
}

TEST_CASE("D11: a constant that is a weight for one reader and an addend for another is a weight") {
  maker m{"m"};
  auto const w = m.weight("w", {4, 4}), x = m.input("x", {4, 4});
  m.output(m.op("Add", {m.op("MatMul", {x, w}), w}), 2);
  CHECK(plan_for(m.done(), u8s8_scheme()).at("w")->role == role::weight);
}

TEST_CASE("B9: a Gemm bias that is no vector keeps its shape; a matrix has no int32 form per channel") {
  auto const biases = [](shape c, scheme s) {
    maker m{"m"};
    m.output(m.op("Gemm", {m.input("x", {3, 4}), m.weight("w", {4, 5}), m.weight("b", c)}), 2);
    return plan_for(m.done(), s).p.biases.size();
  };
  CHECK(biases({5}, scheme{u8s8.per_channel()}) == 1);
  CHECK(biases({1, 5}, scheme{u8s8.per_channel()}) == 1);
  CHECK(biases({3, 5}, scheme{u8s8.per_channel()}) == 0);
  CHECK(biases({}, scheme{u8s8.per_channel()}) == 0);
  CHECK(biases({3, 5}, scheme{u8s8}) == 1);
  CHECK(biases({1}, scheme{u8s8}) == 1);
}

TEST_CASE("B10: blocks need a weight of rank 2, and the error names it") {
  quantize_options o;
  o.block_size = 2;
  CHECK_THROWS_AS(plan_for(conv_then([](maker&, value_id c) { return c; }), u8s8_scheme(), o), error);
  maker m{"m"};
  m.output(m.op("MatMul", {m.input("x", {3, 5}), m.weight("w", {5, 4})}), 2);
  auto const r = plan_for(m.done(), u8s8_scheme(), o);
  CHECK(r.at("w")->axis == 0);
  CHECK(r.at("w")->grids.size() == 3 * 4);
}

TEST_CASE("B12: a Relu that a subgraph reads stays: what it reads is not on a grid") {
  maker m{"m"};
  auto const t = m.op("MatMul", {m.input("x", {2, 4}), m.weight("w", {4, 4})});
  auto const r = m.op("Relu", {t});
  graph inner;
  auto const seen = inner.add_value("r");
  inner[seen].captured = r;
  inner.outputs = {inner[inner.add_node("Identity", {seen}, {"inner_out"})].outputs[0]};
  auto const c = m.feed_input("c", tensor::scalar(true));
  auto const y = m.op("If", {c}, {{.name = "then_branch", .value = graph_box{inner}}});
  m.g().add_capture_use(r, m.g()[y].producer);
  m.output(y, 2);
  CHECK(plan_for(m.done(), u8s8_scheme()).node("Relu_1").fate == fate::quantized);
}

TEST_CASE("A9: a QGemm whose second input is computed has no scale for its bias, so it stays float") {
  maker m{"m"};
  auto const b = m.op("MatMul", {m.input("x", {4, 4}), m.weight("w", {4, 4})});
  m.output(m.op("Gemm", {m.input("a", {2, 4}), b, m.weight("c", {4})}), 2);
  quantize_options o;
  o.format = format::qoperator;
  auto const r = plan_for(m.done(), u8s8_scheme(), o);
  CHECK(r.node("Gemm_1").reason == "it has a bias, and its second input is not constant");
}

TEST_CASE("B15: two LSTMs that share their weights agree on their channels") {
  maker m{"m"};
  auto const w = m.weight("w", {1, 8, 3}), r = m.weight("r", {1, 8, 2});
  attribute const hidden{.name = "hidden_size", .value = std::int64_t{2}};
  m.output(m.op("LSTM", {m.input("x", {4, 1, 3}), w, r}, {hidden}), 4);
  m.output(m.op("LSTM", {m.input("z", {4, 1, 3}), w, r}, {hidden}), 4);
  quantize_options o;
  o.format = format::qoperator;
  auto const p = plan_for(m.done(), scheme{u8s8.per_channel()}, o, {}, mode::integer);
  CHECK(p.at("w")->grids.size() == 8);
  CHECK(p.at("r")->grids.size() == 8);
}

TEST_CASE("a constant left operand of QLinearMatMul has the type of activations: kernels have no other pair") {
  for (auto const f : {format::qdq, format::qoperator}) {
    maker m{"m"};
    m.output(m.op("MatMul", {m.weight("w", {4, 4}), m.input("x", {4, 2})}), 2);
    quantize_options o;
    o.format = f;
    CHECK(plan_for(m.done(), u8s8_scheme(), o).at("w")->type == (f == format::qdq ? element::s8 : element::u8));
  }
}

TEST_CASE("B36: an average with dilations stays float in both formats") {
  for (auto const f : {format::qdq, format::qoperator}) {
    quantize_options o;
    o.format = f;
    auto const r = plan_for(
        conv_then([](maker& m, value_id c) {
          return m.op("AveragePool", {c},
                      {test::ints_attribute("kernel_shape", {2, 2}), test::ints_attribute("dilations", {2, 1})});
        }),
        u8s8_scheme(), o);
    CHECK(r.text().find("quantized average pools have no dilations") != std::string::npos);
  }
}

TEST_CASE("B6: what moves data is quantized in both formats when forced") {
  for (auto const f : {format::qdq, format::qoperator}) {
    quantize_options o;
    o.format = f, o.force_quantize_no_input_check = true;
    auto const r = plan_for(conv_then([](maker& m, value_id c) {
                              return m.op("MaxPool", {c}, {test::ints_attribute("kernel_shape", {2, 2})});
                            }),
                            u8s8_scheme(), o);
    CHECK(r.node("MaxPool_1").fate == fate::quantized);
  }
}

TEST_CASE("B38, B40: an operator whose output, or whose provider, has no range stays float") {
  maker m{"m"};
  m.output(m.op("Softmax", {m.op("MatMul", {m.input("x", {2, 4}), m.weight("w", {4, 4})})}), 2);
  quantize_options o;
  o.format = format::qoperator;
  o.quantize_sensitive = true;
  auto const r = plan_for(m.done(), scheme{s8s8}, o, {{"y0", {}}});
  CHECK(r.at("y0")->grids[0].zero_point == -128);  // [0, 1] needs no observation
  maker k{"k"};
  k.output(k.op("Relu", {k.op("Transpose", {k.input("x", {2, 4})})}), 2);
  auto const none = plan_for(k.done(), u8s8_scheme(), {}, {{"x", {}}, {"t0", {}}});
  CHECK(none.p.tensors.empty());
}

namespace {
/// x / √(m + 1): what a normalization does with the variance m.
test::planned divided(float least, float most, mode how = mode::static_ranges) {
  maker m{"m"};
  auto const x = m.input("x", {2, 4});
  auto const variance = m.op("Add", {m.input("v", {2, 1}), m.weight("one", {1}, 1, 1)});
  m.output(m.op("MatMul", {m.op("Div", {x, m.op("Sqrt", {variance})}), m.weight("w", {4, 4})}), 2);
  return plan_for(m.done(), u8s8_scheme(), {}, {{"t0", {least, most}}}, how);
}
}  // namespace

TEST_CASE("a divisor stays float where its smallest value would become zero") {
  // steps of 255 / 255 = 1: half a step rounds to zero, a little more does not
  auto const lost = divided(0.5f, 255);
  CHECK(lost.node("Add_0").fate == fate::kept);
  CHECK(lost.node("Add_0").reason.find("smallest value 0.5 would become 0") != std::string::npos);
  CHECK(lost.at("t0") == nullptr);
  CHECK(divided(0.51f, 255).node("Add_0").fate == fate::quantized);
  CHECK(divided(0, 255).node("Add_0").fate == fate::quantized);  // zero is among the data: the model says what it means
  auto const unknown = divided(0.51f, 255, mode::dynamic);       // whatever a calibration might have found
  CHECK(unknown.node("Add_0").fate == fate::kept);
  CHECK(unknown.node("Add_0").reason.find("at run time") != std::string::npos);
}
