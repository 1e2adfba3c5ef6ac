// MatMulInteger and QLinearMatMul against integer arithmetic.
#include <octet/exec/ops/integer.hpp>

#include <random>

#include "run_one.hpp"

using namespace octet;
using namespace octet::test;

namespace {
template <class T>
tensor bytes(shape dims, unsigned seed) {
  std::mt19937 random{seed};
  std::vector<T> v(static_cast<std::size_t>(dims.size()));
  for (auto& x : v) x = static_cast<T>(random());
  return tensor::of<T>(std::move(dims), v);
}

template <class A, class B>
std::vector<std::int32_t> definition(tensor const& a, tensor const& b, std::vector<int> const& za,
                                     std::vector<int> const& zb, std::size_t m, std::size_t k, std::size_t n) {
  std::vector<std::int32_t> y;
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      std::int32_t sum = 0;
      for (std::size_t x = 0; x < k; ++x)
        sum += (int(a.as<A>()[i * k + x]) - za[za.size() == 1 ? 0 : i]) *
               (int(b.as<B>()[x * n + j]) - zb[zb.size() == 1 ? 0 : j]);
      y.push_back(sum);
    }
  return y;
}

template <class A, class B>
void check_types() {
  auto const a = bytes<A>({5, 33}, 1), b = bytes<B>({33, 6}, 2);
  for (bool constants : {false, true}) {
    auto const plain =
        run({.table = integer_operators, .op = "MatMulInteger", .inputs = {a, b}, .constants = constants})[0];
    CHECK(values<std::int32_t>(plain) == definition<A, B>(a, b, {0}, {0}, 5, 33, 6));
    auto const zeros = run({.table = integer_operators,
                            .op = "MatMulInteger",
                            .inputs = {a, b, tensor::scalar(A(7)), tensor::of<B>({6}, {0, 1, 2, 3, 100, 5})},
                            .constants = constants})[0];
    CHECK(values<std::int32_t>(zeros) == definition<A, B>(a, b, {7}, {0, 1, 2, 3, 100, 5}, 5, 33, 6));
    auto const rows = run({.table = integer_operators,
                           .op = "MatMulInteger",
                           .inputs = {a, b, tensor::of<A>({5}, {1, 2, 3, 4, 5}), tensor::scalar(B(3))},
                           .constants = constants})[0];
    CHECK(values<std::int32_t>(rows) == definition<A, B>(a, b, {1, 2, 3, 4, 5}, {3}, 5, 33, 6));
  }
}
}  // namespace

TEST_CASE("MatMulInteger is exact for all pairs of types and kinds of zero points") {
  check_types<std::uint8_t, std::int8_t>();
  check_types<std::uint8_t, std::uint8_t>();
  check_types<std::int8_t, std::int8_t>();
  check_types<std::int8_t, std::uint8_t>();
}

TEST_CASE("batches on both sides") {
  auto const a = bytes<std::uint8_t>({2, 3, 4}, 3), b = bytes<std::int8_t>({2, 4, 5}, 4);
  auto const y = values<std::int32_t>(run({.table = integer_operators, .op = "MatMulInteger", .inputs = {a, b}})[0]);
  for (std::size_t n = 0; n < 2; ++n)
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j < 5; ++j) {
        std::int32_t sum = 0;
        for (std::size_t k = 0; k < 4; ++k)
          sum += int(a.as<std::uint8_t>()[(n * 3 + i) * 4 + k]) * int(b.as<std::int8_t>()[(n * 4 + k) * 5 + j]);
        REQUIRE(y[(n * 3 + i) * 5 + j] == sum);
      }
}

TEST_CASE("QLinearMatMul rounds half to even and saturates") {
  auto const a = tensor::of<std::uint8_t>({1, 2}, {10, 20}),
             b = tensor::of<std::int8_t>({2, 3}, {1, 2, 100, 1, 3, 100});
  auto const y = run(
      {.table = integer_operators,
       .op = "QLinearMatMul",
       .inputs = {a, tensor::scalar(0.5f), tensor::scalar(std::uint8_t{5}), b, floats_of({3}, {1, 0.5f, 1}),
                  tensor::of<std::int8_t>({3}, {0, 1, 0}), tensor::scalar(1.f), tensor::scalar(std::uint8_t{3})}})[0];
  // (5·1 + 15·1)·.5 = 10;  (5·1 + 15·2)·.25 = 8.75 → 9;  (5 + 15)·100·.5 = 1000
  CHECK(values<std::uint8_t>(y) == std::vector<std::uint8_t>{13, 12, 255});
}

TEST_CASE("other types are refused") {
  CHECK(failure({.table = integer_operators,
                 .op = "MatMulInteger",
                 .inputs = {floats_of({1, 1}, {1}), bytes<std::int8_t>({1, 1}, 1)}}) == error_kind::unsupported);
  CHECK(failure({.table = integer_operators,
                 .op = "MatMulInteger",
                 .inputs = {bytes<std::int8_t>({1, 2}, 1), bytes<std::int8_t>({1, 2}, 1)}}) == error_kind::invalid);
}
