// Names become values: any order of nodes, subgraphs that look outwards, and every way to get that wrong.
#include <octet/io/read_graph.hpp>

#include <octet/graph.hpp>

#include "models.hpp"

using namespace octet;
using models::call;

namespace {

wire::GraphProto& subgraph(wire::NodeProto& n, std::string const& name) {
  auto& a = *n.add_attribute();
  a.set_name(name), a.set_type(5);
  return *a.mutable_g();
}

graph const& inside(graph const& g, node_id n) {
  graph const* found = nullptr;
  for_each_subgraph(g[n], [&](graph const& inner) { found = &inner; });
  REQUIRE(found != nullptr);
  return *found;
}

}  // namespace

TEST_CASE("nodes in any order") {
  wire::ModelProto m = models::small();
  auto& g = *m.mutable_graph();
  g.clear_node();
  call(g, "Neg", {"a"}, {"y"}, "second");
  call(g, "Add", {"x", "w"}, {"a"}, "first");
  auto loaded = models::parse(m);
  CHECK(loaded.main[loaded.main.order[0]].name == "second");
  CHECK(serialize(loaded) == m.SerializeAsString());
  models::refused(error_kind::invalid, "before it is made", [&] { check(loaded); });
  loaded = octet::parse(models::view(m.SerializeAsString()), "", nullptr, {.sort = true});
  CHECK(loaded.main[loaded.main.order[0]].name == "first");
  CHECK_NOTHROW(check(loaded));
}

TEST_CASE("captures go through every level, one value a level") {
  auto m = models::small();
  auto& outer = call(*m.mutable_graph(), "If", {"x"}, {"z"}, "outer");
  auto& middle = subgraph(outer, "then_branch");
  auto& inner_node = call(middle, "If", {"x"}, {"m"}, "inner");
  auto& inner = subgraph(inner_node, "then_branch");
  call(inner, "Add", {"y", "y"}, {"i"});
  models::info(inner.add_output(), "i");
  models::info(middle.add_output(), "m");
  auto const loaded = models::parse(m);
  check(loaded);
  auto const& g = loaded.main;
  auto const& mid = inside(g, g.order[1]);
  auto const& in = inside(mid, mid.order[0]);
  auto const at = in.find("y");
  CHECK(in[at].uses.size() == 2);
  CHECK(in[at].captured == mid.find("y"));
  CHECK(mid[mid.find("y")].captured == g.find("y"));
  CHECK(mid[mid.find("y")].uses == std::vector<use>{{mid.order[0], -1}});
  CHECK(g[g.find("y")].uses == std::vector<use>{{g.order[1], -1}});
  CHECK(models::same(m));
}

TEST_CASE("an inner definition hides an outer one") {
  auto m = models::small();
  auto& inner = subgraph(call(*m.mutable_graph(), "If", {"x"}, {"z"}), "then_branch");
  call(inner, "Neg", {"w"}, {"y"});
  models::floats(inner.add_initializer(), "w", 1);
  models::info(inner.add_output(), "y");
  auto const loaded = models::parse(m);
  check(loaded);
  auto const& in = inside(loaded.main, loaded.main.order[1]);
  CHECK(in[in.find("w")].captured == value_id::none);
  CHECK(in[in.find("y")].captured == value_id::none);
  CHECK(models::same(m));
}

TEST_CASE("a subgraph may hand out and describe what it captures") {
  auto m = models::small();
  auto& inner = subgraph(call(*m.mutable_graph(), "If", {"x"}, {"z"}), "then_branch");
  models::info(inner.add_output(), "y");
  models::info(inner.add_value_info(), "y");
  auto const loaded = models::parse(m);
  check(loaded);
  CHECK(loaded.main.use_count(loaded.main.find("y")) == 2);
  CHECK(models::same(m));
}

TEST_CASE("a renamed value is written under its new name inside as well") {
  auto m = models::small();
  auto& inner = subgraph(call(*m.mutable_graph(), "If", {"x"}, {"z"}), "then_branch");
  call(inner, "Neg", {"y"}, {"i"});
  models::info(inner.add_output(), "i");
  auto loaded = models::parse(m);
  loaded.main.rename(loaded.main.find("y"), "renamed");
  wire::ModelProto again;
  REQUIRE(again.ParseFromString(serialize(loaded)));
  CHECK(again.graph().node(1).attribute(0).g().node(0).input(0) == "renamed");
}

TEST_CASE("names that nothing defines") {
  auto m = models::small();
  call(*m.mutable_graph(), "Neg", {"nowhere"}, {"n"}, "reader");
  auto const e = models::refused(m, "nowhere");
  CHECK(std::string_view{e.what()}.find("reader") != std::string_view::npos);
  m = models::small();
  models::info(m.mutable_graph()->add_output(), "nowhere");
  models::refused(m, "nowhere");
  m = models::small();
  call(subgraph(call(*m.mutable_graph(), "If", {"x"}, {"z"}), "b"), "Neg", {"nowhere"}, {"i"}, "deep");
  models::refused(m, "nowhere");
  m = models::small();  // a mere description defines nothing
  models::info(m.mutable_graph()->add_value_info(), "described");
  call(*m.mutable_graph(), "Neg", {"described"}, {"n"}, "reader");
  models::refused(m, "described");
}

TEST_CASE("two definitions of a name") {
  auto m = models::small();
  call(*m.mutable_graph(), "Neg", {"x"}, {"y"});
  models::refused(m, "'y'");
  m = models::small();
  call(*m.mutable_graph(), "Neg", {"x"}, {"w"});
  models::refused(m, "'w'");
  m = models::small();
  models::info(m.mutable_graph()->add_input(), "x");
  models::refused(m, "'x'");
  m = models::small();
  models::floats(m.mutable_graph()->add_initializer(), "w", 1);
  models::refused(m, "'w'");
  m = models::small();
  call(*m.mutable_graph(), "Split", {"x"}, {"a", "a"});
  models::refused(m, "'a'");
}

TEST_CASE("an initializer that is an input too is one value") {
  auto m = models::small();
  m.set_ir_version(3);
  models::info(m.mutable_graph()->add_input(), "w");
  auto const loaded = models::parse(m);
  check(loaded);
  auto const w = loaded.main.find("w");
  CHECK(loaded.main.is_input(w));
  CHECK(loaded.main[w].initializer);
  CHECK(loaded.main.constant(w) == nullptr);
  CHECK(models::same(m));
  models::floats(m.mutable_graph()->add_initializer(), "w", 1);
  models::refused(m, "'w'");
}

TEST_CASE("sparse initializers define values that are read") {
  auto m = models::small();
  // SparseTensorProto { values { dims: 1 data_type: 1 float_data: 1 name: "s" } }
  m.mutable_graph()->add_sparse_initializer(
      std::string{"\x0a\x0d\x08\x01\x10\x01\x22\x04\x00\x00\x80\x3f\x42\x01s", 15});
  call(*m.mutable_graph(), "Neg", {"s"}, {"n"});
  auto const loaded = models::parse(m);
  check(loaded);
  CHECK(loaded.main[loaded.main.find("s")].sparse);
  CHECK(models::same(m));
}

TEST_CASE("attributes of every type, and of none") {
  auto m = models::small();
  auto& n = *m.mutable_graph()->mutable_node(0);
  auto const add = [&](int type) -> wire::AttributeProto& {
    auto& a = *n.add_attribute();
    a.set_name("a" + std::to_string(n.attribute_size()));
    if (type != 0) a.set_type(type);
    return a;
  };
  add(1).set_f(0.5f), add(2).set_i(-3), add(3).set_s("text"), add(3).set_s("");
  models::floats(add(4).mutable_t(), "t", 500);
  add(6).add_floats(1), add(7).add_ints(1), add(8).add_strings("s"), add(8).add_strings("");
  models::floats(add(9).add_tensors(), "", 2);
  add(10).add_graphs()->set_name("g");
  add(11).set_sparse_tensor("\x18\x04");
  add(12).add_sparse_tensors("\x18\x04");
  add(13).mutable_tp()->mutable_tensor_type()->set_elem_type(1);
  add(14).add_type_protos()->mutable_tensor_type()->set_elem_type(1);
  for (int type = 1; type <= 15; ++type) add(type);              // stated, and without a value
  add(0).set_f(1), add(0).set_i(1), add(0).add_ints(4), add(0);  // before IR 4 the type could be left out
  add(2).set_ref_attr_name("outer");
  add(1).set_i(3);  // a value that is not of the type
  models::floats(add(1).mutable_t(), "stray", 300);
  CHECK(models::same(m));
  auto loaded = models::parse(m);
  auto const& read = loaded.main[loaded.main.order[0]];
  CHECK(*read.get<float>("a1") == 0.5f);
  CHECK(*read.get<std::int64_t>("a2") == -3);
  CHECK(*read.get<std::string>("a3") == "text");
  CHECK(read.get<stored_tensor>("a5")->data.dims() == shape{500});
  CHECK(*read.get<std::vector<std::int64_t>>("a7") == std::vector<std::int64_t>{1});
}
