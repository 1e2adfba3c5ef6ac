#include "exec/ops/run_one.hpp"

#include <limits>

#include <octet/exec/ops/slicing.hpp>

using namespace octet;
using octet::test::floats_of;
using octet::test::ints_of;
using octet::test::run;
using octet::test::values;

namespace {
std::span<operator_entry const> const table = slicing_operators;
using f32 = std::vector<float>;
using list = std::vector<std::int64_t>;
tensor ints(list const& v) { return ints_of({std::int64_t(v.size())}, v); }
attribute number(std::string name, std::int64_t v) { return {.name = std::move(name), .value = v}; }
attribute numbers(std::string name, list v) { return {.name = std::move(name), .value = std::move(v)}; }
attribute word(std::string name, std::string v) { return {.name = std::move(name), .value = std::move(v)}; }
constexpr auto most = std::numeric_limits<std::int64_t>::max(), least = std::numeric_limits<std::int64_t>::min();
}  // namespace

TEST_CASE("a slice of a dimension is what numpy takes, for every start, end and step") {
  std::int64_t const points[] = {least, -7, -6, -5, -1, 0, 1, 4, 5, 6, 7, most};
  for (std::int64_t n = 0; n <= 5; ++n)
    for (auto const start : points)
      for (auto const end : points)
        for (std::int64_t const step :
             {std::int64_t{1}, std::int64_t{2}, std::int64_t{7}, std::int64_t{-1}, std::int64_t{-3}, most, least}) {
          list want;
          auto const place = [n](std::int64_t i) { return i < 0 ? (i < -n ? -1 : i + n) : i; };
          if (step > 0)
            for (auto i = std::max<std::int64_t>(place(start), 0); i < std::min(place(end), n);
                 i += std::min(step, n + 1))
              want.push_back(i);
          else
            for (auto i = std::min(place(start), n - 1); i > std::max<std::int64_t>(place(end), -1);
                 i += std::max(step, -n - 1))
              want.push_back(i);
          auto const [first, size] = detail::slice_range(start, end, step, n);
          CAPTURE(n);
          CAPTURE(start);
          CAPTURE(end);
          CAPTURE(step);
          REQUIRE(size == std::int64_t(want.size()));
          if (size > 0) REQUIRE(first == want[0]);
        }
}

TEST_CASE("Slice has attributes before opset 10, inputs since") {
  auto const t = floats_of({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(values<float>(run({table, "Slice", 9, {t}, {numbers("starts", {0, 1}), numbers("ends", {1, most})}})[0]) ==
        f32{2, 3});
  CHECK(values<float>(run({table, "Slice", 13, {t, ints({2}), ints({least}), ints({1}), ints({-2})}})[0]) ==
        f32{3, 1, 6, 4});
  CHECK(values<float>(
            run({table, "Slice", 13, {t, ints({-1, -1}), ints({least, least}), tensor{}, ints({-1, -1})}})[0]) ==
        f32{6, 5, 4, 3, 2, 1});
  CHECK(run({table, "Slice", 13, {t, ints({5}), ints({9})}})[0].dims() == shape{0, 3});
  CHECK(test::failure({table, "Slice", 13, {t, ints({0}), ints({1}), ints({2})}}) == error_kind::invalid);
  CHECK(test::failure({table, "Slice", 13, {t, ints({0}), ints({1, 2})}}) == error_kind::invalid);
  CHECK(test::failure({table, "Slice", 13, {t, ints({0}), ints({1}), ints({0}), ints({0})}}) == error_kind::invalid);
  CHECK(test::failure({table, "Slice", 13, {t, ints({0, 0}), ints({1, 1}), ints({0, -2})}}) == error_kind::invalid);
}

TEST_CASE("Concat joins along an axis, empty parts included") {
  auto const a = floats_of({2, 1}, {1, 2}), b = floats_of({2, 2}, {3, 4, 5, 6});
  CHECK(values<float>(run({table, "Concat", 13, {a, b}, {number("axis", -1)}})[0]) == f32{1, 3, 4, 2, 5, 6});
  CHECK(values<float>(run({table, "Concat", 13, {a, floats_of({0, 1}, {}), a}, {number("axis", 0)}})[0]) ==
        f32{1, 2, 1, 2});
  auto const s = run({table, "Concat", 13, {tensor{{1}, {"x"}}, tensor{{2}, {"y", "x"}}}, {number("axis", 0)}})[0];
  CHECK(s.strings()[2] == "x");
  CHECK(test::failure({table, "Concat", 13, {a, b}, {number("axis", 0)}}) == error_kind::invalid);
  CHECK(test::failure({table, "Concat", 13, {a, b}}) == error_kind::invalid);
  CHECK(test::failure({table, "Concat", 13, {a, ints_of({2, 1}, {1, 2})}, {number("axis", 0)}}) == error_kind::invalid);
}

TEST_CASE("Split takes sizes, or equal parts of which the last may be shorter since opset 18") {
  auto const t = floats_of({5}, {1, 2, 3, 4, 5});
  auto const parts = [&](test::one o) {
    std::vector<f32> r;
    for (auto const& p : run(std::move(o))) r.push_back(values<float>(p));
    return r;
  };
  using all = std::vector<f32>;
  CHECK(parts({.table = table,
               .op = "Split",
               .opset = 11,
               .inputs = {t},
               .attributes = {numbers("split", {2, 3})},
               .outputs = 2}) == all{{1, 2}, {3, 4, 5}});
  CHECK(parts({.table = table, .op = "Split", .opset = 13, .inputs = {t, ints({5, 0})}, .outputs = 2}) ==
        all{{1, 2, 3, 4, 5}, {}});
  CHECK(parts({.table = table,
               .op = "Split",
               .opset = 18,
               .inputs = {t},
               .attributes = {number("num_outputs", 3)},
               .outputs = 3}) == all{{1, 2}, {3, 4}, {5}});
  CHECK(test::failure({.table = table, .op = "Split", .opset = 13, .inputs = {t}, .outputs = 2}) ==
        error_kind::invalid);
  CHECK(test::failure({.table = table, .op = "Split", .opset = 13, .inputs = {t, ints({6, -1})}, .outputs = 2}) ==
        error_kind::invalid);
  CHECK(test::failure({.table = table, .op = "Split", .opset = 13, .inputs = {t, ints({2, 2})}, .outputs = 2}) ==
        error_kind::invalid);
  auto const b = floats_of({2, 2}, {1, 2, 3, 4});
  CHECK(parts({.table = table,
               .op = "Split",
               .opset = 13,
               .inputs = {b},
               .attributes = {number("axis", 1)},
               .outputs = 2}) == all{{1, 3}, {2, 4}});
}

TEST_CASE("Pad fills with a constant, reflections, the edge, or around") {
  auto const t = floats_of({3}, {1, 2, 3});
  auto const padded = [&](std::string mode, list pads) {
    return values<float>(run({table, "Pad", 19, {t, ints(pads)}, {word("mode", std::move(mode))}})[0]);
  };
  CHECK(padded("constant", {1, 2}) == f32{0, 1, 2, 3, 0, 0});
  CHECK(padded("edge", {2, 1}) == f32{1, 1, 1, 2, 3, 3});
  CHECK(padded("reflect", {2, 2}) == f32{3, 2, 1, 2, 3, 2, 1});
  CHECK(padded("reflect", {5, 0}) == f32{2, 1, 2, 3, 2, 1, 2, 3});
  CHECK(padded("wrap", {2, 4}) == f32{2, 3, 1, 2, 3, 1, 2, 3, 1});
  CHECK(padded("constant", {-1, 2}) == f32{2, 3, 0, 0});
  CHECK(padded("edge", {1, -2}) == f32{1, 1});
  CHECK(values<float>(run({table, "Pad", 2, {t}, {numbers("pads", {1, 0}), {.name = "value", .value = 7.0f}}})[0]) ==
        f32{7, 1, 2, 3});
  CHECK(values<float>(run({table, "Pad", 13, {t, ints({0, 1}), floats_of({}, {5})}})[0]) == f32{1, 2, 3, 5});
}

TEST_CASE("Pad may name its axes, and checks its numbers") {
  auto const t = floats_of({2, 2}, {1, 2, 3, 4});
  CHECK(values<float>(run({table, "Pad", 18, {t, ints({1, 0}), tensor{}, ints({-1})}})[0]) == f32{0, 1, 2, 0, 3, 4});
  CHECK(test::failure({table, "Pad", 18, {t, ints({1, 0})}}) == error_kind::invalid);
  CHECK(test::failure({table, "Pad", 18, {t, ints({-3, 0, 0, 0})}}) == error_kind::invalid);
  CHECK(test::failure({table, "Pad", 18, {t, ints({-3, 0, 5, 0})}}) == error_kind::invalid);
  CHECK(test::failure({table, "Pad", 18, {t, ints({most, 0, 1, 0})}}) == error_kind::invalid);
  CHECK(test::failure({table, "Pad", 18, {t, ints({std::int64_t{1} << 40, 0, 0, 0})}}) == error_kind::runtime);
  CHECK(test::failure({table, "Pad", 18, {floats_of({0}, {}), ints({1, 0})}, {word("mode", "edge")}}) ==
        error_kind::invalid);
  CHECK(test::failure({table, "Pad", 18, {t, ints({0, 0, 0, 0})}, {word("mode", "mirror")}}) == error_kind::invalid);
  CHECK(test::failure({table, "Pad", 18, {t, ints({1, 0, 0, 0}), ints({1})}}) == error_kind::invalid);
}

TEST_CASE("CenterCropPad cuts or fills around the middle") {
  auto const t = floats_of({4}, {1, 2, 3, 4});
  auto const sized = [&](std::int64_t n) {
    return values<float>(run({table, "CenterCropPad", 18, {t, ints({n})}})[0]);
  };
  CHECK(sized(2) == f32{2, 3});
  CHECK(sized(1) == f32{2});
  CHECK(sized(7) == f32{0, 1, 2, 3, 4, 0, 0});
  CHECK(test::failure({table, "CenterCropPad", 18, {t, ints({-1})}}) == error_kind::invalid);
  CHECK(test::failure({table, "CenterCropPad", 18, {t, ints({1, 1})}}) == error_kind::invalid);
}
