#include <octet/quantize/options.hpp>

#include <doctest/doctest.h>

using namespace octet;

TEST_CASE("globs: * is anything, ? one character, the rest itself") {
  CHECK(glob("/head/*", "/head/Conv_3"));
  CHECK(glob("*Conv*", "/a/Conv_1/Relu"));
  CHECK(glob("Conv_?", "Conv_1"));
  CHECK(glob("*", ""));
  CHECK(glob("a**b", "ab"));
  CHECK_FALSE(glob("Conv_?", "Conv_10"));
  CHECK_FALSE(glob("/head/*", "/neck/Conv"));
  CHECK_FALSE(glob("", "a"));
}

TEST_CASE("a name with a star in it is also itself") {
  std::vector<std::string> const names{"a*b"};
  CHECK(matches_any(names, "a*b"));
  CHECK(matches_any(names, "axb"));
  CHECK_FALSE(matches_any(names, "ab c"));
}

TEST_CASE("a scheme says what the policy says") {
  scheme const s{u8u8.per_channel().reduced()};
  CHECK(s.activation == element::u8);
  CHECK(s.weight == element::u8);
  CHECK(s.weight_symmetry == symmetry::asymmetric);
  CHECK(s.per_channel);
  CHECK(s.reduce_range);
}
