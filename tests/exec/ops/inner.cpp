// Operators inside of operators.
#include <octet/exec/ops/inner.hpp>

#include "run_one.hpp"

using namespace octet;
using namespace octet::test;

namespace {
operation prepare_outer(preparation const& p) {
  return [f = detail::inner_operator{"Transpose", 13, 1, detail::attributes_without(p, {"extra"})}](call& c) {
    c.outputs[0] = f(c, {c.inputs[0]});
  };
}
constexpr operator_entry table[] = {{"Outer", "", 1, &prepare_outer}};
}  // namespace

TEST_CASE("an inner operator gets the attributes that are passed on") {
  auto const y = run({.table = table,
                      .op = "Outer",
                      .inputs = {floats_of({1, 2, 3}, {1, 2, 3, 4, 5, 6})},
                      .attributes = {{.name = "perm", .value = std::vector<std::int64_t>{0, 2, 1}},
                                     {.name = "extra", .value = std::int64_t{1}}}});
  CHECK(values<float>(y[0]) == std::vector<float>{1, 4, 2, 5, 3, 6});
  CHECK_THROWS_AS(detail::inner_operator("Nonsense", 13, 1), error);
}
