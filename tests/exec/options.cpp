// What a session does when nobody says anything.
#include <octet/exec/options.hpp>

#include <doctest/doctest.h>

using namespace octet;

TEST_CASE("by default a session has one thread, no observer, no operators of the caller and a bound on loops only") {
  session_options const o;
  CHECK(o.threads == 1);
  CHECK(o.observer == nullptr);
  CHECK(o.operators.empty());
  CHECK(o.memory_limit == std::size_t(-1));
  CHECK(o.loop_limit > 1000000);
}
