// What this group of the operator table holds.
#include <octet/exec/ops/group_contrib.hpp>

#include <doctest/doctest.h>

using namespace octet;

TEST_CASE("the group has its operators, each with a function") {
  std::size_t found = 0, lines = 0;
  for (auto const family : detail::contrib_group())
    for (auto const& e : family)
      ++lines, found += (e.op == "QLinearAdd" || e.op == "QAttention" || e.op == "QGemm") && e.prepare != nullptr;
  CHECK(found == 3);
  CHECK(lines > found);
}
