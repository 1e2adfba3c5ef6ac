#include "exec/ops/run_one.hpp"

#include <limits>

#include <octet/exec/ops/generation.hpp>

using namespace octet;
using octet::test::floats_of;
using octet::test::ints_of;
using octet::test::run;
using octet::test::values;

namespace {
std::span<operator_entry const> const table = generation_operators;
using f32 = std::vector<float>;
using list = std::vector<std::int64_t>;
list range(std::int64_t a, std::int64_t b, std::int64_t d) {
  return values<std::int64_t>(run({table, "Range", 11, {ints_of({}, {a}), ints_of({}, {b}), ints_of({}, {d})}})[0]);
}
error_kind range_failure(std::int64_t a, std::int64_t b, std::int64_t d) {
  return test::failure({table, "Range", 11, {ints_of({}, {a}), ints_of({}, {b}), ints_of({}, {d})}});
}
}  // namespace

TEST_CASE("Constant has its value in one of many attributes") {
  CHECK(run({table, "Constant", 13, {}, {{.name = "value_float", .value = 2.5f}}})[0].as<float>()[0] == 2.5f);
  CHECK(run({table, "Constant", 13, {}, {{.name = "value_int", .value = std::int64_t{7}}}})[0].dims() == shape{});
  CHECK(values<float>(run({table, "Constant", 13, {}, {{.name = "value_floats", .value = f32{1, 2}}}})[0]) ==
        f32{1, 2});
  CHECK(values<std::int64_t>(run({table, "Constant", 13, {}, {{.name = "value_ints", .value = list{3}}}})[0]) ==
        list{3});
  CHECK(run({table, "Constant", 13, {}, {{.name = "value_string", .value = std::string{"x"}}}})[0].strings()[0] == "x");
  CHECK(values<float>(run({table,
                           "Constant",
                           9,
                           {},
                           {{.name = "value", .value = stored_tensor{.data = floats_of({2}, {4, 5})}}}})[0]) ==
        f32{4, 5});
  CHECK(test::failure({table, "Constant", 13, {}}) == error_kind::invalid);
  CHECK(test::failure({table, "Constant", 13, {}, {{.name = "sparse_value", .value = opaque{}}}}) ==
        error_kind::unsupported);
}

TEST_CASE("ConstantOfShape repeats one value, 0 by default") {
  CHECK(values<float>(run({table, "ConstantOfShape", 9, {ints_of({2}, {1, 3})}})[0]) == f32{0, 0, 0});
  attribute const one{.name = "value", .value = stored_tensor{.data = ints_of({1}, {9})}};
  CHECK(values<std::int64_t>(run({table, "ConstantOfShape", 9, {ints_of({1}, {2})}, {one}})[0]) == list{9, 9});
  CHECK(run({table, "ConstantOfShape", 9, {ints_of({0}, {})}})[0].dims() == shape{});
  CHECK(test::failure({table, "ConstantOfShape", 9, {ints_of({1}, {-1})}}) == error_kind::invalid);
  CHECK(test::failure({table, "ConstantOfShape", 9, {ints_of({2}, {std::int64_t{1} << 40, std::int64_t{1} << 40})}}) ==
        error_kind::invalid);
  CHECK(test::failure({table, "ConstantOfShape", 9, {ints_of({1}, {std::int64_t{1} << 40})}}) == error_kind::runtime);
}

TEST_CASE("Range goes up or down, never includes its limit, and never overflows") {
  auto const most = std::numeric_limits<std::int64_t>::max(), least = std::numeric_limits<std::int64_t>::min();
  CHECK(range(1, 6, 2) == list{1, 3, 5});
  CHECK(range(1, 7, 2) == list{1, 3, 5});
  CHECK(range(3, -2, -2) == list{3, 1, -1});
  CHECK(range(3, 3, 1).empty());
  CHECK(range(0, 5, -1).empty());
  CHECK(range(most - 1, most, most) == list{most - 1});
  CHECK(range(least, most, most) == list{least, -1, most - 1});
  CHECK(range(most, least, least) == list{most, -1});
  CHECK(range_failure(least, most, 1) == error_kind::runtime);
  CHECK(range_failure(0, 1, 0) == error_kind::invalid);
  CHECK(values<float>(run({table, "Range", 11, {floats_of({}, {1}), floats_of({}, {2}), floats_of({}, {0.5f})}})[0]) ==
        f32{1, 1.5f});
  CHECK(test::failure({table, "Range", 11, {floats_of({}, {0}), floats_of({}, {INFINITY}), floats_of({}, {1})}}) ==
        error_kind::runtime);
  CHECK(test::failure({table, "Range", 11, {floats_of({}, {0}), floats_of({}, {NAN}), floats_of({}, {1})}}) ==
        error_kind::runtime);
}

TEST_CASE("EyeLike has its diagonal anywhere, also outside") {
  auto const eye = [](std::int64_t k) {
    return values<float>(run({table, "EyeLike", 9, {tensor{element::f32, {2, 3}}}, {{.name = "k", .value = k}}})[0]);
  };
  CHECK(eye(0) == f32{1, 0, 0, 0, 1, 0});
  CHECK(eye(1) == f32{0, 1, 0, 0, 0, 1});
  CHECK(eye(-1) == f32{0, 0, 0, 1, 0, 0});
  CHECK(eye(std::numeric_limits<std::int64_t>::max()) == f32(6));
  attribute const type{.name = "dtype", .value = std::int64_t{7}};
  CHECK(run({table, "EyeLike", 9, {tensor{element::f32, {1, 1}}}, {type}})[0].as<std::int64_t>()[0] == 1);
}

TEST_CASE("Shape may be taken in part; ends are clamped") {
  tensor const t{element::u8, {2, 3, 4}};
  auto const part = [&](std::int64_t start, std::int64_t end) {
    return values<std::int64_t>(
        run({table, "Shape", 15, {t}, {{.name = "start", .value = start}, {.name = "end", .value = end}}})[0]);
  };
  CHECK(values<std::int64_t>(run({table, "Shape", 1, {t}})[0]) == list{2, 3, 4});
  CHECK(part(1, 3) == list{3, 4});
  CHECK(part(-1, 99) == list{4});
  CHECK(part(-99, -1) == list{2, 3});
  CHECK(part(2, 1).empty());
  CHECK(run({table, "Size", 1, {t}})[0].as<std::int64_t>()[0] == 24);
}

TEST_CASE("windows are sums of cosines, periodic unless told otherwise") {
  auto const n = ints_of({}, {4});
  attribute const symmetric{.name = "periodic", .value = std::int64_t{0}};
  CHECK(test::difference(run({table, "HannWindow", 17, {n}})[0], {0, 0.5f, 1, 0.5f}) < 1e-7);
  CHECK(test::difference(run({table, "HannWindow", 17, {n}, {symmetric}})[0], {0, 0.75f, 0.75f, 0}) < 1e-7);
  CHECK(test::difference(run({table, "HammingWindow", 17, {n}})[0], {4.0f / 46, 25.0f / 46, 1, 25.0f / 46}) < 1e-7);
  CHECK(test::difference(run({table, "BlackmanWindow", 17, {n}})[0], {0, 0.34f, 1, 0.34f}) < 1e-7);
  CHECK(test::failure({table, "HannWindow", 17, {ints_of({}, {-1})}}) == error_kind::invalid);
}
