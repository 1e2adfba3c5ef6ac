// The search among the families of some groups.
#include <octet/exec/ops/group.hpp>

#include <doctest/doctest.h>

#include <array>

using namespace octet;

namespace {
constexpr operator_entry group_old[] = {{"Same", "", 1, nullptr}, {"Same", "", 7, nullptr}};
constexpr operator_entry group_new[] = {{"Same", "", 13, nullptr}, {"Same", "other", 2, nullptr}};
constexpr std::span<operator_entry const> group_families[] = {group_old, group_new};
}  // namespace

TEST_CASE("an operator's newest form that is not too new is found, in its own domain") {
  std::array<detail::operator_group, 1> const groups{group_families};
  auto const since = [&](std::string_view domain, std::int64_t version) {
    auto const* e = detail::find_operator_in(groups, "Same", domain, version);
    return e == nullptr ? -1 : e->since;
  };
  CHECK(since("", 6) == 1);
  CHECK(since("", 12) == 7);
  CHECK(since("", 13) == 13);
  CHECK(since("other", 13) == 2);
  CHECK(since("other", 1) == -1);
  CHECK(detail::find_operator_in(groups, "Different", "", 13) == nullptr);
}
