// Feeds are found by name without making a string.
#include <octet/exec/feed.hpp>

#include <doctest/doctest.h>

#include <string_view>

using namespace octet;

TEST_CASE("tensors are found by any kind of string, and iterated in the order of names") {
  feed const f{{"b", tensor::scalar(2.f)}, {"a", tensor::scalar(1.f)}};
  CHECK(f.find(std::string_view{"b"})->second.as<float>()[0] == 2);
  CHECK(f.find("c") == f.end());
  CHECK(f.begin()->first == "a");
}
