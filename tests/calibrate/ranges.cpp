#include <octet/calibrate/ranges.hpp>

#include <doctest/doctest.h>

TEST_CASE("ranges by name") {
  octet::ranges all;
  CHECK(all.find("x") == nullptr);
  all.set("x", octet::range{-1, 2});
  all.set("y", octet::tensor_range{.whole = {0, 3}, .channels = {{0, 1}, {1, 3}}});
  REQUIRE(all.find("x") != nullptr);
  CHECK(*all.find("x") == octet::range{-1, 2});
  CHECK(all.entry("y")->channels[1] == octet::range{1, 3});
  CHECK(all.size() == 2);
  CHECK(all.begin()->first == "x");
  all.erase("x");
  CHECK(all.find("x") == nullptr);
}
