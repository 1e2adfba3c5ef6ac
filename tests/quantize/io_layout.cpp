#include <octet/quantize/io_layout.hpp>

#include <doctest/doctest.h>

#include <support/builder.hpp>

using namespace octet;
using namespace octet::ops;

namespace {
support::builder layout_model() {
  support::builder g;
  auto const x = g.input("x", {1, 3, 4, 5});
  auto const y = g(Relu, {x}, {}, "x_channel_first_6");
  g.output(g(Neg, {y}, {}, "y"), {1, 3, 4, 5});
  g.output(g(Abs, {x}, {}, "z"), {1, 3, 4, 5});
  return g;
}
std::vector<std::int64_t> layout_sizes(graph const& g, std::string const& name) {
  std::vector<std::int64_t> s;
  for (auto const& d : *g[g.find(name)].type->dims) s.push_back(d.size);
  return s;
}
using list = std::vector<std::int64_t>;
}  // namespace

TEST_CASE("an input becomes channel-last by a Transpose behind it, under a free name") {
  auto b = layout_model();
  channel_last_input(b.m, "x");
  auto const& g = b.m.main;
  CHECK(layout_sizes(g, "x") == list{1, 4, 5, 3});
  CHECK(layout_sizes(g, "x_channel_first_7") == list{1, 3, 4, 5});
  auto const& t = *g.producer(g.find("x_channel_first_7"));
  CHECK(t.op == "Transpose");
  CHECK(*t.get<list>("perm") == list{0, 3, 1, 2});
  CHECK(t.inputs[0] == g.find("x"));
  CHECK(g.use_count(g.find("x")) == 1);
  CHECK(t.name == "Transpose_channel_0");
  CHECK(&g[g.order[0]] == &t);
}

TEST_CASE("an output becomes channel-last by a Transpose before it; further readers see what they saw") {
  auto b = layout_model();
  channel_last_output(b.m, "y");
  auto const& g = b.m.main;
  CHECK(g[g.outputs[0]].name == "y");
  CHECK(layout_sizes(g, "y") == list{1, 4, 5, 3});
  auto const& t = *g.producer(g.outputs[0]);
  CHECK(t.op == "Transpose");
  CHECK(*t.get<list>("perm") == list{0, 2, 3, 1});
  CHECK(g[t.inputs[0]].name == "y_channel_first_0");
  CHECK(g.producer(t.inputs[0])->op == "Neg");
}

TEST_CASE("what is no input or output, or has two axes, is refused") {
  auto b = layout_model();
  CHECK_THROWS_AS(channel_last_input(b.m, "y"), error);
  CHECK_THROWS_AS(channel_last_output(b.m, "x"), error);
  support::builder flat;
  flat.output(flat(Relu, {flat.input("x", {2, 3})}, {}, "y"), {2, 3});
  CHECK_THROWS_AS(channel_last_input(flat.m, "x"), error);
}

TEST_CASE("nodes without a name get one behind those that are taken") {
  auto b = layout_model();
  auto& g = b.m.main;
  g[g.order[0]].name = "pre_4";
  g[g.order[1]].name.clear();
  g[g.order[2]].name.clear();
  CHECK(name_nodes(b.m, "pre_") == 2);
  CHECK(g[g.order[1]].name == "pre_5");
  CHECK(g[g.order[2]].name == "pre_6");
  CHECK(name_nodes(b.m, "pre_") == 0);
}
