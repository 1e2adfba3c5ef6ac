#include <octet/report/summary.hpp>

#include "example.hpp"

#include <doctest/doctest.h>

TEST_CASE("nodes are counted by operator, most first") {
  auto const all = octet::count_operators(example_summary().quantization);
  REQUIRE(all.size() == 4);
  CHECK(all[0].op == "Conv");
  CHECK(all[0].quantized == 1);
  CHECK(all[0].kept == 1);
  CHECK(all[0].all() == 2);
  CHECK(all[3].op == "Relu");
  CHECK(all[3].absorbed == 1);
}

TEST_CASE("float nodes are grouped by reason, largest group first") {
  auto const all = octet::group_kept(example_summary().quantization);
  REQUIRE(all.size() == 2);
  CHECK(all[0].reason == "weight is not constant");
  CHECK(all[0].nodes.size() == 2);
  CHECK(all[1].nodes[0].node == "bar");
}

TEST_CASE("warnings of the quantization come before those of the job") {
  auto const all = example_summary().all_warnings();
  REQUIRE(all.size() == 2);
  CHECK(all[1] == "the second");
}
