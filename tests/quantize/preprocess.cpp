#include <doctest/doctest.h>

#include <octet/quantize/preprocess.hpp>
#include <support/builder.hpp>

using namespace octet;
using namespace octet::ops;
using support::builder;
using support::floats;
using support::noise;
using support::positive_noise;
using list = std::vector<std::int64_t>;

namespace {
builder unfused() {
  builder g{9};
  auto const x = g.input("x", {"n", 2, 8, 8});
  auto const w =
      g(Transpose, {g(Constant, {}, {{"value", noise({2, 4, 3, 3})}})}, {{"perm", list{1, 0, 2, 3}}}, "weight");
  auto const c = g(Conv, {g(Identity, {x}), w}, {{"pads", list{1, 1, 1, 1}}}, "conv");
  auto const b =
      g(BatchNormalization, {c, noise({4}, 2), noise({4}, 3), noise({4}, 4), positive_noise({4}, 5)}, {}, "bn");
  auto const r = g(Clip,
                   {
                       g(Relu, {b}),
                   },
                   {{"min", 0.0}, {"max", 6.0}}, "act");
  auto const s =
      g(Reshape,
        {r, g(Concat, {g(Slice, {g(Shape, {r})}, {{"starts", list{0}}, {"ends", list{1}}}), support::ints({-1})},
              {{"axis", 0}})},
        {}, "flat");
  g.output(g(Dropout, {g(MatMul, {s, noise({256, 3}, 6)}, {}, "logits")}, {}, "y"), {"n", 3});
  return g;
}
}  // namespace

TEST_CASE("an old, unfused model becomes what a quantizer wants to see") {
  auto g = unfused();
  auto const r = preprocess(g.m);
  CHECK(g.ops() == "Conv Clip Reshape MatMul");
  CHECK(g.m.opset_version() == 11);
  CHECK(r.opset_before == 9);
  CHECK(r.modified());
  CHECK(r.log.applied("batch-norm-into-conv") == 1);
  CHECK(r.folded > 0);
  CHECK(g.m.main[g.m.main.outputs[0]].name == "y");
  REQUIRE(g.m.main.find("act") != value_id::none);
  CHECK(text(*g.m.main[g.m.main.find("act")].type) == "FLOAT[n,4,8,8]");
  CHECK(g.m.main.find("weight") != value_id::none);  // folded twice, and still the weight
  bool described = false;
  for (auto const v : g.m.main.described) described = described || g.m.main[v].name == "act";
  CHECK(described);
  CHECK(g.m.metadata == std::vector<property>{{"onnx.quant.pre_process", "onnxruntime.quant"}});
  auto const again = preprocess(g.m);
  CHECK_FALSE(again.modified());
  CHECK(g.m.metadata.size() == 1);
}

TEST_CASE("stages and rules can be switched off") {
  auto g = unfused();
  auto const r = preprocess(g.m, {.optimize = false, .mark = false});
  CHECK(r.log.steps.empty());
  CHECK(g.m.metadata.empty());
  CHECK(g.ops().find("BatchNormalization") != std::string::npos);
  auto h = unfused();
  preprocess(h.m, {.except = {"batch-norm-into-conv", "dropout"}});
  CHECK(h.ops() == "Conv BatchNormalization Clip Reshape MatMul Dropout");
}

TEST_CASE("a spelt-out layer normalization raises the opset, unless that is not wanted") {
  auto const make = [] {
    builder g{13};
    auto const x = g.input("x", {2, 8});
    auto const d = g(Sub, {x, g(ReduceMean, {x}, {{"axes", list{-1}}})});
    auto const n = g(Div, {d, g(Sqrt, {g(Add, {g(ReduceMean, {g(Pow, {d, 2.0})}, {{"axes", list{-1}}}), 1e-5})})});
    g.output(g(Add, {g(Mul, {n, floats({8}, std::vector<float>(8, 1))}), floats({8}, std::vector<float>(8, 0))}));
    return g;
  };
  auto g = make();
  preprocess(g.m);
  CHECK(g.ops() == "LayerNormalization");
  CHECK(g.m.opset_version() == 17);
  auto h = make();
  preprocess(h.m, {.raise_opset = false});
  CHECK(h.m.opset_version() == 13);
  CHECK(h.ops().find("Sqrt") != std::string::npos);
}

TEST_CASE("a rule that does not exist cannot be switched off") {
  auto g = unfused();
  CHECK_THROWS_WITH_AS(preprocess(g.m, {.except = {"identity", "identitty"}}),
                       "no rule or pass of preprocessing is called 'identitty'", error);
}

TEST_CASE("without optimization only the fusions that were asked for happen") {
  auto const make = [] {
    builder g{17};
    auto const x = g(Identity, {g.input("x", {2, 8})});
    auto const d = g(Sub, {x, g(ReduceMean, {x}, {{"axes", list{-1}}})});
    auto const n = g(Div, {d, g(Sqrt, {g(Add, {g(ReduceMean, {g(Pow, {d, 2.0})}, {{"axes", list{-1}}}), 1e-5})})});
    auto const y = g(Add, {g(Mul, {n, noise({8})}), noise({8}, 2)});
    auto const e = g(Add, {g(Erf, {g(Div, {y, 1.4142135623730951})}), 1.0});
    g.output(g(Mul, {g(Mul, {y, e}), 0.5}));
    return g;
  };
  auto g = make();
  CHECK_FALSE(preprocess(g.m, {.optimize = false}).modified());
  auto h = make();
  preprocess(h.m, {.optimize = false, .layer_norm = true});
  CHECK(h.ops() == "Identity LayerNormalization Div Erf Add Mul Mul");
  auto k = make();
  preprocess(k.m, {.optimize = false, .layer_norm = true, .gelu = true});
  CHECK(k.ops() == "Identity LayerNormalization Gelu");
}

TEST_CASE("an If whose condition becomes constant is its branch") {
  builder g{17};
  auto const x = g.input("x", {2, 3});
  auto const rank = g(Size, {g(Shape, {x})});
  tensor two{element::s64, {}};
  two.mutable_as<std::int64_t>()[0] = 2;
  graph then, otherwise;
  for (auto* branch : {&then, &otherwise}) {
    auto const seen = branch->add_value("x");
    (*branch)[seen].captured = x;
    auto const n = branch->add_node(branch == &then ? "Neg" : "Abs", {seen}, {"r"});
    branch->outputs.push_back((*branch)[n].outputs[0]);
  }
  auto const y = g(If, {g(Equal, {rank, two})}, {{"then_branch", then}, {"else_branch", otherwise}}, "y");
  g.m.main.add_capture_use(x, g.m.main[y].producer);
  g.output(y);
  preprocess(g.m, {.check = self_check{}});
  CHECK(g.ops() == "Neg");
  CHECK(g.m.main[g.m.main.outputs[0]].name == "y");
}
