#include <octet/ops/indexing.hpp>

#include <doctest/doctest.h>

#include "support/one_operator.hpp"

using namespace octet;

TEST_CASE("in dynamic models only constant tables are looked up in 8 bit") {
  test::maker m{"gather"};
  auto const y = m.op("Gather", {m.weight("t", {4, 4}), m.ints("i", {0, 1})}),
             z = m.op("Gather", {m.input("x", {4, 4}), m.ints("j", {1})});
  CHECK(unfit_gather(m.g(), *m.g().producer(y), true).empty());
  CHECK(unfit_gather(m.g(), *m.g().producer(z), true) == "its table is not constant");
  CHECK(unfit_gather(m.g(), *m.g().producer(z), false).empty());
}

TEST_CASE("indices have no grid") {
  CHECK(arg_max_traits.output == output_grid::none);
  CHECK_FALSE(top_k_traits.outputs_all);
}
