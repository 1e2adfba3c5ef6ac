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

TEST_CASE("reasons that differ in names alone are one") {
  octet::report r;
  r.nodes = {{"a", "Gather", octet::fate::kept, "its input 'x' is not float"},
             {"b", "Gather", octet::fate::kept, "its input 'y' is not float"},
             {"c", "Slice", octet::fate::kept, "its input 'x' is not 'const'"}};
  auto const all = octet::group_kept(r);
  REQUIRE(all.size() == 2);
  CHECK(all[0].reason == "its input '…' is not float");
  CHECK(all[1].reason == "its input 'x' is not 'const'");
  CHECK(octet::names_of(all[0], 2) == std::vector<std::string>{"a", "b"});
  CHECK(octet::names_of(all[0], 1) == std::vector<std::string>{"Gather ×2"});
}
