#include <doctest/doctest.h>

#include <octet/infer/symbol_text.hpp>

#include <octet/infer/symbol.hpp>

#include <map>

using octet::expression;
using octet::floor_div;

namespace {
expression const b = expression::symbol("batch"), s = expression::symbol("seq"), t = expression::symbol("t");
}

TEST_CASE("polynomials are canonical whatever the order of operations") {
  CHECK((b + s) * 4 == s * 4 + b * 4);
  CHECK((b + s) * (b - s) == b * b - s * s);
  CHECK((b * s - s * b).is(0));
  CHECK((b * s * 2).text() == "2*batch*seq");
  CHECK((s + 1 - 3).text() == "seq - 2");
  CHECK((3 - s).text() == "-seq + 3");
  CHECK(expression{-4}.text() == "-4");
}

TEST_CASE("floor division: exact parts leave the floor and chains of strided layers collapse") {
  CHECK(floor_div(b * s * 64, b * 16) == s * 4);
  CHECK(floor_div(s * 3 + 1, 2) == s + floor_div(s + 1, 2));
  CHECK(floor_div(floor_div(floor_div(t, 5), 2), 2) == floor_div(t, 20));
  CHECK(floor_div(t * 4 + 3, 4) == t);
  CHECK(floor_div(t * 6 + 3, 4).text() == "floor((t + 1)/2) + t");
  CHECK(floor_div(expression{-7}, 2).is(-4));
  CHECK(floor_div((b + s) * 12, b + s).is(12));
  CHECK(octet::ceil_div(t, 2) == floor_div(t + 1, 2));
  CHECK_THROWS_AS(floor_div(t, 0), octet::error);
}

TEST_CASE("remainders, maxima and minima drop what the ranges decide") {
  CHECK(octet::modulo(t * 4 + 6, 4).is(2));
  CHECK(octet::max(t, 1) == t);
  CHECK(octet::min(t, 0).is(0));
  CHECK(octet::min(512, s).text() == "Min(512, seq)");
  CHECK(octet::max(octet::max(b, s), b) == octet::max(s, b));
  CHECK(octet::surely_at_most(octet::min(512, s), 512));
  CHECK(octet::surely_at_most(octet::min(512, s), s));
  CHECK_FALSE(octet::surely_at_most(s, 512));
  CHECK(expression::symbol("n", 0).range().low == 0);
}

TEST_CASE("the text form reads back as the same expression") {
  for (auto const& e : {b * s, floor_div(t - 1, 20) - 1, octet::min(512, s) * 2 + b, octet::modulo(-t, 4),
                        octet::max(b - s, 3), floor_div(t + b, s), floor_div(b * s, t * 2), 7 - t * t})
    CHECK_MESSAGE(octet::parse_expression(e.text()) == e, e.text());
  CHECK(octet::parse_expression("floor(floor(p/2 - 1/2)/2)").has_value());
  for (auto const* bad : {"", "a b", "2*", "f(x)", "(a", "a/0", "99999999999999999999", "a--"})
    CHECK_MESSAGE(!octet::parse_expression(bad), bad);
}

TEST_CASE("evaluation gives the integer arithmetic of the formula") {
  std::map<std::string, std::int64_t> const at{{"batch", 3}, {"seq", 700}, {"t", 1999}};
  CHECK(octet::evaluate(octet::min(512, s) * b, at) == 1536);
  CHECK(octet::evaluate(floor_div(t - 400, 320), at) == (1999 - 400) / 320);
  CHECK(octet::evaluate(octet::modulo(-t, 4), at) == 1);
  CHECK_FALSE(octet::evaluate(expression::symbol("other"), at).has_value());
}

TEST_CASE("coefficients that do not fit are an error, not a wrong number") {
  CHECK_THROWS_AS(expression{INT64_MAX} * b + b, octet::error);
  CHECK_THROWS_AS((void)(b * INT64_MAX * 2), octet::error);
}
