#include <octet/ops/recurrent.hpp>

#include <doctest/doctest.h>

#include "support/one_operator.hpp"

using namespace octet;

TEST_CASE("A22: an LSTM of another layout, or with computed weights, stays float") {
  auto const unfit = [](bool constant, std::int64_t layout) {
    test::maker m{"lstm"};
    auto const w = constant ? m.weight("w", {1, 8, 3}) : m.input("w", {1, 8, 3});
    auto const y =
        m.op("LSTM", {m.input("x", {4, 1, 3}), w, m.weight("r", {1, 8, 2})}, {test::int_attribute("layout", layout)});
    return unfit_lstm(m.g(), *m.g().producer(y), true);
  };
  CHECK(unfit(true, 0).empty());
  CHECK(unfit(true, 1) == "its quantized form knows layout 0 only");
  CHECK(unfit(false, 0) == "its weights are not constants of rank 3");
}
