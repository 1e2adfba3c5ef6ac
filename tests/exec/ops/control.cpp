#include "exec/ops/run_one.hpp"

#include <octet/exec/session.hpp>

using namespace octet;
using octet::test::floats_of;
using octet::test::ints_of;
using octet::test::values;

namespace {
using f32 = std::vector<float>;

/// A model around one control node; `in` become the inputs of the graph in order, an empty tensor leaves one out.
struct control_model {
  model m{};
  feed given{};

  control_model(std::string op, std::vector<tensor> in, std::size_t outputs, std::vector<attribute> attributes) {
    m.ir_version = 8;
    m.opsets.push_back({.domain = "", .version = 17});
    std::vector<value_id> inputs;
    for (std::size_t i = 0; i < in.size(); ++i) {
      auto const name = "x" + std::to_string(i);
      inputs.push_back(in[i] ? m.main.add_input(name, tensor_type(in[i].type(), in[i].dims())) : value_id::none);
      if (in[i]) given[name] = in[i];
    }
    std::vector<std::string> names;
    for (std::size_t i = 0; i < outputs; ++i) names.push_back("y" + std::to_string(i));
    auto const n = m.main.add_node(op, inputs, names, std::move(attributes));
    m.main.outputs = m.main[n].outputs;
  }
  std::vector<tensor> run(session_options const& o = {}) {
    session s{m, o};
    auto out = s.run(given);
    std::vector<tensor> r;
    for (std::size_t i = 0; i < m.main.outputs.size(); ++i) r.push_back(out["y" + std::to_string(i)]);
    return r;
  }
};
attribute body_of(std::string name, graph g) { return {.name = std::move(name), .value = graph_box{std::move(g)}}; }
attribute number(std::string name, std::int64_t v) { return {.name = std::move(name), .value = v}; }
tensor truth(bool b) { return tensor::of<bool>({}, {b}); }

/// A branch whose only output is a constant.
graph constant_branch(std::string name, tensor t) {
  graph g;
  g.outputs.push_back(g.add_initializer(name, std::move(t)));
  return g;
}

/// (i, condition, sum) → (condition or sum < limit, sum + step, sum): the old sum is collected.
graph counting_body(float limit, bool by_condition) {
  graph g;
  g.add_input("i", tensor_type(element::s64, {}));
  auto const condition = g.add_input("go", tensor_type(element::boolean, {}));
  auto const sum = g.add_input("sum", tensor_type(element::f32, {1}));
  auto const step = g.add_initializer("step", floats_of({1}, {2})),
             most = g.add_initializer("most", floats_of({}, {limit}));
  auto const next = g[g.add_node("Add", {sum, step}, {"next"})].outputs[0];
  auto const seen = g[g.add_node("Identity", {sum}, {"seen"})].outputs[0];
  g[seen].type = tensor_type(element::f32, {1});
  auto go = g[g.add_node("Identity", {condition}, {"again"})].outputs[0];
  if (by_condition) {
    auto const line = g[g.add_node("Less", {next, most}, {"line"})].outputs[0];
    go = g[g.add_node("Squeeze", {line}, {"below"})].outputs[0];
  }
  g.outputs = {go, next, seen};
  return g;
}
}  // namespace

TEST_CASE("If runs the branch that its condition names; branches may differ in shape") {
  for (bool const b : {true, false}) {
    control_model c{"If",
                    {truth(b)},
                    1,
                    {body_of("then_branch", constant_branch("a", floats_of({1}, {1}))),
                     body_of("else_branch", constant_branch("b", floats_of({2}, {2, 3})))}};
    CHECK(values<float>(c.run()[0]) == (b ? f32{1} : f32{2, 3}));
  }
  control_model wrong{"If",
                      {floats_of({}, {1})},
                      1,
                      {body_of("then_branch", constant_branch("a", floats_of({1}, {1}))),
                       body_of("else_branch", constant_branch("b", floats_of({1}, {2})))}};
  CHECK_THROWS_AS(wrong.run(), error);
  control_model missing{"If", {truth(true)}, 1, {}};
  CHECK_THROWS_AS(missing.run(), error);
}

TEST_CASE("Loop ends by its count or its condition, and stacks what it collects") {
  control_model counted{
      "Loop", {ints_of({}, {3}), tensor{}, floats_of({1}, {1})}, 2, {body_of("body", counting_body(0, false))}};
  auto r = counted.run();
  CHECK(values<float>(r[0]) == f32{7});
  CHECK(r[1].dims() == shape{3, 1});
  CHECK(values<float>(r[1]) == f32{1, 3, 5});
  control_model ended{
      "Loop", {tensor{}, truth(true), floats_of({1}, {1})}, 2, {body_of("body", counting_body(6, true))}};
  r = ended.run();
  CHECK(values<float>(r[0]) == f32{7});
  CHECK(values<float>(r[1]) == f32{1, 3, 5});
}

TEST_CASE("a Loop that never runs has collected nothing, in the shape that the body declares") {
  control_model none{
      "Loop", {ints_of({}, {0}), truth(true), floats_of({1}, {1})}, 2, {body_of("body", counting_body(0, false))}};
  auto const r = none.run();
  CHECK(values<float>(r[0]) == f32{1});
  CHECK(r[1].dims() == shape{0, 1});
  control_model never{
      "Loop", {ints_of({}, {5}), truth(false), floats_of({1}, {1})}, 2, {body_of("body", counting_body(0, false))}};
  CHECK(never.run()[1].dims() == shape{0, 1});
}

TEST_CASE("a Loop without end stops at the limit of the session") {
  control_model endless{
      "Loop", {tensor{}, truth(true), floats_of({1}, {1})}, 2, {body_of("body", counting_body(0, false))}};
  session_options o;
  o.loop_limit = 100;
  try {
    endless.run(o);
    FAIL("no error");
  } catch (error const& e) {
    CHECK(e.kind == error_kind::runtime);
  }
}

TEST_CASE("Scan walks slices forwards or backwards along any axis") {
  graph g;
  auto const sum = g.add_input("sum", tensor_type(element::f32, {2})),
             x = g.add_input("x", tensor_type(element::f32, {2}));
  auto const next = g[g.add_node("Add", {sum, x}, {"next"})].outputs[0],
             seen = g[g.add_node("Identity", {next}, {"seen"})].outputs[0];
  g.outputs = {next, seen};
  auto const t = floats_of({3, 2}, {1, 2, 3, 4, 5, 6}), zero = floats_of({2}, {0, 0});
  control_model forwards{"Scan", {zero, t}, 2, {number("num_scan_inputs", 1), body_of("body", g)}};
  auto r = forwards.run();
  CHECK(values<float>(r[0]) == f32{9, 12});
  CHECK(values<float>(r[1]) == f32{1, 2, 4, 6, 9, 12});
  using list = std::vector<std::int64_t>;
  control_model backwards{"Scan",
                          {zero, floats_of({2, 3}, {1, 3, 5, 2, 4, 6})},
                          2,
                          {number("num_scan_inputs", 1),
                           {.name = "scan_input_axes", .value = list{1}},
                           {.name = "scan_input_directions", .value = list{1}},
                           {.name = "scan_output_axes", .value = list{-1}},
                           {.name = "scan_output_directions", .value = list{1}},
                           body_of("body", g)}};
  r = backwards.run();
  CHECK(r[1].dims() == shape{2, 3});
  CHECK(values<float>(r[1]) == f32{9, 8, 5, 12, 10, 6});
  control_model wrong{"Scan", {zero, t}, 2, {number("num_scan_inputs", 3), body_of("body", g)}};
  CHECK_THROWS_AS(wrong.run(), error);
}
