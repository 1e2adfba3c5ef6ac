#include <octet/calibrate/tensorrt.hpp>

#include <doctest/doctest.h>

#include <cstring>

#include "support/files.hpp"

namespace {
/// Follows the FlatBuffers format as its documentation says: offsets, vtables, strings.
struct flat {
  std::string bytes;
  template <class T>
  T at(std::size_t i) const {
    T x;
    REQUIRE(i + sizeof x <= bytes.size());
    REQUIRE(i % sizeof x == 0);
    std::memcpy(&x, bytes.data() + i, sizeof x);
    return x;
  }
  std::size_t follow(std::size_t i) const { return i + at<std::uint32_t>(i); }
  std::size_t field(std::size_t table, std::size_t slot) const {
    auto const vtable = table - std::size_t(at<std::int32_t>(table));
    REQUIRE(at<std::uint16_t>(vtable) > slot);
    return table + at<std::uint16_t>(vtable + slot);
  }
  std::string text(std::size_t i) const {
    auto const n = at<std::uint32_t>(i);
    CHECK(bytes.at(i + 4 + n) == '\0');
    return bytes.substr(i + 4, n);
  }
};
}  // namespace

TEST_CASE("A19: the largest magnitude, whichever end it is") {
  CHECK(octet::tensorrt_value({-3, 0.5f}) == "3.0");
  CHECK(octet::tensorrt_value({0, 6.4645596f}) == "6.464559555053711");
  CHECK(octet::tensorrt_value({0, 0}) == "0.0");
}

TEST_CASE("the three files") {
  octet::ranges all;
  all.set("b", octet::range{-1, 2});
  all.set("a longer name", octet::range{-3, 0.5f});
  all.set("c", octet::range{0, 1});
  scratch_folder const folder;
  octet::save_tensorrt_table(all, folder / "table");
  octet::save_tensorrt_table(all, folder / "table");
  CHECK(read_file(folder / "table/calibration.cache") == "a longer name 3.0\nb 2.0\nc 1.0\n");
  CHECK(octet::ranges::load(folder / "table/calibration.json") == all);
  flat const f{read_file(folder / "table/calibration.flatbuffers")};
  auto const dict = f.follow(f.field(f.follow(0), 4));
  REQUIRE(f.at<std::uint32_t>(dict) == 3);
  std::string read;
  for (std::size_t i = 0; i < 3; ++i) {
    auto const entry = f.follow(dict + 4 + 4 * i);
    read += f.text(f.follow(f.field(entry, 4))) + '=' + f.text(f.follow(f.field(entry, 6))) + ' ';
  }
  CHECK(read == "c=1.0 b=2.0 a longer name=3.0 ");
  CHECK_THROWS_AS(octet::save_tensorrt_table(all, folder / "none/table"), octet::error);
}

TEST_CASE("no tensors") { CHECK(octet::tensorrt_flatbuffer({}).size() % 4 == 0); }
