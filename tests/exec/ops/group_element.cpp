// What this group of the operator table holds.
#include <octet/exec/ops/group_element.hpp>

#include <doctest/doctest.h>

using namespace octet;

TEST_CASE("the group has its operators, each with a function") {
  std::size_t found = 0, lines = 0;
  for (auto const family : detail::element_group())
    for (auto const& e : family)
      ++lines, found += (e.op == "Add" || e.op == "Relu" || e.op == "Cast") && e.prepare != nullptr;
  CHECK(found == 3);
  CHECK(lines > found);
}
