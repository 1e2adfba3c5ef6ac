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

TEST_CASE("a loop's state that grows has a new size, and its scan outputs one more axis") {
  octet::graph body;
  auto const i = body.add_input("i", tensor_type(element::s64, shape{}));
  auto const c = body.add_input("c", tensor_type(element::boolean, shape{}));
  auto const s = body.add_input("s", {.element = element::f32});
  auto const cc = body.add_node("Identity", {c}, {"c_out"});
  auto const grown = body.add_node("Concat", {s, s}, {"grown"}, {{"axis", std::int64_t{0}}});
  auto const step = body.add_node("Cast", {i}, {"step"}, {{"to", std::int64_t{1}}});
  body.outputs = {body[cc].outputs[0], body[grown].outputs[0], body[step].outputs[0]};
  builder g;
  auto const all = g.many(Loop, {tensor::scalar(std::int64_t{6}), {}, g.input("x", {2, "n"})}, 2, {{"body", body}},
                          {"state", "steps"});
  CHECK(inferred(g, all[0]) == "FLOAT[state_d0,n]");
  CHECK(inferred(g, all[1]) == "FLOAT[steps_d0]");
}
TEST_CASE("Scan takes its inputs apart and stacks its outputs") {
  octet::graph body;
  auto const a = body.add_input("a", {.element = element::f32});
  auto const n = body.add_node("Neg", {a}, {"b"});
  body.outputs = {body[n].outputs[0]};
  builder g;
  auto const y =
      g(Scan, {g.input("x", {"t", 3, 5})}, {{"body", body}, {"num_scan_inputs", 1}, {"scan_output_axes", list{1}}});
  CHECK(inferred(g, y) == "FLOAT[3,t,5]");
}
