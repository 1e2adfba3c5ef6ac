#include "zip.hpp"

#include <octet/calibrate/readers/zip.hpp>

#include <doctest/doctest.h>

using octet::detail::zip_archive;

namespace {
zip_archive archive(std::string const& s) { return zip_archive{std::as_bytes(std::span{s.data(), s.size()})}; }
}  // namespace

TEST_CASE("stored and deflated members, with and without 64-bit sizes and a comment") {
  std::string const text(10000, 'a');
  auto const s = zip_writer{}
                     .add("one", "hello", false)
                     .add("two", text, true)
                     .add("three", text, true, true)
                     .add("none", "", true)
                     .done("a comment");
  auto const z = archive(s);
  REQUIRE(z.members().size() == 4);
  CHECK(z.members()[0].name == "one");
  CHECK(z.read(z.members()[0]) == "hello");
  CHECK(z.read(z.members()[1]) == text);
  CHECK(z.read(z.members()[2]) == text);
  CHECK(z.read(z.members()[3]) == "");
}

TEST_CASE("damaged archives give an error, whichever byte is wrong") {
  auto const good = zip_writer{}.add("one", "hello hello hello hello", true).add("two", "abc", false).done();
  int refused = 0;
  auto const attempt = [&](std::string const& s) {
    try {
      auto const z = archive(s);
      for (auto const& m : z.members()) z.read(m);
    } catch (octet::error const&) {
      ++refused;
    }
  };
  for (std::size_t n = 0; n < good.size(); ++n) attempt(good.substr(0, n));
  CHECK(refused == int(good.size()));
  for (std::size_t i = 0; i < good.size(); ++i)
    for (int const b : {0x00, 0xff, 0x55}) {
      auto bad = good;
      bad[i] = static_cast<char>(bad[i] ^ b);
      attempt(bad);
    }
  auto const liar = zip_writer{}.add("one", "hello", true, false, 0x7fffff00).done();
  CHECK_THROWS_AS(archive(liar).read(archive(liar).members()[0]), octet::error);
}
