// MatMul and Gemm: shapes, batches, types, scaling.
#include <octet/exec/ops/linear.hpp>

#include "run_one.hpp"

using namespace octet;
using namespace octet::test;

namespace {
tensor counting(shape dims) {
  std::vector<float> v(static_cast<std::size_t>(dims.size()));
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<float>(i % 7) - 3;
  return floats_of(std::move(dims), v);
}
tensor product(tensor a, tensor b, bool constants = false) {
  return run(
      {.table = linear_operators, .op = "MatMul", .inputs = {std::move(a), std::move(b)}, .constants = constants})[0];
}
}  // namespace

TEST_CASE("ranks and broadcasting of MatMul follow numpy") {
  CHECK(product(counting({3}), counting({3})).dims() == shape{});
  CHECK(product(counting({3}), counting({3, 2})).dims() == shape{2});
  CHECK(product(counting({4, 3}), counting({3})).dims() == shape{4});
  CHECK(product(counting({2, 1, 4, 3}), counting({5, 3, 2})).dims() == shape{2, 5, 4, 2});
  CHECK(product(counting({0, 3}), counting({3, 2})).dims() == shape{0, 2});
  CHECK(values<float>(product(counting({2, 0}), counting({0, 2}))) == std::vector<float>(4, 0.f));
}

TEST_CASE("every product of a batch is the one of its matrices") {
  auto const a = counting({2, 3, 4, 5}), b = counting({3, 5, 6});
  auto const y = values<float>(product(a, b));
  auto const x = values<float>(a), w = values<float>(b);
  for (std::size_t n = 0; n < 6; ++n)
    for (std::size_t i = 0; i < 4; ++i)
      for (std::size_t j = 0; j < 6; ++j) {
        float sum = 0;
        for (std::size_t k = 0; k < 5; ++k) sum += x[(n * 4 + i) * 5 + k] * w[(n % 3 * 5 + k) * 6 + j];
        REQUIRE(y[(n * 4 + i) * 6 + j] == sum);
      }
  CHECK(values<float>(product(counting({2, 4, 5}), counting({5, 6}), true)) ==
        values<float>(product(counting({2, 4, 5}), counting({5, 6}))));
}

TEST_CASE("integers wrap, double stays double") {
  auto const big = tensor::of<std::int32_t>({1, 2}, {2000000000, 2000000000});
  CHECK(product(big, tensor::of<std::int32_t>({2, 1}, {1, 1})).as<std::int32_t>()[0] ==
        static_cast<std::int32_t>(4000000000u));
  CHECK(product(tensor::of<double>({1, 1}, {0.1}), tensor::of<double>({1, 1}, {3})).as<double>()[0] == 0.1 * 3);
}

TEST_CASE("what does not fit is refused") {
  CHECK(failure({.table = linear_operators, .op = "MatMul", .inputs = {counting({2, 3}), counting({4, 2})}}) ==
        error_kind::invalid);
  CHECK(failure({.table = linear_operators, .op = "MatMul", .inputs = {counting({2, 2, 3}), counting({3, 3, 2})}}) ==
        error_kind::invalid);
  CHECK(failure({.table = linear_operators, .op = "MatMul", .inputs = {tensor::scalar(1.f), counting({1, 2})}}) ==
        error_kind::invalid);
  CHECK(failure({.table = linear_operators,
                 .op = "MatMul",
                 .inputs = {tensor::of<std::int8_t>({1, 1}, {1}), tensor::of<std::int8_t>({1, 1}, {1})}}) ==
        error_kind::unsupported);
}

TEST_CASE("Gemm: alpha · A'B' + beta · C, transposed or not, constant or not") {
  auto const a = counting({2, 3}), b = counting({3, 2}), at = floats_of({3, 2}, {-3, 0, -2, 1, -1, 2}),
             bt = floats_of({2, 3}, {-3, -1, 1, -2, 0, 2});
  // A·B = [[-3·-3 + -2·-1 + -1·1, -3·-2 + 0 + -1·2], [0·-3 + 1·-1 + 2·1, 0 + 0 + 4]]
  std::vector<float> const plain{10, 4, 1, 4};
  for (bool constants : {false, true})
    for (int form = 0; form < 4; ++form) {
      auto const y = run({.table = linear_operators,
                          .op = "Gemm",
                          .inputs = {form & 1 ? at : a, form & 2 ? bt : b, floats_of({2}, {5, 10})},
                          .attributes = {{.name = "alpha", .value = 2.f},
                                         {.name = "beta", .value = 2.f},
                                         {.name = "transA", .value = std::int64_t{form & 1}},
                                         {.name = "transB", .value = std::int64_t{(form >> 1) & 1}}},
                          .constants = constants})[0];
      CHECK(values<float>(y) ==
            std::vector<float>{2 * plain[0] + 10, 2 * plain[1] + 20, 2 * plain[2] + 10, 2 * plain[3] + 20});
    }
  auto const with = [&](tensor c) {
    return values<float>(run({.table = linear_operators, .op = "Gemm", .inputs = {a, b, std::move(c)}})[0]);
  };
  CHECK(with(floats_of({2, 1}, {100, 200})) == std::vector<float>{110, 104, 201, 204});
  CHECK(with(tensor::scalar(1.f)) == std::vector<float>{11, 5, 2, 5});
  CHECK(with(floats_of({2}, {1, 2})) == std::vector<float>{11, 6, 2, 6});
  CHECK(with({}) == plain);
  CHECK(failure({.table = linear_operators, .op = "Gemm", .inputs = {a, b, floats_of({3}, {1, 2, 3})}}) ==
        error_kind::invalid);
}
