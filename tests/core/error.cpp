#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include <octet/core/error.hpp>

using octet::error;
using octet::error_kind;

TEST_CASE("kinds are the command line's exit codes") {
  CHECK(int(error_kind::internal) == 1);
  CHECK(int(error_kind::usage) == 2);
  CHECK(int(error_kind::invalid) == 3);
  CHECK(int(error_kind::unsupported) == 4);
  CHECK(int(error_kind::runtime) == 5);
  CHECK(int(error_kind::io) == 6);
  CHECK(octet::name(error_kind::usage) == "usage");
  CHECK(octet::name(error_kind::internal) == "internal");
  CHECK(octet::name(error_kind::io) == "io");
}

TEST_CASE("an error without a place gets the nearest one") {
  try {
    octet::located("outer", [] {
      octet::located("inner", []() -> int { throw error{error_kind::invalid, "broken", {}, "mend it"}; });
    });
    FAIL("nothing was thrown");
  } catch (error const& e) {
    CHECK(e.kind == error_kind::invalid);
    CHECK(std::string{e.what()} == "broken");
    CHECK(e.where == "inner");
    CHECK(e.hint == "mend it");
  }
}

TEST_CASE("results and other exceptions pass unchanged") {
  int x = 3;
  int& same = octet::located("here", [&]() -> int& { return x; });
  CHECK(&same == &x);
  CHECK_THROWS_AS(octet::located("here", [] { throw std::logic_error{"other"}; }), std::logic_error);
}

TEST_CASE("raise throws what it was given, without a place") {
  try {
    octet::detail::raise(error_kind::usage, "no", "yes");
  } catch (error const& e) {
    CHECK(e.kind == error_kind::usage);
    CHECK(e.where.empty());
    CHECK(e.hint == "yes");
  }
}
