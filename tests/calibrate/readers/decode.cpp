#include <octet/calibrate/readers/decode.hpp>

#include <doctest/doctest.h>

#include "support/scratch.hpp"

TEST_CASE("PPM and PGM: the bytes of the file are the pixels") {
  scratch const s;
  auto const colour = s.write("x.ppm", "P6 2 1 255\n\x01\x02\x03\xf0\xf1\xf2");
  auto const grey = s.write("x.pgm", "P5 1 2 255\n\x07\x09");
  if (!octet::reads_images) {
    CHECK_THROWS_WITH_AS(octet::decode_image(colour, 3), doctest::Contains("built without images"), octet::error);
    return;
  }
  auto const a = octet::decode_image(colour, 3);
  CHECK(a.height == 1);
  CHECK(a.width == 2);
  CHECK(a.pixels == std::vector<std::uint8_t>{1, 2, 3, 0xf0, 0xf1, 0xf2});
  auto const b = octet::decode_image(grey, 1);
  CHECK(b.height == 2);
  CHECK(b.pixels == std::vector<std::uint8_t>{7, 9});
  CHECK(octet::decode_image(grey, 3).pixels == std::vector<std::uint8_t>{7, 7, 7, 9, 9, 9});
}

TEST_CASE("BMP: rows from the bottom, BGR, padded to four bytes") {
  if (!octet::reads_images) return;
  scratch const s;
  std::string file("BM\x3e\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\1\0\0\0\2\0\0\0\1\0\x18\0", 30);
  file.append(24, '\0');
  file.append("\3\2\1\0\6\5\4\0", 8);
  auto const im = octet::decode_image(s.write("x.bmp", file), 3);
  CHECK(im.height == 2);
  CHECK(im.pixels == std::vector<std::uint8_t>{4, 5, 6, 1, 2, 3});
}

TEST_CASE("damaged images are errors") {
  if (!octet::reads_images) return;
  scratch const s;
  CHECK_THROWS_WITH_AS(octet::decode_image(s.write("x.png", "\x89PNG\r\n\x1a\n"), 3), doctest::Contains("not an image"),
                       octet::error);
  CHECK_THROWS_AS(octet::decode_image(s.write("empty.jpg", ""), 3), octet::error);
  CHECK_THROWS_AS(octet::decode_image(s.write("large.ppm", "P6 99999 99999 255\n"), 3), octet::error);
  CHECK_THROWS_AS(octet::decode_image(s / "none.jpg", 3), octet::error);
}
