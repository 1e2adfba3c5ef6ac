// QuantizeLinear, DequantizeLinear and DynamicQuantizeLinear: rounding, saturation, axes, blocks, element types.
#include <octet/exec/ops/quantize_linear.hpp>

#include "run_one.hpp"

using namespace octet;
using namespace octet::test;

namespace {
auto const& table = quantize_linear_operators;
template <class T>
std::vector<T> quantize(std::vector<float> const& x, float scale, T zero) {
  auto const n = static_cast<std::int64_t>(x.size());
  return values<T>(run({.table = table,
                        .op = "QuantizeLinear",
                        .opset = 21,
                        .inputs = {floats_of({n}, x), tensor::scalar(scale), tensor::scalar(zero)}})[0]);
}
}  // namespace

TEST_CASE("ties go to even before the zero point is added, values saturate, NaN is lowest") {
  CHECK(quantize<std::uint8_t>({0.5f, 1.5f, 2.5f, -0.5f, -3, 300}, 1, 1) ==
        std::vector<std::uint8_t>{1, 3, 3, 1, 0, 255});
  CHECK(quantize<std::int8_t>({-1000, 1000, 0.25f, NAN, INFINITY}, 0.5f, 0) ==
        std::vector<std::int8_t>{-128, 127, 0, -128, 127});
  CHECK(quantize<std::uint16_t>({70000, 1}, 1, 5) == std::vector<std::uint16_t>{65535, 6});
  CHECK(quantize<std::int16_t>({-40000, 1}, 1, -5) == std::vector<std::int16_t>{-32768, -4});
}

TEST_CASE("4-bit results are packed, low bits first") {
  tensor zero{element::s4, {}};
  zero.mutable_bytes()[0] = std::byte{0};
  auto const y = run({.table = table,
                      .op = "QuantizeLinear",
                      .opset = 21,
                      .inputs = {floats_of({3}, {-9, 3, 9}), tensor::scalar(1.f), zero}})[0];
  CHECK(y.type() == element::s4);
  CHECK(y.bytes()[0] == std::byte{0x38});
  CHECK((y.bytes()[1] & std::byte{0xf}) == std::byte{7});
  auto const back =
      run({.table = table, .op = "DequantizeLinear", .opset = 21, .inputs = {y, tensor::scalar(0.5f), zero}})[0];
  CHECK(values<float>(back) == std::vector<float>{-4, 1.5f, 3.5f});
}

TEST_CASE("per axis and per block, fast and slow paths alike") {
  for (std::int64_t inner : {2, 64}) {
    std::vector<float> x(static_cast<std::size_t>(3 * inner), 6.f);
    auto const s = floats_of({3}, {1, 2, 4});
    auto const z = tensor::of<std::int8_t>({3}, {0, 1, 2});
    auto const q = run({.table = table,
                        .op = "QuantizeLinear",
                        .opset = 13,
                        .inputs = {floats_of({3, inner}, x), s, z},
                        .attributes = {{.name = "axis", .value = std::int64_t{0}}}})[0];
    CHECK(q.as<std::int8_t>()[0] == 6);
    CHECK(q.as<std::int8_t>()[std::size_t(inner)] == 4);
    CHECK(q.as<std::int8_t>()[std::size_t(3 * inner - 1)] == 4);  // 1.5 rounds to 2
    auto const y = run({.table = table,
                        .op = "DequantizeLinear",
                        .opset = 13,
                        .inputs = {q, s, z},
                        .attributes = {{.name = "axis", .value = std::int64_t{0}}}})[0];
    CHECK(y.as<float>()[std::size_t(inner)] == 6);
    CHECK(y.as<float>()[std::size_t(3 * inner - 1)] == 8);
  }
  auto const blocks = run({.table = table,
                           .op = "DequantizeLinear",
                           .opset = 21,
                           .inputs = {tensor::of<std::int8_t>({1, 3}, {1, 1, 1}), floats_of({1, 2}, {2, 3})},
                           .attributes = {{.name = "block_size", .value = std::int64_t{2}}}});
  CHECK(values<float>(blocks[0]) == std::vector<float>{2, 2, 3});
}

TEST_CASE("int32 is dequantized, and requantized") {
  CHECK(values<float>(run({.table = table,
                           .op = "DequantizeLinear",
                           .inputs = {tensor::of<std::int32_t>({2}, {-1000000, 3}), tensor::scalar(0.5f)}})[0]) ==
        std::vector<float>{-500000, 1.5f});
  auto const y = run({.table = table,
                      .op = "QuantizeLinear",
                      .inputs = {tensor::of<std::int32_t>({2}, {100, -7}), tensor::scalar(2.f)}})[0];
  CHECK(values<std::uint8_t>(y) == std::vector<std::uint8_t>{50, 0});
}

TEST_CASE("the dynamic grid contains zero") {
  auto const y =
      run({.table = table, .op = "DynamicQuantizeLinear", .inputs = {floats_of({3}, {0.5f, 1, 2.55f})}, .outputs = 3});
  CHECK(y[1].as<float>()[0] == 2.55f / 255);
  CHECK(y[2].as<std::uint8_t>()[0] == 0);
  CHECK(values<std::uint8_t>(y[0]) == std::vector<std::uint8_t>{50, 100, 255});
  auto const zero =
      run({.table = table, .op = "DynamicQuantizeLinear", .inputs = {floats_of({2}, {0, 0})}, .outputs = 3});
  CHECK(values<std::uint8_t>(zero[0]) == std::vector<std::uint8_t>{0, 0});
  CHECK(run({.table = table, .op = "DynamicQuantizeLinear", .inputs = {floats_of({0}, {})}, .outputs = 3})[0].size() ==
        0);
}

TEST_CASE("types that do not fit are refused") {
  auto const x = floats_of({1}, {1});
  CHECK(failure({.table = table,
                 .op = "QuantizeLinear",
                 .inputs = {x, tensor::scalar(1.f), tensor::scalar(std::int64_t{0})}}) == error_kind::unsupported);
  CHECK(failure({.table = table, .op = "DequantizeLinear", .inputs = {x, tensor::scalar(1.f)}}) ==
        error_kind::unsupported);
  CHECK(failure({.table = table,
                 .op = "DequantizeLinear",
                 .inputs = {tensor::of<std::int8_t>({1}, {1}), tensor::scalar(1.f),
                            tensor::scalar(std::uint8_t{0})}}) == error_kind::invalid);
}
