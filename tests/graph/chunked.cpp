#include <octet/graph/chunked.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

TEST_CASE("elements keep their place and their value while the list grows") {
  octet::chunked<std::string, 4> all;
  std::vector<std::string*> places;
  for (int i = 0; i < 100; ++i) places.push_back(&(all.grow() = std::to_string(i)));
  CHECK(all.size() == 100);
  for (std::size_t i = 0; i < 100; ++i) {
    CHECK(&all[i] == places[i]);
    CHECK(all[i] == std::to_string(i));
  }
}

TEST_CASE("a copy is of its own, and grows behind the same number of elements") {
  octet::chunked<int, 4> a;
  for (int i = 0; i < 6; ++i) a.grow() = i;
  auto b = a;
  b.grow() = 6;
  b[0] = 9;
  CHECK(a.size() == 6);
  CHECK(a[0] == 0);
  CHECK(b.size() == 7);
  CHECK(b[5] == 5);
  CHECK(b[6] == 6);
  auto const c = std::move(b);
  CHECK(c.size() == 7);
  CHECK(b.size() == 0);
}
