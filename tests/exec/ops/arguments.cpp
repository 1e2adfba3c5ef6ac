#include "exec/ops/run_one.hpp"

#include <octet/exec/ops/arguments.hpp>

using namespace octet;
using namespace octet::detail;

namespace {
op_label const who{preparation{.node = node{}}};
}  // namespace

TEST_CASE("axes count from either end, each once") {
  CHECK(axes_of(who, {0, -1}, 3) == std::vector<std::size_t>{0, 2});
  CHECK_THROWS_AS(axes_of(who, {3}, 3), error);
  CHECK_THROWS_AS(axes_of(who, {-4}, 3), error);
  CHECK_THROWS_AS(axes_of(who, {1, -2}, 3), error);
  CHECK_THROWS_AS(axis_of(who, 0, 0), error);
}

TEST_CASE("lists are of INT32 or INT64, in one dimension") {
  CHECK(integers_of(who, tensor::of<std::int32_t>({2}, {1, -2})) == integers{1, -2});
  CHECK(integer_of(who, test::ints_of({1, 1}, {7})) == 7);
  CHECK_THROWS_AS(integers_of(who, test::floats_of({1}, {1})), error);
  CHECK_THROWS_AS(integers_of(who, test::ints_of({1, 2}, {1, 2})), error);
  CHECK_THROWS_AS(integer_of(who, test::ints_of({2}, {1, 2})), error);
}

TEST_CASE("an attribute is preferred to an input, and both may be missing") {
  std::vector<tensor> in{test::floats_of({1}, {1}), test::ints_of({1}, {5})}, out(1);
  thread_pool pool{1};
  buffers memory{};
  call c{in, out, pool, memory};
  node n;
  CHECK(integer_argument(preparation{.node = n}, "axes", 1).read(who, c) == integers{5});
  CHECK(!integer_argument(preparation{.node = n}, "axes", 2).read(who, c));
  CHECK_THROWS_AS(integer_argument(preparation{.node = n}, "axes", 2).required(who, c, "axes"), error);
  n.set("axes", integers{4});
  CHECK(integer_argument(preparation{.node = n}, "axes", 1).read(who, c) == integers{4});
  n.set("axes", std::int64_t{3});
  CHECK(integer_argument(preparation{.node = n}, "axes", 1).read(who, c) == integers{3});
}

TEST_CASE("an index outside of its dimension is an error of the run") {
  CHECK(checked_index(who, -3, 3) == 0);
  CHECK(checked_index(who, 2, 3) == 2);
  try {
    checked_index(who, 3, 3);
    FAIL("no error");
  } catch (error const& e) {
    CHECK(e.kind == error_kind::runtime);
  }
  CHECK_THROWS_AS(checked_index(who, 0, 0), error);
}
