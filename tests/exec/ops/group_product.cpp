// What this group of the operator table holds.
#include <octet/exec/ops/group_product.hpp>

#include <doctest/doctest.h>

using namespace octet;

TEST_CASE("the group has its operators, each with a function") {
  std::size_t found = 0, lines = 0;
  for (auto const family : detail::product_group())
    for (auto const& e : family)
      ++lines,
          found += e.domain.empty() && (e.op == "Conv" || e.op == "MatMul" || e.op == "LSTM") && e.prepare != nullptr;
  CHECK(found == 3);
  CHECK(lines > found);
}
