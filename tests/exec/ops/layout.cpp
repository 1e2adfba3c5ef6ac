#include "exec/ops/run_one.hpp"

#include <octet/exec/ops/layout.hpp>

using namespace octet;
using octet::test::floats_of;
using octet::test::ints_of;
using octet::test::run;
using octet::test::values;

namespace {
std::span<operator_entry const> const table = layout_operators;
using f32 = std::vector<float>;
using list = std::vector<std::int64_t>;
attribute axes(list v) { return {.name = "axes", .value = std::move(v)}; }
shape reshaped(shape from, list to, bool allow_zero = false) {
  attribute const a{.name = "allowzero", .value = std::int64_t{allow_zero}};
  return run({table,
              "Reshape",
              14,
              {tensor{element::f32, std::move(from)}, ints_of({std::int64_t(to.size())}, to)},
              {a}})[0]
      .dims();
}
error_kind reshape_failure(shape from, list to) {
  return test::failure(
      {table, "Reshape", 14, {tensor{element::f32, std::move(from)}, ints_of({std::int64_t(to.size())}, to)}});
}
}  // namespace

TEST_CASE("Reshape copies dimensions for 0 and finds the one that is -1") {
  CHECK(reshaped({2, 3, 4}, {0, -1}) == shape{2, 12});
  CHECK(reshaped({2, 3, 4}, {4, 0, -1}) == shape{4, 3, 2});
  CHECK(reshaped({0, 3}, {3, 0}, true) == shape{3, 0});
  CHECK(reshaped({0, 3}, {0, -1}) == shape{0, 0});
  CHECK(reshaped({1}, {}) == shape{});
  CHECK(reshape_failure({2, 3}, {-1, -1}) == error_kind::invalid);
  CHECK(reshape_failure({2, 3}, {4}) == error_kind::invalid);
  CHECK(reshape_failure({2, 3}, {-2}) == error_kind::invalid);
  CHECK(reshape_failure({2, 3}, {4, -1}) == error_kind::invalid);
  CHECK(reshape_failure({2}, {1, 0, 2}) == error_kind::invalid);
  CHECK(reshape_failure({2}, {std::int64_t{1} << 62, 4, -1}) == error_kind::invalid);
}

TEST_CASE("shapes change without a copy") {
  auto const t = floats_of({2, 3}, {1, 2, 3, 4, 5, 6});
  auto const r = run({table, "Reshape", 14, {t, ints_of({1}, {6})}})[0];
  CHECK(r.bytes().data() == t.bytes().data());
  CHECK(run({table, "Identity", 14, {t}})[0].bytes().data() == t.bytes().data());
  attribute const back{.name = "perm", .value = list{1, 0}};
  auto const line = floats_of({1, 6}, {1, 2, 3, 4, 5, 6});
  CHECK(run({table, "Transpose", 13, {line}, {back}})[0].bytes().data() == line.bytes().data());
}

TEST_CASE("Squeeze and Unsqueeze have axes as an attribute before opset 13, as an input since") {
  tensor const t{element::f32, {1, 3, 1, 2}};
  CHECK(run({table, "Squeeze", 11, {t}, {axes({0, -2})}})[0].dims() == shape{3, 2});
  CHECK(run({table, "Squeeze", 13, {t, ints_of({1}, {2})}})[0].dims() == shape{1, 3, 2});
  CHECK(run({table, "Squeeze", 13, {t}})[0].dims() == shape{3, 2});
  CHECK(test::failure({table, "Squeeze", 13, {t, ints_of({1}, {1})}}) == error_kind::invalid);
  CHECK(run({table, "Unsqueeze", 11, {t}, {axes({0, 5})}})[0].dims() == shape{1, 1, 3, 1, 2, 1});
  CHECK(run({table, "Unsqueeze", 13, {t, ints_of({2}, {-1, 1})}})[0].dims() == shape{1, 1, 3, 1, 2, 1});
  CHECK(test::failure({table, "Unsqueeze", 13, {t, ints_of({1}, {5})}}) == error_kind::invalid);
  CHECK(test::failure({table, "Unsqueeze", 13, {t}}) == error_kind::invalid);
}

TEST_CASE("Flatten splits at an axis, which may be behind the last") {
  tensor const t{element::f32, {2, 3, 4}};
  auto const at = [&](std::int64_t a) {
    return run({table, "Flatten", 13, {t}, {{.name = "axis", .value = a}}})[0].dims();
  };
  CHECK(at(0) == shape{1, 24});
  CHECK(at(2) == shape{6, 4});
  CHECK(at(3) == shape{24, 1});
  CHECK(at(-1) == shape{6, 4});
  CHECK(test::failure({table, "Flatten", 13, {t}, {{.name = "axis", .value = std::int64_t{4}}}}) ==
        error_kind::invalid);
}

TEST_CASE("Transpose reverses the axes unless told their order") {
  auto const t = floats_of({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(values<float>(run({table, "Transpose", 13, {t}})[0]) == f32{1, 4, 2, 5, 3, 6});
  tensor p{element::s4, {2, 2}};
  p.mutable_bytes()[0] = std::byte{0x21}, p.mutable_bytes()[1] = std::byte{0x43};
  auto const q = run({table, "Transpose", 21, {p}})[0];
  CHECK(q.bytes()[0] == std::byte{0x31});
  CHECK(q.bytes()[1] == std::byte{0x42});
  for (auto const& bad : {list{0}, list{0, 0}, list{0, 2}})
    CHECK(test::failure({table, "Transpose", 13, {t}, {{.name = "perm", .value = bad}}}) == error_kind::invalid);
}

TEST_CASE("Expand and Tile repeat") {
  auto const t = floats_of({2, 1}, {1, 2});
  auto const e = run({table, "Expand", 13, {t, ints_of({3}, {2, 1, 3})}})[0];
  CHECK(e.dims() == shape{2, 2, 3});
  CHECK(values<float>(e) == f32{1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2});
  auto const r = run({table, "Tile", 13, {floats_of({2, 2}, {1, 2, 3, 4}), ints_of({2}, {2, 2})}})[0];
  CHECK(values<float>(r) == f32{1, 2, 1, 2, 3, 4, 3, 4, 1, 2, 1, 2, 3, 4, 3, 4});
  CHECK(run({table, "Tile", 13, {t, ints_of({2}, {0, 3})}})[0].dims() == shape{0, 3});
  CHECK(test::failure({table, "Tile", 13, {t, ints_of({2}, {-1, 3})}}) == error_kind::invalid);
  CHECK(test::failure({table, "Tile", 13, {t, ints_of({2}, {std::int64_t{1} << 62, 8})}}) == error_kind::invalid);
  CHECK(test::failure({table, "Tile", 13, {t, ints_of({2}, {std::int64_t{1} << 40, 8})}}) == error_kind::runtime);
  CHECK(test::failure({table, "Expand", 13, {t, ints_of({1}, {-1})}}) == error_kind::invalid);
  CHECK(test::failure({table, "Expand", 13, {t, ints_of({2}, {3, 3})}}) == error_kind::invalid);
}

TEST_CASE("DepthToSpace and SpaceToDepth undo each other in both modes") {
  tensor t{element::f32, {1, 8, 2, 3}};
  for (std::int64_t i = 0; i < t.size(); ++i) t.mutable_as<float>()[i] = float(i);
  attribute const b{.name = "blocksize", .value = std::int64_t{2}};
  for (auto const* mode : {"DCR", "CRD"}) {
    attribute const m{.name = "mode", .value = std::string{mode}};
    auto const wide = run({table, "DepthToSpace", 13, {t}, {b, m}})[0];
    CHECK(wide.dims() == shape{1, 2, 4, 6});
    CHECK(values<float>(run({table, "SpaceToDepth", 27, {wide}, {b, m}})[0]) == values<float>(t));
    // element (0, 0, 0, 1) is block column 1 of depth 0
    CHECK(wide.as<float>()[1] == t.as<float>()[std::string{mode} == "DCR" ? 2 * 6 : 1 * 6]);
  }
  CHECK(test::failure({table, "DepthToSpace", 13, {t}, {{.name = "blocksize", .value = std::int64_t{3}}}}) ==
        error_kind::invalid);
  CHECK(test::failure({table, "DepthToSpace", 13, {t}}) == error_kind::invalid);
}

TEST_CASE("Dropout passes its input, and refuses to train") {
  auto const t = floats_of({2}, {1, 2});
  auto const r =
      run({.table = table, .op = "Dropout", .opset = 13, .inputs = {t, floats_of({}, {0.5f})}, .outputs = 2});
  CHECK(values<float>(r[0]) == f32{1, 2});
  CHECK(r[1].type() == element::boolean);
  CHECK(r[1].bytes()[1] == std::byte{1});
  CHECK(test::failure({table, "Dropout", 13, {t, floats_of({}, {0.5f}), tensor::of<bool>({}, {true})}}) ==
        error_kind::unsupported);
}
