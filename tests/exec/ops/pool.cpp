// Pools on small inputs, by hand.
#include <octet/exec/ops/pool.hpp>

#include "run_one.hpp"

using namespace octet;
using namespace octet::test;

namespace {
using list = std::vector<std::int64_t>;
tensor nine() { return floats_of({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}); }
std::vector<attribute> two(std::vector<attribute> more = {}) {
  more.push_back({.name = "kernel_shape", .value = list{2, 2}});
  return more;
}
}  // namespace

TEST_CASE("MaxPool: values, places in both orders, dilations, 8-bit types") {
  auto const y = run({.table = pool_operators, .op = "MaxPool", .inputs = {nine()}, .attributes = two(), .outputs = 2});
  CHECK(values<float>(y[0]) == std::vector<float>{5, 6, 8, 9});
  CHECK(values<std::int64_t>(y[1]) == list{4, 5, 7, 8});
  auto const columns = run({.table = pool_operators,
                            .op = "MaxPool",
                            .inputs = {nine()},
                            .attributes = two({{.name = "storage_order", .value = std::int64_t{1}}}),
                            .outputs = 2});
  CHECK(values<std::int64_t>(columns[1]) == list{4, 7, 5, 8});
  CHECK(values<float>(run({.table = pool_operators,
                           .op = "MaxPool",
                           .inputs = {nine()},
                           .attributes = two({{.name = "dilations", .value = list{2, 2}}})})[0]) ==
        std::vector<float>{9});
  auto const s = run({.table = pool_operators,
                      .op = "MaxPool",
                      .inputs = {tensor::of<std::int8_t>({1, 1, 2, 2}, {-7, -3, -9, -5})},
                      .attributes = two()});
  CHECK(values<std::int8_t>(s[0]) == std::vector<std::int8_t>{-3});
}

TEST_CASE("MaxPool with padding on two sides only") {
  // g++ 12 with -O2 and AVX-512 makes {1, 1, 1, 1} of the constant list {1, 1, 0, 0} here (its SLP vectorizer)
  list pads;
  for (char const digit : std::string_view{"1100"}) pads.push_back(digit - '0');
  auto attributes = two();
  attributes.push_back({.name = "pads", .value = pads});
  auto const padded = run({.table = pool_operators,
                           .op = "MaxPool",
                           .inputs = {tensor::of<std::uint8_t>({1, 1, 1, 1}, {3})},
                           .attributes = attributes});
  REQUIRE(padded[0].dims() == shape{1, 1, 1, 1});
  CHECK(int{padded[0].as<std::uint8_t>()[0]} == 3);
}

TEST_CASE("AveragePool divides by what it covers, with count_include_pad by the padding as well") {
  std::vector<attribute> const pads{{.name = "pads", .value = list{1, 1, 0, 0}}};
  CHECK(
      values<float>(run({.table = pool_operators, .op = "AveragePool", .inputs = {nine()}, .attributes = two()})[0]) ==
      std::vector<float>{3, 4, 6, 7});
  CHECK(values<float>(run(
            {.table = pool_operators, .op = "AveragePool", .inputs = {nine()}, .attributes = two(pads)})[0])[0] == 1);
  auto all = pads;
  all.push_back({.name = "count_include_pad", .value = std::int64_t{1}});
  CHECK(values<float>(
            run({.table = pool_operators, .op = "AveragePool", .inputs = {nine()}, .attributes = two(all)})[0])[0] ==
        0.25f);
}

TEST_CASE("LpPool and the global pools") {
  CHECK(difference(run({.table = pool_operators,
                        .op = "LpPool",
                        .inputs = {floats_of({1, 1, 2, 2}, {1, 2, -2, 4})},
                        .attributes = two()})[0],
                   {5}) < 1e-5);
  auto const x = floats_of({1, 2, 2, 2}, {1, 2, 3, 6, -1, -2, -3, -4});
  auto const average = run({.table = pool_operators, .op = "GlobalAveragePool", .inputs = {x}})[0];
  CHECK(average.dims() == shape{1, 2, 1, 1});
  CHECK(values<float>(average) == std::vector<float>{3, -2.5f});
  CHECK(values<float>(run({.table = pool_operators, .op = "GlobalMaxPool", .inputs = {x}})[0]) ==
        std::vector<float>{6, -1});
  CHECK(difference(run({.table = pool_operators,
                        .op = "GlobalLpPool",
                        .inputs = {x},
                        .attributes = {{.name = "p", .value = std::int64_t{1}}}})[0],
                   {12, 10}) < 1e-5);
}

TEST_CASE("a pool without a window, or larger than its input, is refused") {
  CHECK(failure({.table = pool_operators, .op = "MaxPool", .inputs = {nine()}}) == error_kind::invalid);
  CHECK(failure({.table = pool_operators,
                 .op = "MaxPool",
                 .inputs = {nine()},
                 .attributes = {{.name = "kernel_shape", .value = list{4, 4}}}}) == error_kind::invalid);
  CHECK(failure({.table = pool_operators,
                 .op = "MaxPool",
                 .inputs = {tensor::of<std::int64_t>({1, 1, 2, 2}, {1, 2, 3, 4})},
                 .attributes = two()}) == error_kind::unsupported);
}
