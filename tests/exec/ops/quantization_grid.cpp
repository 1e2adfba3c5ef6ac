// Which grid an element has: per tensor, per axis, per block.
#include <octet/exec/ops/quantization_grid.hpp>

#include <doctest/doctest.h>

using namespace octet;
using namespace octet::detail;

namespace {
element_grids read(std::int64_t axis, std::int64_t block, shape const& x, tensor const& scale,
                   tensor const* zero = nullptr) {
  node n;
  n.op = "QuantizeLinear";
  n.set("axis", axis), n.set("block_size", block);
  preparation const p{.node = n, .opset = 21};
  return read_grids(op_label{p}, grid_attributes{p}, x, scale, zero);
}
tensor scales(shape dims) {
  std::vector<float> v(static_cast<std::size_t>(dims.size()));
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<float>(i + 1);
  return tensor::of<float>(std::move(dims), v);
}
}  // namespace

TEST_CASE("one grid for all") {
  auto const zero = tensor::scalar<std::uint8_t>(7);
  auto const g = read(1, 0, {2, 3}, scales({}), &zero);
  CHECK(g.one());
  CHECK(g.at(5) == 0);
  CHECK(g.zeros[0] == 7);
  CHECK(g.run(2, 100) == 100);
  CHECK(read(1, 0, {}, scales({})).one());
}

TEST_CASE("a grid for each slice of an axis") {
  auto const g = read(-2, 0, {2, 3, 4}, scales({3}));
  for (std::int64_t i = 0; i < 24; ++i) CHECK(g.at(i) == std::size_t(i / 4 % 3));
  CHECK(g.run(5, 100) == 3);
}

TEST_CASE("a grid for each block, the last one shorter") {
  auto const g = read(1, 2, {2, 5}, scales({2, 3}));
  for (std::int64_t i = 0; i < 10; ++i) CHECK(g.at(i) == std::size_t(i / 5 * 3 + i % 5 / 2));
  CHECK(g.run(1, 100) == 1);
  CHECK(g.run(4, 100) == 1);
  auto const inner = read(0, 2, {3, 4}, scales({2, 4}));
  for (std::int64_t i = 0; i < 12; ++i) CHECK(inner.at(i) == std::size_t(i / 4 / 2 * 4 + i % 4));
}

TEST_CASE("scales that do not fit are refused") {
  CHECK_THROWS_AS(read(1, 0, {2, 3}, scales({2})), error);
  CHECK_THROWS_AS(read(5, 0, {2, 3}, scales({3})), error);
  CHECK_THROWS_AS(read(1, 2, {2, 5}, scales({2, 2})), error);
  CHECK_THROWS_AS(read(1, -1, {2, 5}, scales({2, 2})), error);
  auto const zero = tensor::of<std::uint8_t>({2}, {1, 2});
  CHECK_THROWS_AS(read(1, 0, {2, 3}, scales({3}), &zero), error);
}
