#include <octet/calibrate/readers/paths.hpp>

#include <doctest/doctest.h>

#include "support/scratch.hpp"

using octet::detail::data_kind, octet::detail::kind_of;

TEST_CASE("numbers in names count as numbers") {
  using octet::natural_less;
  CHECK(natural_less("x2", "x10"));
  CHECK(!natural_less("x10", "x2"));
  CHECK(natural_less("a", "b"));
  CHECK(natural_less("a1b2", "a1b10"));
  CHECK(natural_less("x", "x0"));
  CHECK(natural_less("x01", "x1"));
  CHECK(!natural_less("x1", "x01"));
  CHECK(!natural_less("x1", "x1"));
}

TEST_CASE("a name tells what is in the file, in any case") {
  CHECK(kind_of("a/x.npz") == data_kind::npz);
  CHECK(kind_of("x.JPG") == data_kind::image);
  CHECK(kind_of("x.Jpeg") == data_kind::image);
  CHECK(kind_of("x.bin") == data_kind::raw);
  CHECK(kind_of("x.jsonl") == data_kind::lines);
  CHECK(kind_of("x.json") == data_kind::none);
  CHECK(kind_of(".png") == data_kind::none);
}

TEST_CASE("patterns are expanded in natural order; a file of that very name comes first") {
  scratch const s;
  for (int const k : {10, 2, 0}) s.write("d/x" + std::to_string(k) + ".npy", "");
  s.write("d/y[1].npy", ""), s.write("d/y1.npy", "");
  CHECK(octet::detail::expanded(s / "d/x*.npy") ==
        std::vector<std::string>{s / "d/x0.npy", s / "d/x2.npy", s / "d/x10.npy"});
  CHECK(octet::detail::expanded(s / "d/y[1].npy") == std::vector<std::string>{s / "d/y[1].npy"});
  CHECK(octet::detail::expanded(s / "none.npy") == std::vector<std::string>{s / "none.npy"});
  CHECK_THROWS_WITH_AS(octet::detail::expanded(s / "z*"), doctest::Contains("nothing fits"), octet::error);
}

TEST_CASE("a folder is sets, one sample, or files of one kind") {
  scratch const s;
  s.write("sets/test_data_set_10/input_0.pb", ""), s.write("sets/test_data_set_9/input_0.pb", "");
  s.write("sets/labels.txt", ""), s.write("images/b.png", ""), s.write("images/a.JPG", "");
  s.write("mixed/a.png", ""), s.write("mixed/a.raw", "");
  CHECK(octet::detail::samples_at(s / "sets/") ==
        std::vector<std::string>{s / "sets/test_data_set_9", s / "sets/test_data_set_10"});
  CHECK(octet::detail::samples_at(s / "sets/test_data_set_9") == std::vector<std::string>{s / "sets/test_data_set_9"});
  CHECK(octet::detail::samples_at(s / "images") == std::vector<std::string>{s / "images/a.JPG", s / "images/b.png"});
  CHECK_THROWS_WITH_AS(octet::detail::samples_at(s / "mixed"), doctest::Contains("both raw (.raw, .bin) and image"),
                       octet::error);
}
