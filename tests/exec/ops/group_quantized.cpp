// What this group of the operator table holds.
#include <octet/exec/ops/group_quantized.hpp>

#include <doctest/doctest.h>

using namespace octet;

TEST_CASE("the group has its operators, each with a function") {
  std::size_t found = 0, lines = 0;
  for (auto const family : detail::quantized_group())
    for (auto const& e : family)
      ++lines, found += e.domain.empty() &&
                        (e.op == "QLinearConv" || e.op == "MatMulInteger" || e.op == "DynamicQuantizeLinear") &&
                        e.prepare != nullptr;
  CHECK(found == 3);
  CHECK(lines > found);
}
