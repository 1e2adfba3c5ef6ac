#include <octet/ops/catalogue.hpp>

#include <doctest/doctest.h>

using namespace octet;

TEST_CASE("an operator is found by name and domain") {
  for (auto const& t : catalogue) {
    node const n{.op = std::string{t.op}, .domain = std::string{t.domain}};
    CHECK(find_traits(catalogue, n) == &t);
    node const elsewhere{.op = std::string{t.op}, .domain = "some.other.domain"};
    CHECK(find_traits(catalogue, elsewhere) == nullptr);
  }
  CHECK(find_traits(catalogue, node{.op = "Tanh"}) == nullptr);
  CHECK(find_traits(catalogue, node{.op = "Conv", .domain = "ai.onnx"}) != nullptr);
}

TEST_CASE("B16: ai.onnx Attention is not the one of com.microsoft") {
  CHECK(find_traits(catalogue, node{.op = "Attention"}) == nullptr);
  CHECK(find_traits(catalogue, node{.op = "Attention", .domain = "com.microsoft"}) != nullptr);
}

TEST_CASE("users pass a longer array") {
  auto mine = std::vector<op_traits>(catalogue.begin(), catalogue.end());
  mine.push_back({.op = "Zed", .domain = "mine", .inputs = {role::activation}});
  CHECK(find_traits(mine, node{.op = "Zed", .domain = "mine"}) == &mine.back());
}

TEST_CASE("the operators of the reference's three registries are all here") {
  // registry.py of ONNX Runtime 1.32: the union of IntegerOps, QLinearOps and QDQ
  for (std::string const op : {"Add",
                               "ArgMax",
                               "AveragePool",
                               "BatchNormalization",
                               "Clip",
                               "Concat",
                               "Conv",
                               "ConvTranspose",
                               "CumSum",
                               "Flatten",
                               "Gather",
                               "GatherElements",
                               "Gemm",
                               "GlobalAveragePool",
                               "InstanceNormalization",
                               "LSTM",
                               "LayerNormalization",
                               "LeakyRelu",
                               "MatMul",
                               "MaxPool",
                               "Mul",
                               "Pad",
                               "Relu",
                               "Reshape",
                               "Resize",
                               "Sigmoid",
                               "Slice",
                               "Softmax",
                               "Split",
                               "Squeeze",
                               "TopK",
                               "Transpose",
                               "Unsqueeze",
                               "Where"})
    CHECK_MESSAGE(find_traits(catalogue, node{.op = op}) != nullptr, op);
  for (std::string const op : {"Attention", "EmbedLayerNormalization"})
    CHECK_MESSAGE(find_traits(catalogue, node{.op = op, .domain = "com.microsoft"}) != nullptr, op);
}
