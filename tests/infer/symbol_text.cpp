#include <doctest/doctest.h>

#include <support/inferred.hpp>

using namespace octet;
using namespace octet::ops;
using support::builder;
using support::floats;
using support::inferred;
using support::ints;
using support::noise;
using list = std::vector<std::int64_t>;

TEST_CASE("symbols with unusual names stay readable alone and in formulas") {
  auto const odd = expression::symbol("batch size");
  CHECK(odd.text() == "batch size");
  CHECK((odd * 2 + 1).text() == "2*(batch size) + 1");
  CHECK(parse_expression("2*seq + floor(t/20) - 1")->text() == "floor(t/20) + 2*seq - 1");
  CHECK(parse_expression(std::string(1000, '(')) == std::nullopt);
}
