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

TEST_CASE("recurrent layers: directions, both layouts, final states") {
  builder g;
  auto const x = g.input("x", {"t", "b", 10});
  auto const both =
      g.many(LSTM, {x, noise({2, 32, 10}), noise({2, 32, 8})}, 3, {{"hidden_size", 8}, {"direction", "bidirectional"}});
  CHECK(inferred(g, both[0]) == "FLOAT[t,2,b,8]");
  CHECK(inferred(g, both[2]) == "FLOAT[2,b,8]");
  auto const first = g.many(GRU, {x, noise({1, 24, 10}), noise({1, 24, 8})}, 2, {{"layout", 1}});
  CHECK(inferred(g, first[0]) == "FLOAT[t,b,1,8]");
  CHECK(inferred(g, first[1]) == "FLOAT[t,1,8]");
}
