// 16-bit constants reach operators as float, and results go back.
#include <octet/exec/ops/half.hpp>

#include "run_one.hpp"

using namespace octet;
using namespace octet::test;

namespace {
operation prepare_double(preparation const& p) {
  bool const seen = p.constant(0) != nullptr && p.constant(0)->type() == element::f32;
  return [seen](call& c) {
    auto const x = c.inputs[0].as<float>();
    auto const y = c.make(0, element::f32, c.inputs[0].dims()).mutable_as<float>();
    for (std::size_t i = 0; i < x.size(); ++i) y[i] = seen ? 2 * x[i] : x[i];
  };
}
constexpr operator_entry table[] = {{"Double", "", 1, &detail::prepare_as_float<&prepare_double>}};
}  // namespace

TEST_CASE("f16 and bf16 in, f16 and bf16 out, float while it is prepared and run") {
  tensor h{element::f16, {2}}, b{element::bf16, {2}};
  h.mutable_as<std::uint16_t>()[0] = 0x3c00, h.mutable_as<std::uint16_t>()[1] = 0xc000;  // 1, −2
  b.mutable_as<std::uint16_t>()[0] = 0x3f80, b.mutable_as<std::uint16_t>()[1] = 0xc000;
  auto const yh = run({.table = table, .op = "Double", .inputs = {h}, .constants = true})[0],
             yb = run({.table = table, .op = "Double", .inputs = {b}, .constants = true})[0];
  CHECK(yh.type() == element::f16);
  CHECK(yh.as<std::uint16_t>()[0] == 0x4000);
  CHECK(yh.as<std::uint16_t>()[1] == 0xc400);
  CHECK(yb.type() == element::bf16);
  CHECK(yb.as<std::uint16_t>()[0] == 0x4000);
  CHECK(run({.table = table, .op = "Double", .inputs = {floats_of({1}, {3})}, .constants = true})[0].type() ==
        element::f32);
}
