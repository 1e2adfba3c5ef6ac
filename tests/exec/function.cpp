// The body of a function as one call means it.
#include <octet/exec/function.hpp>

#include <doctest/doctest.h>

using namespace octet;
using namespace octet::detail;

namespace {
function scaled() {
  function f{.name = "scaled",
             .domain = "mine",
             .attributes = {"factor"},
             .attribute_defaults = {{.name = "beta", .value = 2.f}}};
  auto const a = f.body.add_value("a");
  f.body.inputs = {a};
  f.body.add_node("Gemm", {a, a}, {"c"},
                  {{.name = "alpha", .reference = "factor"},
                   {.name = "beta", .reference = "beta"},
                   {.name = "transA", .reference = "absent"}});
  f.body.outputs = {f.body.find("c")};
  return f;
}
node call_of(std::vector<attribute> attributes) {
  node n;
  n.op = "scaled", n.domain = "mine", n.attributes = std::move(attributes);
  n.inputs = {value_id{0}}, n.outputs = {value_id{1}};
  return n;
}
}  // namespace

TEST_CASE("references become the call's attributes, else the defaults, else nothing") {
  auto const f = scaled();
  auto const body = body_of(f, call_of({{.name = "factor", .value = 3.f}}));
  auto const& n = body[body.order[0]];
  CHECK(n.get("alpha", 0.f) == 3);
  CHECK(n.get("beta", 0.f) == 2);
  CHECK(n.find("transA") == nullptr);
  CHECK(f.body[f.body.order[0]].find("alpha")->reference == "factor");
}

TEST_CASE("references inside of subgraphs are bound too") {
  function f{.name = "scaled", .domain = "mine"};
  graph branch;
  branch.add_node("Constant", {}, {"v"}, {{.name = "value_float", .reference = "factor"}});
  auto const a = f.body.add_value("a");
  f.body.inputs = {a};
  f.body.add_node("If", {a}, {"r"}, {{.name = "then_branch", .value = graph_box{branch}}});
  f.body.outputs = {f.body.find("r")};
  auto const body = body_of(f, call_of({{.name = "factor", .value = 5.f}}));
  auto const& inner = **body[body.order[0]].get<graph_box>("then_branch");
  CHECK(inner[inner.order[0]].get("value_float", 0.f) == 5);
}

TEST_CASE("a function is found by name and domain, and calls with more arguments than it has are refused") {
  model m;
  m.functions.push_back(scaled());
  auto n = call_of({});
  CHECK(find_function(m, n) == &m.functions[0]);
  n.domain = "other";
  CHECK(find_function(m, n) == nullptr);
  n.inputs = {value_id{0}, value_id{0}};
  CHECK_THROWS_AS(body_of(m.functions[0], n), error);
}
