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

TEST_CASE("what a constant tells: its type, its shape and, when it is small, its elements") {
  auto const f = facts_of(ints({3, -1}));
  CHECK(*f.numbers() == list{3, -1});
  CHECK(*fixed_shape(*f.dims) == shape{2});
  CHECK_FALSE(facts_of(noise({2000})).values.has_value());
  CHECK(facts_of(floats({1}, {0.75f})).values->front()->bottom == 4);
  CHECK(facts_of(floats({1}, {0.1f})).values->front()->real.has_value());
  CHECK(element_count(dimensions{2, expression::symbol("n"), 3}).text() == "6*n");
}
