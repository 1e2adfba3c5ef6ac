#include <doctest/doctest.h>

#include <deque>
#include <map>
#include <random>
#include <string>

#include <octet/graph/name_index.hpp>

namespace {

struct names {
  std::deque<std::string> all{};
  octet::name_index index{};

  auto name_of() const {
    return [this](std::int32_t i) -> std::string_view { return all[static_cast<std::size_t>(i)]; };
  }
  std::int32_t add(std::string name) {
    auto const number = static_cast<std::int32_t>(all.size());
    all.push_back(std::move(name));
    index.insert(all.back(), number);
    return number;
  }
  std::int32_t find(std::string_view name) const { return index.find(name, name_of()); }
};

TEST_CASE("an empty index finds nothing, not even the empty name") {
  names n;
  CHECK(n.find("") == octet::name_index::none);
  CHECK(n.find("x") == octet::name_index::none);
  n.index.erase("x", n.name_of());
}

TEST_CASE("a name that was taken out is not found, and those behind it still are") {
  names n;
  for (int i = 0; i < 1000; ++i) n.add("tensor_" + std::to_string(i));
  for (int i = 0; i < 1000; i += 2) n.index.erase("tensor_" + std::to_string(i), n.name_of());
  for (int i = 0; i < 1000; ++i) CHECK(n.find("tensor_" + std::to_string(i)) == (i % 2 == 0 ? -1 : i));
}

TEST_CASE("insertions and removals in any order agree with an ordinary map") {
  names n;
  std::map<std::string, std::int32_t> known;
  std::mt19937 random{7};
  for (int step = 0; step < 20000; ++step) {
    auto const name = std::to_string(random() % 300);
    if (auto const it = known.find(name); it == known.end()) {
      known[name] = n.add(name);
    } else {
      n.index.erase(name, n.name_of());
      known.erase(it);
    }
    auto const asked = std::to_string(random() % 300);
    auto const it = known.find(asked);
    REQUIRE(n.find(asked) == (it == known.end() ? octet::name_index::none : it->second));
  }
}

TEST_CASE("a copy finds what the original holds") {
  names n;
  auto const a = n.add("a");
  auto const copy = n.index;
  n.index.erase("a", n.name_of());
  CHECK(copy.find("a", n.name_of()) == a);
  CHECK(n.find("a") == octet::name_index::none);
}

}  // namespace
