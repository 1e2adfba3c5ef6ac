#include <octet/calibrate/json_text.hpp>

#include <doctest/doctest.h>

#include <vector>

using octet::detail::json_reader, octet::detail::json_string, octet::detail::python_number;

TEST_CASE("numbers are written as Python's repr does") {
  // what `python3 -c 'print(repr(x))'` prints
  CHECK(python_number(0) == "0.0");
  CHECK(python_number(-0.0) == "-0.0");
  CHECK(python_number(double(6.4645596f)) == "6.464559555053711");
  CHECK(python_number(100000) == "100000.0");
  CHECK(python_number(1e15) == "1000000000000000.0");
  CHECK(python_number(1e16) == "1e+16");
  CHECK(python_number(0.0001) == "0.0001");
  CHECK(python_number(0.00001) == "1e-05");
  CHECK(python_number(-1.5e-7) == "-1.5e-07");
  CHECK(python_number(1e300) == "1e+300");
  CHECK(python_number(std::nan("")) == "NaN");
  CHECK(python_number(-INFINITY) == "-Infinity");
}

TEST_CASE("strings are escaped as json.dumps does, and read back") {
  CHECK(json_string("a/b\"\\\n\x01") == "\"a/b\\\"\\\\\\n\\u0001\"");
  CHECK(json_string("\u00e9\u20ac\U0001f600") == "\"\\u00e9\\u20ac\\ud83d\\ude00\"");
  for (std::string const s : {"", "plain", "\u00e9\u20ac\U0001f600 \t\"\\/"})
    CHECK(json_reader{json_string(s)}.string() == s);
  CHECK(json_reader{"\"\\b\\f\\r\\t\\/\""}.string() == "\b\f\r\t/");
}

TEST_CASE("values one after another") {
  json_reader in{R"( {"a": [1, -2.5e3, NaN, -Infinity], "b": {"c": [null, true, "x", {}], "d": []}, "e": false} )"};
  std::vector<double> a;
  in.object([&](std::string const& key) {
    if (key == "a") in.array([&] { a.push_back(in.number()); });
    else if (key == "e") CHECK(!in.boolean());
    else in.skip();
  });
  CHECK(in.done());
  REQUIRE(a.size() == 4);
  CHECK(a[1] == -2500);
  CHECK(std::isnan(a[2]));
  CHECK(a[3] < -1e308);
}

TEST_CASE("what is not JSON is refused") {
  std::string const deep(1000, '[');
  for (auto const* bad : {"", "{", "{\"a\"}", "[1", "[1,]", "[1 2]", "\"\\x\"", "\"\\u12\"", "\"a", "tru", "nul",
                          "{\"a\":}", "-", deep.c_str()})
    CHECK_THROWS_AS(json_reader{bad}.skip(), octet::error);
}
