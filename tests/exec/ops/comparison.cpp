#include "exec/ops/run_one.hpp"

#include <limits>

#include <octet/exec/ops/comparison.hpp>

using namespace octet;
using octet::test::floats_of;
using octet::test::ints_of;
using octet::test::run;
using octet::test::values;

namespace {
std::span<operator_entry const> const table = comparison_operators;
std::string truth(tensor const& t) {
  CHECK(t.type() == element::boolean);
  std::string s;
  for (auto const b : t.bytes()) s += b == std::byte{1} ? '1' : b == std::byte{0} ? '0' : '?';
  return s;
}
tensor booleans(std::vector<bool> const& v) { return tensor::of<bool>({std::int64_t(v.size())}, v); }
}  // namespace

TEST_CASE("comparisons broadcast and are never true of NaN") {
  auto const a = floats_of({3}, {1, 2, NAN}), b = floats_of({1}, {2});
  CHECK(truth(run({table, "Less", 13, {a, b}})[0]) == "100");
  CHECK(truth(run({table, "LessOrEqual", 16, {a, b}})[0]) == "110");
  CHECK(truth(run({table, "Greater", 13, {b, a}})[0]) == "100");
  CHECK(truth(run({table, "GreaterOrEqual", 16, {b, a}})[0]) == "110");
  CHECK(truth(run({table, "Equal", 13, {a, a}})[0]) == "110");
  CHECK(truth(run({table, "Equal", 13, {floats_of({}, {0}), floats_of({}, {-0.0f})}})[0]) == "1");
}

TEST_CASE("signed and unsigned integers are compared by value") {
  auto const s = tensor::of<std::int8_t>({2}, {-1, 1}), u = tensor::of<std::uint8_t>({2}, {255, 1});
  CHECK(truth(run({table, "Less", 13, {s, tensor::of<std::int8_t>({}, {0})}})[0]) == "10");
  CHECK(truth(run({table, "Less", 13, {u, tensor::of<std::uint8_t>({}, {2})}})[0]) == "01");
  CHECK(truth(run({table, "Equal", 13, {s, s}})[0]) == "11");
}

TEST_CASE("strings are equal by content") {
  CHECK(truth(run({table, "Equal", 19, {tensor{{2}, {"a", "b"}}, tensor{{1}, {"b"}}}})[0]) == "01");
}

TEST_CASE("logic is of booleans only") {
  auto const a = booleans({false, false, true, true}), b = booleans({false, true, false, true});
  CHECK(truth(run({table, "And", 7, {a, b}})[0]) == "0001");
  CHECK(truth(run({table, "Or", 7, {a, b}})[0]) == "0111");
  CHECK(truth(run({table, "Xor", 7, {a, b}})[0]) == "0110");
  auto const i = tensor::of<std::uint8_t>({1}, {1});
  CHECK(test::failure({table, "And", 7, {i, i}}) == error_kind::unsupported);
}

TEST_CASE("bits shift out of the word, and signs fill from the left") {
  attribute const left{.name = "direction", .value = std::string{"LEFT"}},
      right{.name = "direction", .value = std::string{"RIGHT"}};
  auto const u = tensor::of<std::uint8_t>({3}, {0x81, 1, 255}), by = tensor::of<std::uint8_t>({3}, {1, 8, 4});
  CHECK(values<std::uint8_t>(run({table, "BitShift", 11, {u, by}, {left}})[0]) ==
        std::vector<std::uint8_t>{2, 0, 0xf0});
  CHECK(values<std::uint8_t>(run({table, "BitShift", 11, {u, by}, {right}})[0]) ==
        std::vector<std::uint8_t>{0x40, 0, 0x0f});
  auto const s = tensor::of<std::int32_t>({3}, {-8, -8, 8}), n = tensor::of<std::int32_t>({3}, {1, 99, -1});
  CHECK(values<std::int32_t>(run({table, "BitShift", 28, {s, n}, {right}})[0]) == std::vector<std::int32_t>{-4, -1, 0});
  CHECK(test::failure({table, "BitShift", 11, {u, by}}) == error_kind::invalid);
  CHECK(values<std::uint8_t>(run({table, "BitwiseXor", 18, {u, tensor::of<std::uint8_t>({}, {0xff})}})[0]) ==
        std::vector<std::uint8_t>{0x7e, 0xfe, 0});
}

TEST_CASE("Where broadcasts three operands of any width") {
  auto const c = tensor::of<bool>({2, 1}, {true, false});
  CHECK(values<float>(run({table, "Where", 16, {c, floats_of({3}, {1, 2, 3}), floats_of({}, {9})}})[0]) ==
        std::vector<float>{1, 2, 3, 9, 9, 9});
  CHECK(values<std::int64_t>(run({table, "Where", 16, {c, ints_of({1}, {4}), ints_of({2, 1}, {5, 6})}})[0]) ==
        std::vector<std::int64_t>{4, 6});
  auto const s = run({table, "Where", 16, {c, tensor{{1}, {"x"}}, tensor{{2, 1}, {"y", "z"}}}})[0];
  CHECK(s.strings()[0] == "x");
  CHECK(s.strings()[1] == "z");
  CHECK(test::failure({table, "Where", 16, {floats_of({}, {1}), c, c}}) == error_kind::invalid);
  CHECK(test::failure({table, "Where", 16, {c, ints_of({1}, {4}), floats_of({1}, {4})}}) == error_kind::invalid);
}
