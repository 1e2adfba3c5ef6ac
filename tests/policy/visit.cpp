#include <doctest/doctest.h>

#include <array>
#include <set>
#include <string>

#include <octet/policy/visit.hpp>

using namespace octet;

inline constexpr std::array mine{u8s8, s8s8.per_channel()};

TEST_CASE("every usable policy is shipped, once") {
  std::set<std::string> names;
  for (policy p : shipped_policies) {
    CHECK(usable(p));
    names.insert(text(p));
  }
  CHECK(names.size() == 48);  // 3 pairs × 2 granularities × 2 ranges × 2 × 2 symmetries
}

TEST_CASE("the visitor gets the policy that was asked for, as a constant") {
  for (policy p : shipped_policies) CHECK(visit_policy(p, []<policy P> { return P; }) == p);
  std::string seen;
  visit_policy<mine>(s8s8.per_channel(), [&]<policy P> { seen = text(P); });
  CHECK(seen == "s8s8:per-channel");
  CHECK(visit_policy<mine>(u8s8, []<policy P> { return std::string{"a text that owns memory"}; }).size() == 23);
}

TEST_CASE("a policy outside of the list is a usage error that names the list") {
  try {
    visit_policy<mine>(u8u8, []<policy P> { return 1; });
    FAIL("u8u8 is not in the list");
  } catch (error const& e) {
    CHECK(e.kind == error_kind::usage);
    CHECK(std::string{e.what()}.find("u8u8") != std::string::npos);
    CHECK(e.hint.find("s8s8:per-channel") != std::string::npos);
  }
  CHECK_THROWS_AS(visit_policy(policy{.activation = element::u16}, []<policy P> {}), error);
}
