// The QLinear operators of com.microsoft, against real arithmetic where the result is not a tie.
#include <octet/exec/ops/contrib_quantized.hpp>

#include "run_one.hpp"

using namespace octet;
using namespace octet::test;

namespace {
using bytes = std::vector<std::uint8_t>;
tensor u8(shape dims, bytes const& v) { return tensor::of<std::uint8_t>(std::move(dims), v); }
tensor scale(float s) { return tensor::scalar(s); }
tensor zero(std::uint8_t z) { return tensor::scalar(z); }
bytes result(std::string_view op, std::vector<tensor> in, std::vector<attribute> a = {}) {
  return values<std::uint8_t>(run({.table = contrib_quantized_operators,
                                   .op = op,
                                   .opset = 1,
                                   .inputs = std::move(in),
                                   .attributes = std::move(a)})[0]);
}
}  // namespace

TEST_CASE("QLinearAdd and QLinearMul broadcast, round and saturate") {
  auto const a = u8({2, 2}, {0, 10, 20, 255}), b = u8({2}, {3, 200});
  // (a − 5)·0.5 + (b − 3)·0.25, on the grid 1, 7
  CHECK(result("QLinearAdd", {a, scale(0.5f), zero(5), b, scale(0.25f), zero(3), scale(1), zero(7)}) ==
        bytes{4, 59, 14, 181});
  // (a − 5)·(b − 3)·0.125
  CHECK(result("QLinearMul", {a, scale(0.5f), zero(5), b, scale(0.25f), zero(3), scale(1), zero(7)}) ==
        bytes{7, 130, 7, 255});
}

TEST_CASE("functions of one element go through a table") {
  CHECK(result("QLinearSigmoid", {u8({3}, {0, 128, 255}), scale(1), zero(128), scale(1 / 256.f), zero(0)}) ==
        bytes{0, 128, 255});
  CHECK(result("QLinearLeakyRelu", {u8({2}, {0, 30}), scale(1), zero(20), scale(1), zero(10)},
               {{.name = "alpha", .value = 0.1f}}) == bytes{8, 20});
}

TEST_CASE("pools, also with channels last") {
  auto const x = u8({1, 2, 1, 2}, {10, 20, 30, 50});
  CHECK(result("QLinearGlobalAveragePool", {x, scale(1), zero(0), scale(0.5f), zero(1)}) == bytes{31, 81});
  auto const last = u8({1, 1, 2, 2}, {10, 30, 20, 50});
  CHECK(result("QLinearGlobalAveragePool", {last, scale(1), zero(0), scale(0.5f), zero(1)},
               {{.name = "channels_last", .value = std::int64_t{1}}}) == bytes{31, 81});
  CHECK(result("QLinearAveragePool", {x, scale(1), zero(0), scale(1), zero(0)},
               {{.name = "kernel_shape", .value = std::vector<std::int64_t>{1, 2}}}) == bytes{15, 40});
}

TEST_CASE("QLinearConcat and QLinearWhere bring operands to one grid; QLinearSoftmax sums to one") {
  CHECK(result("QLinearConcat",
               {scale(1), zero(0), u8({2}, {1, 2}), scale(2), zero(0), u8({1}, {9}), scale(1), zero(4)},
               {{.name = "axis", .value = std::int64_t{0}}}) == bytes{2, 4, 5});
  tensor condition{element::boolean, {2}};
  condition.mutable_bytes()[0] = std::byte{1}, condition.mutable_bytes()[1] = std::byte{0};
  CHECK(result("QLinearWhere", {condition, u8({2}, {1, 2}), scale(2), zero(0), u8({2}, {9, 9}), scale(1), zero(4),
                                scale(1), zero(0)}) == bytes{2, 5});
  CHECK(result("QLinearSoftmax", {u8({2}, {7, 7}), scale(1), zero(0), scale(1 / 256.f), zero(0)},
               {{.name = "axis", .value = std::int64_t{0}}, {.name = "opset", .value = std::int64_t{13}}}) ==
        bytes{128, 128});
}

TEST_CASE("other types and missing scales are refused") {
  CHECK(failure({.table = contrib_quantized_operators,
                 .op = "QLinearSigmoid",
                 .opset = 1,
                 .inputs = {floats_of({1}, {1}), scale(1), zero(0), scale(1), zero(0)}}) == error_kind::unsupported);
  CHECK(failure({.table = contrib_quantized_operators,
                 .op = "QLinearSigmoid",
                 .opset = 1,
                 .inputs = {u8({1}, {1}), scale(1), zero(0)}}) == error_kind::invalid);
  CHECK(failure({.table = contrib_quantized_operators,
                 .op = "QLinearConcat",
                 .opset = 1,
                 .inputs = {scale(1), zero(0), u8({1}, {1})}}) == error_kind::invalid);
}

TEST_CASE("pairs of long operands, equal or repeating, on either side, to the last element") {
  for (std::size_t n : {std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{200}})
    for (int form = 0; form < 4; ++form) {  // equal; one value; a row that repeats; the first repeats
      bytes a(3 * n), b(form == 0 ? 3 * n : form == 1 ? 1 : n);
      for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<std::uint8_t>(i * 37 + 11);
      for (std::size_t i = 0; i < b.size(); ++i) b[i] = static_cast<std::uint8_t>(i * 91 + 5);
      auto const rows = static_cast<std::int64_t>(n);
      auto const x = u8({3, rows}, a), y = u8(form == 0 ? shape{3, rows} : form == 1 ? shape{} : shape{1, rows}, b);
      bool const turned = form == 3;
      // sums of (a − 5)·0.5 and (b − 3)·0.25 on the grid 0.75, 100; products on the grid 16, 100: no ties in the sums
      auto const sum =
          turned ? result("QLinearAdd", {y, scale(0.25f), zero(3), x, scale(0.5f), zero(5), scale(0.75f), zero(100)})
                 : result("QLinearAdd", {x, scale(0.5f), zero(5), y, scale(0.25f), zero(3), scale(0.75f), zero(100)});
      auto const product =
          result("QLinearMul", {x, scale(0.5f), zero(5), y, scale(0.25f), zero(3), scale(12.8f), zero(100)});
      REQUIRE(sum.size() == a.size());
      for (std::size_t i = 0; i < a.size(); ++i) {
        double const p = double(a[i]) - 5, q = double(b[form == 0 ? i : form == 1 ? 0 : i % n]) - 3;
        CHECK(sum[i] == std::clamp(std::nearbyint((p * 0.5 + q * 0.25) / 0.75 + 100), 0.0, 255.0));
        CHECK(std::fabs(product[i] - std::clamp(p * q * 0.125 / double(12.8f) + 100, 0.0, 255.0)) <= 0.5001);
      }
    }
}

TEST_CASE("QLinearReduceMean is the mean of the real numbers, quantized; ONNX Runtime has no kernel to compare with") {
  auto const x = u8({2, 3}, {10, 20, 60, 5, 5, 8});
  std::vector<std::int64_t> const rows{1};
  // (x − 5)·0.5: rows have means 12.5 and 0.5; on the grid 0.25, 3
  CHECK(result("QLinearReduceMean", {x, scale(0.5f), zero(5), scale(0.25f), zero(3)},
               {{.name = "axes", .value = rows}, {.name = "keepdims", .value = std::int64_t{0}}}) == bytes{53, 5});
  auto const kept =
      run({.table = contrib_quantized_operators,
           .op = "QLinearReduceMean",
           .opset = 1,
           .inputs = {x, scale(0.5f), zero(5), scale(0.25f), zero(3)},
           .attributes = {{.name = "axes", .value = rows}, {.name = "keepdims", .value = std::int64_t{1}}}})[0];
  CHECK(kept.dims() == shape{2, 1});
  // all: the mean 6.5, which lies beyond the end of a fine grid
  CHECK(result("QLinearReduceMean", {x, scale(0.5f), zero(5), scale(0.5f), zero(0)}, {}) == bytes{13});
  CHECK(result("QLinearReduceMean", {x, scale(0.5f), zero(5), scale(0.01f), zero(0)}, {}) == bytes{255});
}
