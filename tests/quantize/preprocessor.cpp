#include <octet/quantize/preprocessor.hpp>

#include <doctest/doctest.h>

#include "support/one_operator.hpp"

using namespace octet;

TEST_CASE("rules run until nothing changes, and not at all where optimization is off") {
  for (bool const on : {true, false}) {
    test::maker m{"m"};
    auto const x = m.input("x", {2});
    m.output(m.op("Neg", {m.op("Identity", {m.op("Identity", {x})})}), 1);
    auto s = m.done();
    preprocess_options o;
    o.optimize = on;
    auto const report = detail::preprocessor{s.model, o}.run();
    CHECK(s.model.main.order.size() == (on ? 1 : 3));
    CHECK(report.modified() == on);
  }
}
