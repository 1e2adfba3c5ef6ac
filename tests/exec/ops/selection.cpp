#include "exec/ops/run_one.hpp"

#include <octet/exec/ops/selection.hpp>

using namespace octet;
using octet::test::floats_of;
using octet::test::ints_of;
using octet::test::run;
using octet::test::values;

namespace {
std::span<operator_entry const> const table = selection_operators;
using f32 = std::vector<float>;
using list = std::vector<std::int64_t>;
attribute number(std::string name, std::int64_t v) { return {.name = std::move(name), .value = v}; }
}  // namespace

TEST_CASE("TopK orders by value, then by place, along any axis") {
  auto const t = floats_of({2, 4}, {1, 3, 3, 2, 0, -1, 5, 0});
  auto const r = run({.table = table, .op = "TopK", .opset = 11, .inputs = {t, ints_of({1}, {3})}, .outputs = 2});
  CHECK(values<float>(r[0]) == f32{3, 3, 2, 5, 0, 0});
  CHECK(values<std::int64_t>(r[1]) == list{1, 2, 3, 2, 0, 3});
  auto const s = run({.table = table,
                      .op = "TopK",
                      .opset = 11,
                      .inputs = {t, ints_of({1}, {1})},
                      .attributes = {number("axis", 0), number("largest", 0)},
                      .outputs = 2});
  CHECK(s[0].dims() == shape{1, 4});
  CHECK(values<float>(s[0]) == f32{0, -1, 3, 0});
  CHECK(values<std::int64_t>(s[1]) == list{1, 1, 0, 1});
  auto const old =
      run({.table = table, .op = "TopK", .opset = 9, .inputs = {t}, .attributes = {number("k", 1)}, .outputs = 2});
  CHECK(values<std::int64_t>(old[1]) == list{1, 2});
  auto const nan = run({.table = table,
                        .op = "TopK",
                        .opset = 11,
                        .inputs = {floats_of({4}, {1, NAN, 2, NAN}), ints_of({1}, {3})},
                        .outputs = 2});
  CHECK(values<std::int64_t>(nan[1]) == list{1, 3, 2});
  CHECK(test::failure({.table = table, .op = "TopK", .opset = 11, .inputs = {t, ints_of({1}, {5})}, .outputs = 2}) ==
        error_kind::invalid);
  CHECK(test::failure({.table = table, .op = "TopK", .opset = 11, .inputs = {t, ints_of({1}, {-1})}, .outputs = 2}) ==
        error_kind::invalid);
}

TEST_CASE("NonZero lists places by dimension") {
  auto const r = run({table, "NonZero", 13, {floats_of({2, 2}, {0, 1, NAN, -0.0f})}})[0];
  CHECK(r.dims() == shape{2, 2});
  CHECK(values<std::int64_t>(r) == list{0, 1, 1, 0});
  CHECK(run({table, "NonZero", 13, {floats_of({}, {3})}})[0].dims() == shape{0, 1});
  CHECK(run({table, "NonZero", 13, {tensor::of<bool>({3}, {false, false, false})}})[0].dims() == shape{1, 0});
}

TEST_CASE("boxes that a better one covers are suppressed, class by class") {
  // three boxes of which the first two overlap by 8/12
  auto const boxes = floats_of({1, 3, 4}, {0, 0, 1, 10, 0, 2, 1, 12, 5, 5, 6, 6});
  auto const scores = floats_of({1, 2, 3}, {0.5f, 0.9f, 0.1f, 0.3f, 0.2f, 0.1f});
  auto const kept = [&](float overlap, float least, std::int64_t most) {
    return values<std::int64_t>(
        run({table,
             "NonMaxSuppression",
             11,
             {boxes, scores, ints_of({1}, {most}), floats_of({1}, {overlap}), floats_of({1}, {least})}})[0]);
  };
  CHECK(kept(0.5f, 0, 9) == list{0, 0, 1, 0, 0, 2, 0, 1, 0, 0, 1, 2});
  CHECK(kept(0.7f, 0.25f, 9) == list{0, 0, 1, 0, 0, 0, 0, 1, 0});
  CHECK(kept(0.5f, 0, 1) == list{0, 0, 1, 0, 1, 0});
  CHECK(kept(0.5f, 0, 0).empty());
  auto const centered = run({table,
                             "NonMaxSuppression",
                             11,
                             {floats_of({1, 2, 4}, {5, 5, 2, 2, 5.1f, 5, 2, 2}), floats_of({1, 1, 2}, {1, 2}),
                              ints_of({1}, {9}), floats_of({1}, {0.5f})},
                             {number("center_point_box", 1)}})[0];
  CHECK(values<std::int64_t>(centered) == list{0, 0, 1});
  CHECK(test::failure({table, "NonMaxSuppression", 11, {boxes, floats_of({1, 1, 2}, {1, 2})}}) == error_kind::invalid);
}

TEST_CASE("Unique sorts or keeps the order, of elements or of slices") {
  auto const t = floats_of({5}, {2, 1, 1, 3, 2});
  auto const r = run({.table = table, .op = "Unique", .opset = 11, .inputs = {t}, .outputs = 4});
  CHECK(values<float>(r[0]) == f32{1, 2, 3});
  CHECK(values<std::int64_t>(r[1]) == list{1, 0, 3});
  CHECK(values<std::int64_t>(r[2]) == list{1, 0, 0, 2, 1});
  CHECK(values<std::int64_t>(r[3]) == list{2, 2, 1});
  auto const s = run(
      {.table = table, .op = "Unique", .opset = 11, .inputs = {t}, .attributes = {number("sorted", 0)}, .outputs = 4});
  CHECK(values<float>(s[0]) == f32{2, 1, 3});
  CHECK(values<std::int64_t>(s[2]) == list{0, 1, 1, 2, 0});
  CHECK(values<std::int64_t>(s[3]) == list{2, 2, 1});
  auto const columns = run({table, "Unique", 11, {floats_of({2, 3}, {1, 0, 1, 2, 5, 2})}, {number("axis", 1)}})[0];
  CHECK(columns.dims() == shape{2, 2});
  CHECK(values<float>(columns) == f32{0, 1, 5, 2});
}
