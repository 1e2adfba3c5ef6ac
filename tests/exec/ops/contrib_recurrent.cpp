// DynamicQuantizeLSTM: its own quantization, then the float cell.
#include <octet/exec/ops/contrib_recurrent.hpp>

#include "run_one.hpp"

using namespace octet;
using namespace octet::test;

TEST_CASE("one step from rest: X on its dynamic grid, R has no part") {
  auto const x = floats_of({1, 1, 2}, {0, 2.55f});  // codes 0 and 255 of scale 0.01
  auto const w = tensor::of<std::int8_t>({1, 2, 4}, {9, 9, 9, 9, 10, 20, 30, 40}),
             r = tensor::of<std::int8_t>({1, 1, 4}, {1, 2, 3, 4});
  auto const s = floats_of({1}, {0.02f});
  auto const z = tensor::of<std::int8_t>({1}, {0});
  for (bool constants : {false, true}) {
    auto const y = run({.table = contrib_recurrent_operators,
                        .op = "DynamicQuantizeLSTM",
                        .opset = 1,
                        .inputs = {x, w, r, {}, {}, {}, {}, {}, s, z, s, z},
                        .attributes = {{.name = "hidden_size", .value = std::int64_t{1}}},
                        .outputs = 3,
                        .constants = constants});
    auto const g = [](double weight) { return 2.55 * 0.02 * weight; };
    auto const sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
    double const c = sigmoid(g(10)) * std::tanh(g(40));
    CHECK(difference(y[2], {static_cast<float>(c)}) < 1e-5);
    CHECK(difference(y[0], {static_cast<float>(sigmoid(g(20)) * std::tanh(c))}) < 1e-5);
  }
}

TEST_CASE("weights that do not fit are refused") {
  auto const x = floats_of({1, 1, 2}, {0, 1});
  auto const s = floats_of({1}, {0.02f});
  auto const z = tensor::of<std::int8_t>({1}, {0});
  auto const w = tensor::of<std::int8_t>({1, 3, 4}, std::vector<std::int8_t>(12)),
             r = tensor::of<std::int8_t>({1, 1, 4}, {1, 2, 3, 4});
  CHECK(failure({.table = contrib_recurrent_operators,
                 .op = "DynamicQuantizeLSTM",
                 .opset = 1,
                 .inputs = {x, w, r, {}, {}, {}, {}, {}, s, z, s, z}}) == error_kind::invalid);
  CHECK(failure({.table = contrib_recurrent_operators, .op = "DynamicQuantizeLSTM", .opset = 1, .inputs = {x, w, r}}) ==
        error_kind::invalid);
}
