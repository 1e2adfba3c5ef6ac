#include "exec/ops/run_one.hpp"

#include <octet/exec/ops/scatter.hpp>

using namespace octet;
using octet::test::floats_of;
using octet::test::ints_of;
using octet::test::run;
using octet::test::values;

namespace {
std::span<operator_entry const> const table = scatter_operators;
using f32 = std::vector<float>;
attribute how(std::string v) { return {.name = "reduction", .value = std::move(v)}; }
attribute axis(std::int64_t v) { return {.name = "axis", .value = v}; }
}  // namespace

TEST_CASE("ScatterElements writes in the order of the updates and leaves its input alone") {
  auto const t = floats_of({2, 2}, {1, 2, 3, 4});
  auto const r =
      run({table, "ScatterElements", 18, {t, ints_of({2, 1}, {1, -2}), floats_of({2, 1}, {9, 8})}, {axis(1)}})[0];
  CHECK(values<float>(r) == f32{1, 9, 8, 4});
  CHECK(values<float>(t) == f32{1, 2, 3, 4});
  CHECK(values<float>(run({table, "Scatter", 9, {t, ints_of({1, 2}, {1, 0}), floats_of({1, 2}, {9, 8})}})[0]) ==
        f32{1, 8, 9, 4});
  CHECK(values<float>(
            run({table, "ScatterElements", 18, {floats_of({1}, {0}), ints_of({1}, {0}), floats_of({1}, {5})}})[0]) ==
        f32{5});
}

TEST_CASE("updates of one place are combined as told") {
  auto const t = floats_of({3}, {2, 2, 2}), u = floats_of({3}, {3, 5, NAN});
  auto const at = ints_of({3}, {0, 0, 2});
  CHECK(test::difference(run({table, "ScatterElements", 18, {t, at, u}, {how("add")}})[0], {10, 2, NAN}) == 0);
  CHECK(test::difference(run({table, "ScatterElements", 18, {t, at, u}, {how("mul")}})[0], {30, 2, NAN}) == 0);
  CHECK(test::difference(run({table, "ScatterElements", 18, {t, at, u}, {how("max")}})[0], {5, 2, NAN}) == 0);
  CHECK(test::difference(run({table, "ScatterElements", 18, {t, at, u}, {how("min")}})[0], {2, 2, NAN}) == 0);
  CHECK(test::failure({table, "ScatterElements", 18, {t, at, u}, {how("mean")}}) == error_kind::invalid);
}

TEST_CASE("ScatterND writes slices") {
  auto const t = floats_of({3, 2}, {1, 2, 3, 4, 5, 6});
  CHECK(values<float>(
            run({table, "ScatterND", 18, {t, ints_of({2, 1}, {2, -3}), floats_of({2, 2}, {7, 8, 9, 10})}})[0]) ==
        f32{9, 10, 3, 4, 7, 8});
  CHECK(values<float>(run(
            {table, "ScatterND", 18, {t, ints_of({2, 2}, {1, 1, 1, 1}), floats_of({2}, {10, 20})}, {how("add")}})[0]) ==
        f32{1, 2, 3, 34, 5, 6});
}

TEST_CASE("updates that do not fit, and indices outside, are refused") {
  auto const t = floats_of({3, 2}, {1, 2, 3, 4, 5, 6});
  CHECK(test::failure({table, "ScatterND", 18, {t, ints_of({1, 1}, {3}), floats_of({1, 2}, {1, 1})}}) ==
        error_kind::runtime);
  CHECK(test::failure({table, "ScatterND", 18, {t, ints_of({1, 1}, {0}), floats_of({1, 3}, {1, 1, 1})}}) ==
        error_kind::invalid);
  CHECK(test::failure({table, "ScatterND", 18, {t, ints_of({1, 1}, {0}), ints_of({1, 2}, {1, 1})}}) ==
        error_kind::invalid);
  CHECK(test::failure({table, "ScatterElements", 18, {t, ints_of({1, 1}, {3}), floats_of({1, 1}, {1})}}) ==
        error_kind::runtime);
  CHECK(test::failure({table, "ScatterElements", 18, {t, ints_of({1, 1}, {0}), floats_of({1}, {1})}}) ==
        error_kind::invalid);
  CHECK(test::failure({table, "ScatterElements", 18, {t, ints_of({1, 3}, {0, 0, 0}), floats_of({1, 3}, {1, 1, 1})}}) ==
        error_kind::invalid);
}

TEST_CASE("TensorScatter replaces rows of a cache from each sequence's own place on") {
  auto const cache = floats_of({2, 3, 1}, {1, 2, 3, 4, 5, 6}), update = floats_of({2, 2, 1}, {7, 8, 9, 10});
  CHECK(values<float>(run({table, "TensorScatter", 24, {cache, update, ints_of({2}, {1, 0})}})[0]) ==
        f32{1, 7, 8, 9, 10, 6});
  attribute const circular{.name = "mode", .value = std::string{"circular"}};
  CHECK(values<float>(run({table, "TensorScatter", 24, {cache, update, ints_of({2}, {2, 0})}, {circular}})[0]) ==
        f32{8, 2, 7, 9, 10, 6});
  CHECK(test::failure({table, "TensorScatter", 24, {cache, update, ints_of({2}, {2, 0})}}) == error_kind::runtime);
  CHECK(test::failure({table, "TensorScatter", 24, {cache, update, ints_of({2}, {-1, 0})}}) == error_kind::runtime);
  CHECK(test::failure({table, "TensorScatter", 24, {cache, update, ints_of({1}, {0})}}) == error_kind::invalid);
}
