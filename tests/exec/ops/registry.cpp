// The lookup over all families.
#include <octet/exec/ops/registry.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace octet;

TEST_CASE("an operator is found in the newest form that its opset knows") {
  auto const* q = find_operator("QuantizeLinear", "", 13);
  REQUIRE(q != nullptr);
  CHECK(q->since <= 13);
  CHECK(find_operator("QuantizeLinear", "", 9) == nullptr);
  CHECK(find_operator("QuantizeLinear", "com.microsoft", 1) != nullptr);
  CHECK(find_operator("Nonsense", "", 20) == nullptr);
  CHECK(find_operator("Conv", "com.microsoft", 1) == nullptr);
}

TEST_CASE("no form is listed twice, and every line has a function") {
  std::set<std::string> seen;
  for_each_operator_family([&](std::span<operator_entry const> family) {
    for (auto const& e : family) {
      CHECK(bool(e.prepare != nullptr));
      CHECK(e.since >= 1);
      CHECK_MESSAGE(seen.insert(std::string{e.domain} + ":" + std::string{e.op} + ":" + std::to_string(e.since)).second,
                    e.op);
    }
  });
  CHECK(seen.size() > 150);
}
