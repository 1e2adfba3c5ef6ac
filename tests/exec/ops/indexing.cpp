#include "exec/ops/run_one.hpp"

#include <octet/exec/ops/indexing.hpp>

using namespace octet;
using octet::test::floats_of;
using octet::test::ints_of;
using octet::test::run;
using octet::test::values;

namespace {
std::span<operator_entry const> const table = indexing_operators;
using f32 = std::vector<float>;
attribute number(std::string name, std::int64_t v) { return {.name = std::move(name), .value = v}; }
}  // namespace

TEST_CASE("Gather puts the indices' shape in place of the axis") {
  auto const t = floats_of({2, 3}, {1, 2, 3, 4, 5, 6});
  auto const r = run({table, "Gather", 13, {t, ints_of({1, 2}, {2, -3})}, {number("axis", 1)}})[0];
  CHECK(r.dims() == shape{2, 1, 2});
  CHECK(values<float>(r) == f32{3, 1, 6, 4});
  CHECK(run({table, "Gather", 13, {t, ints_of({}, {1})}})[0].dims() == shape{3});
  CHECK(values<float>(run({table, "Gather", 13, {t, tensor::of<std::int32_t>({1}, {-1})}})[0]) == f32{4, 5, 6});
  CHECK(run({table, "Gather", 13, {tensor{{2}, {"a", "b"}}, ints_of({1}, {1})}})[0].strings()[0] == "b");
  CHECK(run({table, "Gather", 13, {t, ints_of({0}, {})}})[0].dims() == shape{0, 3});
}

TEST_CASE("an index outside is an error of the run, whatever gathers") {
  auto const t = floats_of({2, 3}, {1, 2, 3, 4, 5, 6});
  for (std::int64_t const bad : {2, -3}) {
    CHECK(test::failure({table, "Gather", 13, {t, ints_of({1}, {bad})}}) == error_kind::runtime);
    CHECK(test::failure({table, "GatherElements", 13, {t, ints_of({1, 1}, {bad})}}) == error_kind::runtime);
    CHECK(test::failure({table, "GatherND", 13, {t, ints_of({1, 1}, {bad})}}) == error_kind::runtime);
  }
  CHECK(test::failure({table, "Gather", 13, {floats_of({0, 3}, {}), ints_of({1}, {0})}}) == error_kind::runtime);
  CHECK(test::failure({table, "Gather", 13, {t, floats_of({1}, {0})}}) == error_kind::unsupported);
  CHECK(test::failure({table, "Gather", 13, {t, ints_of({1}, {0})}, {number("axis", 2)}}) == error_kind::invalid);
}

TEST_CASE("GatherElements reads each place's own index") {
  auto const t = floats_of({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(
      values<float>(run({table, "GatherElements", 13, {t, ints_of({2, 2}, {0, -1, 2, 2})}, {number("axis", 1)}})[0]) ==
      f32{1, 3, 6, 6});
  CHECK(values<float>(run({table, "GatherElements", 13, {t, ints_of({1, 3}, {1, 0, 1})}})[0]) == f32{4, 2, 6});
  CHECK(test::failure(
            {table, "GatherElements", 13, {t, ints_of({3, 3}, std::vector<std::int64_t>(9))}, {number("axis", 1)}}) ==
        error_kind::invalid);
  CHECK(test::failure({table, "GatherElements", 13, {t, ints_of({3}, {0, 0, 0})}}) == error_kind::invalid);
}

TEST_CASE("GatherND follows tuples, in batches") {
  tensor t{element::f32, {2, 2, 3}};
  for (std::int64_t i = 0; i < 12; ++i) t.mutable_as<float>()[i] = float(i);
  CHECK(values<float>(run({table, "GatherND", 12, {t, ints_of({2, 2}, {0, 1, 1, -2})}})[0]) == f32{3, 4, 5, 6, 7, 8});
  CHECK(values<float>(run({table, "GatherND", 12, {t, ints_of({2, 1}, {1, 0})}, {number("batch_dims", 1)}})[0]) ==
        f32{3, 4, 5, 6, 7, 8});
  CHECK(values<float>(run({table, "GatherND", 12, {t, ints_of({1, 3}, {1, 1, 2})}})[0]) == f32{11});
  CHECK(test::failure({table, "GatherND", 12, {t, ints_of({1, 4}, {0, 0, 0, 0})}}) == error_kind::invalid);
  CHECK(test::failure({table, "GatherND", 12, {t, ints_of({3, 1}, {0, 0, 0})}, {number("batch_dims", 1)}}) ==
        error_kind::invalid);
  CHECK(test::failure({table, "GatherND", 12, {t, ints_of({2, 1}, {0, 0})}, {number("batch_dims", -1)}}) ==
        error_kind::invalid);
}

TEST_CASE("OneHot counts negative indices from the end and leaves out what is outside") {
  auto const r =
      run({table, "OneHot", 11, {ints_of({4}, {0, -1, 3, -4}), ints_of({}, {3}), floats_of({2}, {2, 5})}})[0];
  CHECK(r.dims() == shape{4, 3});
  CHECK(values<float>(r) == f32{5, 2, 2, 2, 2, 5, 2, 2, 2, 2, 2, 2});
  auto const front = run(
      {table, "OneHot", 11, {ints_of({2}, {0, 1}), floats_of({1}, {2}), ints_of({2}, {0, 1})}, {number("axis", 0)}})[0];
  CHECK(values<std::int64_t>(front) == std::vector<std::int64_t>{1, 0, 0, 1});
  CHECK(test::failure({table, "OneHot", 11, {ints_of({1}, {0}), ints_of({}, {-1}), floats_of({2}, {0, 1})}}) ==
        error_kind::invalid);
  CHECK(test::failure(
            {table, "OneHot", 11, {ints_of({1}, {0}), ints_of({}, {std::int64_t{1} << 40}), floats_of({2}, {0, 1})}}) ==
        error_kind::runtime);
}

TEST_CASE("Compress keeps what the condition marks") {
  auto const t = floats_of({3, 2}, {1, 2, 3, 4, 5, 6});
  auto const keep = tensor::of<bool>({3}, {true, false, true});
  CHECK(values<float>(run({table, "Compress", 11, {t, keep}, {number("axis", 0)}})[0]) == f32{1, 2, 5, 6});
  CHECK(values<float>(run({table, "Compress", 11, {t, keep}})[0]) == f32{1, 3});
  CHECK(test::failure({table, "Compress", 11, {t, keep}, {number("axis", 1)}}) == error_kind::runtime);
}
