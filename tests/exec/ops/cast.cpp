#include "exec/ops/run_one.hpp"

#include <octet/exec/ops/cast.hpp>

using namespace octet;
using octet::test::floats_of;
using octet::test::run;
using octet::test::values;

namespace {
std::span<operator_entry const> const table = cast_operators;
tensor cast_to(tensor const& t, element to) {
  return run({table, "Cast", 19, {t}, {{.name = "to", .value = std::int64_t(to)}}})[0];
}
std::vector<std::string> texts(tensor const& t) { return {t.strings().begin(), t.strings().end()}; }
}  // namespace

TEST_CASE("numbers become text that reads back as the same number") {
  CHECK(texts(cast_to(floats_of({6}, {1, -0.5f, 1e-10f, NAN, INFINITY, -INFINITY}), element::text)) ==
        std::vector<std::string>{"1", "-0.5", "1e-10", "NaN", "INF", "-INF"});
  float const x = 0.1f + 0.2f;
  CHECK(std::strtof(texts(cast_to(floats_of({1}, {x}), element::text))[0].c_str(), nullptr) == x);
  CHECK(texts(cast_to(test::ints_of({1}, {-7}), element::text))[0] == "-7");
}

TEST_CASE("text becomes numbers, and what is none is an error") {
  CHECK(values<float>(cast_to(tensor{{3}, {"1.5", "-2e2", "7"}}, element::f32)) == std::vector<float>{1.5f, -200, 7});
  CHECK(std::isinf(cast_to(tensor{{1}, {"INF"}}, element::f32).as<float>()[0]));
  CHECK(values<std::int64_t>(cast_to(tensor{{2}, {"-9223372036854775808", "3.9"}}, element::s64)) ==
        std::vector<std::int64_t>{std::numeric_limits<std::int64_t>::min(), 3});
  attribute const to{.name = "to", .value = std::int64_t(element::f32)};
  CHECK(test::failure({table, "Cast", 19, {tensor{{1}, {"one"}}}, {to}}) == error_kind::runtime);
  CHECK(test::failure({table, "Cast", 19, {tensor{{1}, {""}}}, {to}}) == error_kind::runtime);
}

TEST_CASE("a float of 8 bits saturates unless told not to") {
  attribute const to{.name = "to", .value = std::int64_t(element::f8e4m3fn)},
      off{.name = "saturate", .value = std::int64_t{0}};
  CHECK(run({table, "Cast", 19, {floats_of({1}, {1000})}, {to}})[0].bytes()[0] == std::byte{0x7e});
  CHECK(run({table, "Cast", 19, {floats_of({1}, {1000})}, {to, off}})[0].bytes()[0] == std::byte{0x7f});
}

TEST_CASE("CastLike takes the type of its second input; unknown types are refused") {
  CHECK(values<std::int32_t>(
            run({table, "CastLike", 19, {floats_of({1}, {3.7f}), tensor::of<std::int32_t>({1}, {0})}})[0]) ==
        std::vector<std::int32_t>{3});
  for (std::int64_t const type : {0, 14, 99, -1})
    CHECK(test::failure({table, "Cast", 19, {floats_of({1}, {1})}, {{.name = "to", .value = type}}}) ==
          error_kind::unsupported);
}

TEST_CASE("BitCast keeps the bits, and refuses another width") {
  auto const r =
      run({table, "BitCast", 26, {floats_of({1}, {1})}, {{.name = "to", .value = std::int64_t(element::s32)}}})[0];
  CHECK(r.as<std::int32_t>()[0] == 0x3f800000);
  CHECK(test::failure(
            {table, "BitCast", 26, {floats_of({1}, {1})}, {{.name = "to", .value = std::int64_t(element::s64)}}}) ==
        error_kind::invalid);
}
