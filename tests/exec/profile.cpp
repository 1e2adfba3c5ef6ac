// What a profile says of nodes: how often, how many operations and bytes, on which path.
#include <octet/exec/profile.hpp>

#include <doctest/doctest.h>

#include <octet/exec/session.hpp>

using namespace octet;

TEST_CASE("a profile counts calls, operations and bytes of each node and operator") {
  model m;
  m.import_opset("", 13);
  auto& g = m.main;
  auto const x = g.add_input("x", tensor_type(element::f32, {1, 2, 4, 4}));
  auto const w = g.add_initializer("w", tensor::of<float>({3, 2, 1, 1}, {1, 2, 3, 4, 5, 6}));
  auto const v = g.add_initializer("v", tensor::of<float>({4, 5}, std::vector<float>(20, 1.f)));
  g.add_node("Conv", {x, w}, {"c"}, {}, {}, "first");
  g.add_node("MatMul", {g.find("c"), v}, {"y"}, {}, {}, "second");
  g.add_node("Neg", {g.find("y")}, {"z"});
  g.outputs = {g.find("z")};
  profile p;
  session s{m, {.profile = &p}};
  feed const in{{"x", tensor::of<float>({1, 2, 4, 4}, std::vector<float>(32, 1.f))}};
  for (int i = 0; i < 3; ++i) s.run(in);
  std::int64_t operations = 0, calls = 0;
  for (auto const& n : p.nodes()) operations += n.operations, calls += n.calls;
  CHECK(calls % 3 == 0);
  CHECK(operations == 3 * (2 * 3 * 16 * 2 + 2 * 3 * 4 * 5 * 4));  // Conv: 48 outputs of 2 terms; MatMul: 60 of 4
  auto const neg = std::find_if(p.nodes().begin(), p.nodes().end(), [](auto& n) { return n.op == "Neg"; });
  REQUIRE(neg != p.nodes().end());
  CHECK(neg->name == "z");
  CHECK(neg->bytes == 3 * 2 * 60 * 4);
  CHECK(neg->operations == 0);
  std::int64_t together = 0;
  for (auto const& o : p.operators()) together += o.calls;
  CHECK(together == calls);
  p.clear();
  CHECK(p.nodes().empty());
}
