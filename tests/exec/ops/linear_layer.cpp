// A product, its bias and its end as one step.
#include <octet/exec/ops/linear_layer.hpp>

#include "run_one.hpp"

using namespace octet;
using namespace octet::test;

namespace {
one layer(tensor x, std::vector<attribute> attributes = {}, shape w = {2, 3}) {
  one o{.table = linear_layer_operators, .op = "Linear", .attributes = std::move(attributes), .constants = true};
  o.inputs = {std::move(x), floats_of(w, {1, 2, 3, -4, 5, -6}), floats_of({3}, {0.5f, 0, -0.5f})};
  return o;
}
}  // namespace

TEST_CASE("X·W + B by hand, for every rank of X") {
  // (1, 2)·W = (1 − 8, 2 + 10, 3 − 12), (0, 1)·W = (−4, 5, −6)
  std::vector<float> const first{-6.5f, 12, -9.5f}, second{-3.5f, 5, -6.5f};
  std::vector<float> both = first;
  both.insert(both.end(), second.begin(), second.end());
  CHECK(values<float>(run(layer(floats_of({2}, {1, 2})))[0]) == first);
  CHECK(run(layer(floats_of({2}, {1, 2})))[0].dims() == shape{3});
  CHECK(values<float>(run(layer(floats_of({2, 2}, {1, 2, 0, 1})))[0]) == both);
  auto const y = run(layer(floats_of({2, 1, 1, 2}, {1, 2, 0, 1})))[0];
  CHECK(y.dims() == shape{2, 1, 1, 3});
  CHECK(values<float>(y) == both);
  CHECK(run(layer(floats_of({0, 5, 2}, {})))[0].dims() == shape{0, 5, 3});
}

TEST_CASE("transposed weights, limits, an activation") {
  std::vector<attribute> const turned{{.name = "transB", .value = std::int64_t{1}}};
  // rows of W are (1, 2), (3, −4), (5, −6): (1, 2)·Wᵀ = (5, −5, −7)
  CHECK(values<float>(run(layer(floats_of({1, 2}, {1, 2}), turned, {3, 2}))[0]) == std::vector<float>{5.5f, -5, -7.5f});
  CHECK(values<float>(
            run(layer(floats_of({2}, {1, 2}), {{.name = "low", .value = -7.f}, {.name = "high", .value = 10.f}}))[0]) ==
        std::vector<float>{-6.5f, 10, -7});
  auto const y = run(layer(floats_of({2}, {1, 2}), {{.name = "activation", .value = std::string{"LeakyRelu"}},
                                                    {.name = "activation_domain", .value = std::string{}},
                                                    {.name = "alpha", .value = 0.5f}}))[0];
  CHECK(values<float>(y) == std::vector<float>{-3.25f, 12, -4.75f});
}

TEST_CASE("what does not fit is refused") {
  CHECK(failure(layer(floats_of({3}, {1, 2, 3}))) == error_kind::invalid);
  CHECK(failure(layer(tensor::of<double>({2}, {1, 2}))) == error_kind::invalid);
  CHECK(failure(layer(floats_of({1, 1, 2}, {1, 2}), {{.name = "matrix", .value = std::int64_t{1}}})) ==
        error_kind::invalid);
}
