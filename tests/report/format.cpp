#include <octet/report/format.hpp>

#include <limits>

#include <doctest/doctest.h>

using namespace octet::detail;

TEST_CASE("bytes have a unit and three digits") {
  CHECK(bytes_text(0) == "0 B");
  CHECK(bytes_text(999) == "999 B");
  CHECK(bytes_text(1000) == "1.00 KB");
  CHECK(bytes_text(211948) == "212 KB");
  CHECK(bytes_text(24'100'000) == "24.1 MB");
  CHECK(bytes_text(999'999) == "1.00 MB");
}

TEST_CASE("seconds have a unit") {
  CHECK(seconds_text(0.00042) == "0.4 ms");
  CHECK(seconds_text(0.012) == "12 ms");
  CHECK(seconds_text(3.14) == "3.1 s");
  CHECK(seconds_text(0.9996) == "1.0 s");
}

TEST_CASE("decibels and shares") {
  CHECK(decibel_text(32.08) == "32.1 dB");
  CHECK(decibel_text(std::numeric_limits<double>::infinity()) == "exact");
  CHECK(percent_text(0.314) == "31.4 %");
  CHECK(percent_text(1) == "100 %");
}

TEST_CASE("padding counts characters, not bytes") {
  CHECK(columns("é→") == 2);
  CHECK(padded("é", 3) == "é  ");
  CHECK(padded("12", 4, true) == "  12");
  CHECK(padded("12345", 4) == "12345");
}

TEST_CASE("long lists are cut") {
  CHECK(listed({"a", "b", "c"}, 3) == "a, b, c");
  CHECK(listed({"a", "b", "c"}, 2) == "a, b and 1 more");
  CHECK(listed({}, 2) == "");
}

TEST_CASE("lines are broken at spaces") {
  CHECK(wrapped("aa bb cc", 2, 7) == "  aa bb\n  cc\n");
  CHECK(wrapped("a_word_that_is_too_long x", 0, 5) == "a_word_that_is_too_long\nx\n");
}

TEST_CASE("JSON strings escape what they must, and are UTF-8") {
  CHECK(json_text("a\"b\\c\n\x01") == "\"a\\\"b\\\\c\\u000a\\u0001\"");
  CHECK(json_text("é") == "\"é\"");
  CHECK(json_text("\xff.") == "\"\xef\xbf\xbd.\"");
  CHECK(json_text("\xc3") == "\"\xef\xbf\xbd\"");
  CHECK(json_text("\xc0\x80") == "\"\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST_CASE("JSON numbers come back exactly") {
  CHECK(json_number(0.1) == "0.1");
  CHECK(json_number(static_cast<double>(0.1f)) == "0.10000000149011612");
  CHECK(json_number(4) == "4.0");
  CHECK(json_number(std::numeric_limits<double>::infinity()) == "Infinity");
  CHECK(json_number(-std::numeric_limits<double>::infinity()) == "-Infinity");
  CHECK(json_number(std::numeric_limits<double>::quiet_NaN()) == "NaN");
}

TEST_CASE("HTML escapes markup") { CHECK(html_text("<a href=\"x\">&") == "&lt;a href=&quot;x&quot;&gt;&amp;"); }
