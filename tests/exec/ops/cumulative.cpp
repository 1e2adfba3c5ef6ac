#include "exec/ops/run_one.hpp"

#include <limits>

#include <octet/exec/ops/cumulative.hpp>

using namespace octet;
using octet::test::floats_of;
using octet::test::ints_of;
using octet::test::run;
using octet::test::values;

namespace {
std::span<operator_entry const> const table = cumulative_operators;
using f32 = std::vector<float>;
attribute number(std::string name, std::int64_t v) { return {.name = std::move(name), .value = v}; }
}  // namespace

TEST_CASE("sums accumulate forwards or backwards, with or without the element itself") {
  auto const t = floats_of({2, 3}, {1, 2, 3, 4, 5, 6});
  auto const sum = [&](std::int64_t axis, bool exclusive, bool reverse) {
    return values<float>(run({table,
                              "CumSum",
                              14,
                              {t, ints_of({}, {axis})},
                              {number("exclusive", exclusive), number("reverse", reverse)}})[0]);
  };
  CHECK(sum(1, false, false) == f32{1, 3, 6, 4, 9, 15});
  CHECK(sum(-1, true, false) == f32{0, 1, 3, 0, 4, 9});
  CHECK(sum(1, false, true) == f32{6, 5, 3, 15, 11, 6});
  CHECK(sum(1, true, true) == f32{5, 3, 0, 11, 6, 0});
  CHECK(sum(0, false, false) == f32{1, 2, 3, 5, 7, 9});
  CHECK(values<float>(run({table, "CumProd", 26, {t, ints_of({}, {1})}})[0]) == f32{1, 2, 6, 4, 20, 120});
  CHECK(test::failure({table, "CumSum", 14, {t, ints_of({}, {2})}}) == error_kind::invalid);
}

TEST_CASE("each sequence is reversed within its length") {
  auto const t = floats_of({3, 2}, {1, 2, 3, 4, 5, 6});
  CHECK(values<float>(run({table, "ReverseSequence", 10, {t, ints_of({2}, {3, 2})}})[0]) == f32{5, 4, 3, 2, 1, 6});
  CHECK(values<float>(run({table,
                           "ReverseSequence",
                           10,
                           {t, ints_of({3}, {1, 2, 0})},
                           {number("batch_axis", 0), number("time_axis", 1)}})[0]) == f32{1, 2, 4, 3, 5, 6});
  CHECK(test::failure({table, "ReverseSequence", 10, {t, ints_of({2}, {4, 0})}}) == error_kind::invalid);
  CHECK(test::failure({table, "ReverseSequence", 10, {t, ints_of({3}, {0, 0, 0})}}) == error_kind::invalid);
  CHECK(test::failure({table, "ReverseSequence", 10, {t, ints_of({2}, {1, 1})}, {number("batch_axis", 0)}}) ==
        error_kind::invalid);
}

TEST_CASE("triangles are cut at any diagonal") {
  auto const t = floats_of({2, 3}, {1, 2, 3, 4, 5, 6});
  auto const cut = [&](std::int64_t k, bool upper) {
    return values<float>(run({table, "Trilu", 14, {t, ints_of({}, {k})}, {number("upper", upper)}})[0]);
  };
  CHECK(cut(0, true) == f32{1, 2, 3, 0, 5, 6});
  CHECK(cut(1, true) == f32{0, 2, 3, 0, 0, 6});
  CHECK(cut(-1, true) == f32{1, 2, 3, 4, 5, 6});
  CHECK(cut(0, false) == f32{1, 0, 0, 4, 5, 0});
  CHECK(cut(-1, false) == f32{0, 0, 0, 4, 0, 0});
  CHECK(cut(std::numeric_limits<std::int64_t>::max(), true) == f32(6));
  CHECK(cut(std::numeric_limits<std::int64_t>::max(), false) == f32{1, 2, 3, 4, 5, 6});
  CHECK(cut(std::numeric_limits<std::int64_t>::min(), false) == f32(6));
  CHECK(test::failure({table, "Trilu", 14, {floats_of({2}, {1, 2})}}) == error_kind::invalid);
}
