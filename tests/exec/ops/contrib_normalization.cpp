// Gelu's, skip connections and embeddings of com.microsoft.
#include <octet/exec/ops/contrib_normalization.hpp>

#include "run_one.hpp"

using namespace octet;
using namespace octet::test;

namespace {
auto const& table = contrib_normalization_operators;
std::vector<attribute> const plain{{.name = "epsilon", .value = 0.f}};
}  // namespace

TEST_CASE("Gelu's, with and without a bias") {
  auto const gelu = [](double x) { return static_cast<float>(x / 2 * (1 + std::erf(x / std::sqrt(2.0)))); };
  CHECK(difference(run({.table = table, .op = "Gelu", .opset = 1, .inputs = {floats_of({2}, {1, -2})}})[0],
                   {gelu(1), gelu(-2)}) < 1e-6);
  CHECK(difference(run({.table = table,
                        .op = "BiasGelu",
                        .opset = 1,
                        .inputs = {floats_of({1, 2}, {1, -2}), floats_of({2}, {1, 1})}})[0],
                   {gelu(2), gelu(-1)}) < 1e-6);
  CHECK(difference(run({.table = table, .op = "QuickGelu", .opset = 1, .inputs = {floats_of({1}, {1})}})[0],
                   {static_cast<float>(1 / (1 + std::exp(-1.702)))}) < 1e-6);
  CHECK(difference(run({.table = table, .op = "FastGelu", .opset = 1, .inputs = {floats_of({1}, {1})}})[0],
                   {static_cast<float>(0.5 * (1 + std::tanh(0.7978845608 * 1.044715)))}) < 1e-6);
}

TEST_CASE("a skip connection is added before the normalization, and returned") {
  auto const y = run({.table = table,
                      .op = "SkipLayerNormalization",
                      .opset = 1,
                      .inputs = {floats_of({1, 1, 2}, {1, 2}), floats_of({1, 2}, {0, 1}), floats_of({2}, {1, 2}),
                                 floats_of({2}, {0, 5}), floats_of({2}, {0, 1})},
                      .attributes = plain,
                      .outputs = 4});
  CHECK(values<float>(y[3]) == std::vector<float>{1, 4});
  CHECK(difference(y[0], {-1, 7}) < 1e-6);
  CHECK(difference(y[1], {2.5f}) < 1e-6);
  auto const s = run({.table = table,
                      .op = "SkipSimplifiedLayerNormalization",
                      .opset = 1,
                      .inputs = {floats_of({1, 1, 2}, {1, 3}), floats_of({1, 1, 2}, {2, 1}), floats_of({2}, {1, 1})},
                      .attributes = plain});
  CHECK(difference(s[0], {3 / std::sqrt(12.5f), 4 / std::sqrt(12.5f)}) < 1e-6);
  CHECK(failure({.table = table,
                 .op = "SkipLayerNormalization",
                 .opset = 1,
                 .inputs = {floats_of({1, 1, 2}, {1, 2}), floats_of({3}, {0, 1, 2}), floats_of({2}, {1, 2})}}) ==
        error_kind::invalid);
}

TEST_CASE("embeddings: words, positions, segments; the mask is counted") {
  auto const ids = tensor::of<std::int32_t>({1, 2}, {1, 0}), mask = tensor::of<std::int32_t>({1, 2}, {1, 2});
  auto const word = floats_of({2, 2}, {0, 1, 4, 8}), place = floats_of({3, 2}, {1, 0, 0, 0, 9, 9}),
             segment = floats_of({1, 2}, {0, 1}), gamma = floats_of({2}, {1, 1}), beta = floats_of({2}, {0, 0});
  auto const y =
      run({.table = table,
           .op = "EmbedLayerNormalization",
           .opset = 1,
           .inputs = {ids, tensor::of<std::int32_t>({1, 2}, {0, 0}), word, place, segment, gamma, beta, mask},
           .outputs = 3});
  CHECK(values<float>(y[2]) == std::vector<float>{5, 9, 0, 2});
  CHECK(difference(y[0], {-1, 1, -1, 1}) < 1e-5);
  CHECK(values<std::int32_t>(y[1]) == std::vector<std::int32_t>{1});
  CHECK(failure({.table = table,
                 .op = "EmbedLayerNormalization",
                 .opset = 1,
                 .inputs = {tensor::of<std::int32_t>({1, 1}, {2}), {}, word, place, {}, gamma, beta},
                 .outputs = 2}) == error_kind::runtime);
  auto const q = [](std::vector<std::uint8_t> const& v, shape dims) {
    return tensor::of<std::uint8_t>(std::move(dims), v);
  };
  auto const one = tensor::scalar(1.f);
  auto const z = tensor::scalar(std::uint8_t{0});
  auto const quantized = run({.table = table,
                              .op = "QEmbedLayerNormalization",
                              .opset = 1,
                              .inputs = {ids,
                                         {},
                                         q({0, 1, 4, 8}, {2, 2}),
                                         q({1, 0, 0, 0}, {2, 2}),
                                         {},
                                         q({1, 1}, {2}),
                                         q({0, 2}, {2}),
                                         {},
                                         one,
                                         one,
                                         {},
                                         one,
                                         one,
                                         z,
                                         z,
                                         {},
                                         z,
                                         z},
                              .outputs = 2});
  CHECK(difference(quantized[0], {-1, 3, -1, 3}) < 1e-5);
}

TEST_CASE("GroupNorm: channels last or first, with a sigmoid-weighted end") {
  // two groups of two channels, two pixels; each group's mean and deviation are 2 and 1, 10 and 5
  std::vector<float> const first{1, 3, 3, 1, 5, 15, 15, 5}, last{1, 3, 5, 15, 3, 1, 15, 5};
  auto const gamma = floats_of({4}, {1, 2, 1, 1}), beta = floats_of({4}, {0, 0, 10, 0});
  std::vector<float> const want{-1, 1, 2, -2, 9, 11, 1, -1};
  auto const norm = [&](tensor x, std::int64_t at_end, std::int64_t activation) {
    return run({.table = table,
                .op = "GroupNorm",
                .opset = 1,
                .inputs = {std::move(x), gamma, beta},
                .attributes = {{.name = "groups", .value = std::int64_t{2}},
                               {.name = "channels_last", .value = at_end},
                               {.name = "activation", .value = activation}}})[0];
  };
  CHECK(difference(norm(floats_of({1, 4, 1, 2}, first), 0, 0), want) < 1e-4);
  CHECK(difference(norm(floats_of({1, 1, 2, 4}, last), 1, 0), {-1, 2, 9, 1, 1, -2, 11, -1}) < 1e-4);
  auto silu = want;
  for (auto& v : silu) v = v / (1 + std::exp(-v));
  CHECK(difference(norm(floats_of({1, 4, 1, 2}, first), 0, 1), silu) < 1e-4);
}
