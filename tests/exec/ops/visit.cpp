#include "exec/ops/run_one.hpp"

#include <octet/exec/ops/visit.hpp>

using namespace octet;
using namespace octet::detail;

namespace {
op_label label_of(std::string op) {
  node n;
  n.op = std::move(op);
  return op_label{preparation{.node = n, .opset = 9}};
}
}  // namespace

TEST_CASE("an element type reaches the C++ type that stores it") {
  auto const who = label_of("Some");
  std::size_t size = 0;
  visit(who, element::s16, number_types{}, [&]<class T>(T) { size = sizeof(T) + (std::is_signed_v<T> ? 10 : 0); });
  CHECK(size == 12);
  visit_width(who, element::bf16, [&]<class T>(T) { size = sizeof(T); });
  CHECK(size == 2);
}

TEST_CASE("a type outside of the list is refused by operator, version and what would be taken") {
  try {
    visit(label_of("Some"), element::f16, float_types{}, [](auto) { FAIL("visited"); });
    FAIL("no error");
  } catch (error const& e) {
    CHECK(e.kind == error_kind::unsupported);
    CHECK(std::string{e.what()} == "Some (opset 9): elements of type FLOAT16 are not supported");
    CHECK(e.hint == "it takes FLOAT, DOUBLE");
  }
  CHECK_THROWS_AS(visit_width(label_of("Some"), element::text, [](auto) {}), error);
  CHECK_THROWS_AS(visit_width(label_of("Some"), element::u4, [](auto) {}), error);
}

TEST_CASE("inputs that must be there are asked for when a node is prepared") {
  node n;
  n.op = "Some";
  n.inputs = {value_id{0}, value_id::none};
  n.outputs = {value_id{1}};
  preparation const p{.node = n, .opset = 9};
  CHECK_NOTHROW(expect_inputs(p, 1, 2));
  CHECK_THROWS_AS(expect_inputs(p, 2), error);
  CHECK_THROWS_AS(expect_inputs(p, 1, 1), error);
}

TEST_CASE("rows are cut by their length alone, and all of them are reached") {
  thread_pool pool{2};
  std::vector<int> seen(1000);
  for_rows(pool, 1000, 4096, [&](std::int64_t begin, std::int64_t end) {
    CHECK(end - begin <= 8);
    for (auto i = begin; i < end; ++i) ++seen[std::size_t(i)];
  });
  CHECK(seen == std::vector<int>(1000, 1));
  for_rows(pool, 3, 0, [&](std::int64_t begin, std::int64_t end) { CHECK(end - begin == 3); });
}
