// What rewriting counts as done.
#include <octet/rewrite/log.hpp>

#include <doctest/doctest.h>

using octet::rewrite::log;

TEST_CASE("a log counts the steps that were applied, of all rules or of one") {
  log done;
  done.steps = {{.rule = "a", .applied = true}, {.rule = "b", .reason = "shared", .applied = false}};
  log more;
  more.steps = {{.rule = "a", .applied = true}, {.rule = "a", .reason = "output", .applied = false}};
  done.append(std::move(more));
  CHECK(done.steps.size() == 4);
  CHECK(done.applied() == 2);
  CHECK(done.applied("a") == 2);
  CHECK(done.applied("b") == 0);
}
