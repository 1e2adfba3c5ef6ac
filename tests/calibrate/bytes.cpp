#include <octet/calibrate/bytes.hpp>

#include <doctest/doctest.h>

#include <limits>

using octet::detail::byte_reader, octet::detail::byte_writer;

TEST_CASE("what is written is read") {
  byte_writer w;
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  for (std::uint64_t const n : {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, std::uint64_t{1} << 35, most})
    w.number(n);
  w.real(-1.5f), w.text("abc"), w.fixed(0x0102, 2);
  byte_reader r{w.bytes()};
  for (std::uint64_t const n : {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, std::uint64_t{1} << 35, most})
    CHECK(r.number() == n);
  CHECK(r.real() == -1.5f);
  CHECK(r.text() == "abc");
  CHECK(r.fixed(1) == 2);
  CHECK(r.fixed(1) == 1);
  CHECK(r.done());
}

TEST_CASE("what is cut off or impossible is refused") {
  CHECK_THROWS_AS(byte_reader{""}.number(), octet::error);
  CHECK_THROWS_AS(byte_reader{"\x80"}.number(), octet::error);
  CHECK_THROWS_AS(byte_reader{std::string(9, '\xff') + "\x02"}.number(), octet::error);
  CHECK_THROWS_AS(byte_reader{"\x05"
                              "abc"}
                      .text(),
                  octet::error);
  CHECK_THROWS_AS(byte_reader{"abc"}.real(), octet::error);
}
