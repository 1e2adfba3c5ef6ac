// Without a macro of the user's the library is header-only: bodies are there, and inline.
#include <octet/core/compiled.hpp>

#include <doctest/doctest.h>

namespace {
#define OCTET_TEXT(x) OCTET_TEXT_OF(x)
#define OCTET_TEXT_OF(x) #x
}  // namespace

TEST_CASE("the default is header-only") {
  CHECK(OCTET_BODIES == 1);
  CHECK(doctest::String{OCTET_TEXT(OCTET_API)} == "inline");
}
