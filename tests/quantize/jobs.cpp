#include <octet/quantize/jobs.hpp>

#include <doctest/doctest.h>

#include "support/one_operator.hpp"

using namespace octet;

TEST_CASE("a job counts the bytes of initializers before and after") {
  test::maker m{"bytes"};
  m.output(m.op("MatMul", {m.input("x", {1, 16}), m.weight("w", {16, 32})}), 2);
  auto s = m.done();
  auto o = dynamic_options();
  auto const r = detail::quantize_dynamic(s.model, u8s8, o);
  CHECK(r.bytes_before == 16 * 32 * 4);
  CHECK(r.bytes_after == 16 * 32 + 4 + 1);  // integers, one scale, one zero point
}
