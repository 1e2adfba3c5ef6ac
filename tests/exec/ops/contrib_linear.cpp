// Products of com.microsoft against arithmetic in the test.
#include <octet/exec/ops/contrib_linear.hpp>

#include "run_one.hpp"

using namespace octet;
using namespace octet::test;

namespace {
auto const& table = contrib_linear_operators;
tensor a() { return tensor::of<std::uint8_t>({2, 2}, {5, 6, 7, 8}); }
tensor b() { return tensor::of<std::int8_t>({2, 2}, {1, 2, 3, 4}); }
}  // namespace

TEST_CASE("QGemm: int32 bias, float or quantized output, transposed operands") {
  // (a − 5)·b = [3 4; 11 16]
  auto const s = tensor::scalar(0.5f), za = tensor::scalar(std::uint8_t{5}), zb = tensor::scalar(std::int8_t{0});
  auto const c = tensor::of<std::int32_t>({2}, {1, -4});
  auto const f = run({.table = table,
                      .op = "QGemm",
                      .opset = 1,
                      .inputs = {a(), s, za, b(), floats_of({2}, {1, 2}), tensor::of<std::int8_t>({2}, {0, 0}), c},
                      .attributes = {{.name = "alpha", .value = 2.f}}})[0];
  CHECK(values<float>(f) == std::vector<float>{4, 0, 12, 24});
  auto const q = run({.table = table,
                      .op = "QGemm",
                      .opset = 1,
                      .inputs = {a(), s, za, b(), s, zb, c, tensor::scalar(0.5f), tensor::scalar(std::uint8_t{3})},
                      .constants = false})[0];
  CHECK(values<std::uint8_t>(q) == std::vector<std::uint8_t>{5, 3, 9, 9});
  auto const turned = run(
      {.table = table,
       .op = "QGemm",
       .opset = 1,
       .inputs = {tensor::of<std::uint8_t>({2, 2}, {5, 7, 6, 8}), s, za, tensor::of<std::int8_t>({2, 2}, {1, 3, 2, 4}),
                  s, zb},
       .attributes = {{.name = "transA", .value = std::int64_t{1}}, {.name = "transB", .value = std::int64_t{1}}}})[0];
  CHECK(values<float>(turned) == std::vector<float>{0.75f, 1, 2.75f, 4});
}

TEST_CASE("MatMulIntegerToFloat and DynamicQuantizeMatMul") {
  auto const y = run({.table = table,
                      .op = "MatMulIntegerToFloat",
                      .opset = 1,
                      .inputs = {a(),
                                 b(),
                                 tensor::scalar(0.5f),
                                 floats_of({2}, {1, 2}),
                                 tensor::scalar(std::uint8_t{5}),
                                 {},
                                 floats_of({2}, {10, 20})}})[0];
  CHECK(values<float>(y) == std::vector<float>{11.5f, 24, 15.5f, 36});
  auto const d = run({.table = table,
                      .op = "DynamicQuantizeMatMul",
                      .opset = 1,
                      .inputs = {floats_of({1, 2}, {0, 255}), b(), tensor::scalar(1.f)}})[0];
  CHECK(values<float>(d) == std::vector<float>{765, 1020});
}

TEST_CASE("FusedMatMul, FusedGemm, FusedConv") {
  auto const x = floats_of({2, 2}, {1, 2, 3, 4});
  CHECK(values<float>(
            run({.table = table,
                 .op = "FusedMatMul",
                 .opset = 1,
                 .inputs = {x, x},
                 .attributes = {{.name = "alpha", .value = 2.f}, {.name = "transB", .value = std::int64_t{1}}}})[0]) ==
        std::vector<float>{10, 22, 22, 50});
  CHECK(values<float>(run({.table = table,
                           .op = "FusedGemm",
                           .opset = 1,
                           .inputs = {x, x, floats_of({2}, {-10, 0})},
                           .attributes = {{.name = "activation", .value = std::string{"Relu"}}}})[0]) ==
        std::vector<float>{0, 10, 5, 22});
  auto const image = floats_of({1, 1, 1, 2}, {1, -2}), one = floats_of({1, 1, 1, 1}, {1});
  CHECK(values<float>(run({.table = table,
                           .op = "FusedConv",
                           .opset = 1,
                           .inputs = {image, one, {}, image},
                           .attributes = {{.name = "activation", .value = std::string{"LeakyRelu"}},
                                          {.name = "activation_params", .value = std::vector<float>{0.5f}}}})[0]) ==
        std::vector<float>{2, -2});
}

TEST_CASE("MatMulNBits: low bits first, blocks, zero points in the middle unless given") {
  auto const x = floats_of({1, 4}, {1, 1, 1, 1});
  std::vector<attribute> const form{{.name = "K", .value = std::int64_t{4}},
                                    {.name = "N", .value = std::int64_t{1}},
                                    {.name = "bits", .value = std::int64_t{4}},
                                    {.name = "block_size", .value = std::int64_t{2}}};
  auto const w = tensor::of<std::uint8_t>({1, 2, 1}, {0x98, 0x7a});  // 8 9, 10 7
  for (bool constants : {false, true}) {
    CHECK(values<float>(run({.table = table,
                             .op = "MatMulNBits",
                             .opset = 1,
                             .inputs = {x, w, floats_of({1, 2}, {1, 10})},
                             .attributes = form,
                             .constants = constants})[0]) == std::vector<float>{0 + 1 + 10 * (2 - 1)});
    CHECK(values<float>(run({.table = table,
                             .op = "MatMulNBits",
                             .opset = 1,
                             .inputs = {x, w, floats_of({1, 2}, {1, 10}), tensor::of<std::uint8_t>({1, 1}, {0x70})},
                             .attributes = form,
                             .constants = constants})[0]) == std::vector<float>{8 + 9 + 10 * 3});
  }
  CHECK(failure({.table = table,
                 .op = "MatMulNBits",
                 .opset = 1,
                 .inputs = {x, w, floats_of({1}, {1})},
                 .attributes = form}) == error_kind::invalid);
}
