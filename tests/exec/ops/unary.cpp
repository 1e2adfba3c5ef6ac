#include "exec/ops/run_one.hpp"

#include <limits>

#include <octet/exec/ops/unary.hpp>

using namespace octet;
using octet::test::floats_of;
using octet::test::run;
using octet::test::values;

namespace {
std::span<operator_entry const> const table = unary_operators;
}  // namespace

TEST_CASE("Round takes ties to even") {
  CHECK(values<float>(run({table, "Round", 11, {floats_of({7}, {0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -2.5f, 2.51f})}})[0]) ==
        std::vector<float>{0, 2, 2, 0, -2, -2, 3});
}

TEST_CASE("integers have absolute values and signs, the lowest one included") {
  auto const lowest = std::numeric_limits<std::int8_t>::min();
  auto const t = tensor::of<std::int8_t>({3}, {lowest, -3, 5});
  CHECK(values<std::int8_t>(run({table, "Abs", 13, {t}})[0]) == std::vector<std::int8_t>{lowest, 3, 5});
  CHECK(values<std::int8_t>(run({table, "Neg", 13, {t}})[0]) == std::vector<std::int8_t>{lowest, 3, -5});
  CHECK(values<std::int8_t>(run({table, "Sign", 13, {t}})[0]) == std::vector<std::int8_t>{-1, -1, 1});
  CHECK(values<std::uint8_t>(run({table, "BitwiseNot", 18, {tensor::of<std::uint8_t>({2}, {0, 0xf0})}})[0]) ==
        std::vector<std::uint8_t>{0xff, 0x0f});
}

TEST_CASE("questions are answered by BOOL, infinities by their sign") {
  auto const t = floats_of({4}, {INFINITY, -INFINITY, NAN, 1});
  auto const answers = [](tensor const& r) {
    CHECK(r.type() == element::boolean);
    std::string s;
    for (auto const b : r.bytes()) s += b == std::byte{1} ? '1' : '0';
    return s;
  };
  CHECK(answers(run({table, "IsNaN", 13, {t}})[0]) == "0010");
  CHECK(answers(run({table, "IsInf", 10, {t}})[0]) == "1100");
  attribute const off{.name = "detect_negative", .value = std::int64_t{0}};
  CHECK(answers(run({table, "IsInf", 10, {t}, {off}})[0]) == "1000");
}

TEST_CASE("Not takes booleans, even where a file has other bytes than 0 and 1") {
  tensor t{element::boolean, {3}};
  t.mutable_bytes()[0] = std::byte{0}, t.mutable_bytes()[1] = std::byte{1}, t.mutable_bytes()[2] = std::byte{7};
  auto const r = run({table, "Not", 1, {t}})[0];
  CHECK(r.bytes()[0] == std::byte{1});
  CHECK(r.bytes()[1] == std::byte{0});
  CHECK(r.bytes()[2] == std::byte{0});
  CHECK(t.bytes()[2] == std::byte{7});
  CHECK(test::failure({table, "Not", 1, {floats_of({1}, {1})}}) == error_kind::unsupported);
}

TEST_CASE("doubles are computed as doubles") {
  CHECK(run({table, "Exp", 13, {tensor::of<double>({1}, {1})}})[0].as<double>()[0] == std::exp(1.0));
  CHECK(std::fabs(run({table, "Atanh", 9, {tensor::of<double>({1}, {0.5})}})[0].as<double>()[0] - std::log(3.0) / 2) <
        1e-15);
}

TEST_CASE("results do not depend on the number of threads, and a tensor that others hold is not overwritten") {
  tensor t{element::f32, {100003}};
  for (std::int64_t i = 0; i < t.size(); ++i) t.mutable_as<float>()[i] = float(i) * 1e-4f;
  auto const before = values<float>(t);
  auto const one = values<float>(run({.table = table, .op = "Sin", .inputs = {t}, .threads = 1})[0]);
  auto const two = values<float>(run({.table = table, .op = "Sin", .inputs = {t}, .threads = 2})[0]);
  CHECK(one == two);
  CHECK(values<float>(t) == before);
}
