// What rules and emitters make, as a file shows it.
#include <octet/io/write_graph.hpp>

#include "models.hpp"

using namespace octet;

TEST_CASE("new nodes, attributes and values") {
  auto loaded = models::parse(models::small());
  auto& g = loaded.main;
  g.add_initializer("s", tensor::scalar(0.5f), storage::typed);
  auto const n = g.add_node("Op", {g.find("y"), value_id::none, g.find("s")}, {"z", ""},
                            {{.name = "axis", .value = std::int64_t{0}},
                             {.name = "alpha", .value = 0.f},
                             {.name = "pads", .value = std::vector<std::int64_t>{1, 2}},
                             {.name = "mode", .value = std::string{"m"}},
                             {.name = "value", .value = stored_tensor{.data = tensor::scalar(1.f)}}},
                            "com.microsoft", "n");
  g[n].metadata.push_back({"octet", "made"});
  g.outputs = {g.find("z")};
  wire::ModelProto m;
  REQUIRE(m.ParseFromString(serialize(loaded)));
  auto const& w = m.graph().node(1);
  CHECK(w.domain() == "com.microsoft");
  CHECK(w.input_size() == 3);
  CHECK(w.input(1).empty());
  CHECK(w.output(1).empty());
  int const types[] = {2, 1, 7, 3, 4};
  for (int i = 0; i < 5; ++i) CHECK(w.attribute(i).type() == types[i]);
  CHECK(w.attribute(0).has_i());
  CHECK(w.attribute(1).has_f());
  CHECK(w.metadata_props(0).value() == "made");
  CHECK(m.graph().initializer(1).float_data(0) == 0.5f);
  CHECK(m.graph().output(0).name() == "z");
  CHECK(m.graph().value_info_size() == 0);
}

TEST_CASE("an attribute that is set anew loses what the file said of the old value") {
  auto m = models::small();
  auto& a = *m.mutable_graph()->mutable_node(0)->add_attribute();
  a.set_name("a"), a.set_type(1);  // FLOAT, without a value
  auto loaded = models::parse(m);
  loaded.main[loaded.main.order[0]].set("a", std::int64_t{0});
  wire::ModelProto again;
  REQUIRE(again.ParseFromString(serialize(loaded)));
  CHECK(again.graph().node(0).attribute(0).type() == 2);
  CHECK(again.graph().node(0).attribute(0).has_i());
}

TEST_CASE("erased nodes are not written") {
  auto loaded = models::parse(models::small());
  auto& g = loaded.main;
  g.outputs = {g.find("x")};
  g.erase(g.order[0]);
  wire::ModelProto m;
  REQUIRE(m.ParseFromString(serialize(loaded)));
  CHECK(m.graph().node_size() == 0);
  CHECK(m.graph().output(0).name() == "x");
}
