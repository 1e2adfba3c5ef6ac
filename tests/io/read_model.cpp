// Headers, operator sets and functions.
#include <octet/io/read_model.hpp>

#include <octet/graph.hpp>

#include "models.hpp"

using namespace octet;

TEST_CASE("the header") {
  auto m = models::small();
  m.set_producer_name("someone"), m.set_model_version(7), m.set_doc_string("about");
  auto& p = *m.add_metadata_props();
  p.set_key("k"), p.set_value("v");
  auto const loaded = models::parse(m);
  CHECK(loaded.ir_version == 8);
  CHECK(loaded.producer_name == "someone");
  CHECK(loaded.model_version == 7);
  CHECK(loaded.doc == "about");
  CHECK(loaded.metadata == std::vector<property>{{"k", "v"}});
  CHECK(loaded.opset_version() == 13);
  CHECK(loaded.path == "test.onnx");
  CHECK(models::same(m));
}

TEST_CASE("zeros and empty strings that the file states") {
  wire::ModelProto m;
  m.mutable_graph();
  CHECK(models::same(m));
  m.set_ir_version(0), m.set_model_version(0), m.set_producer_name(""), m.set_producer_version(""), m.set_domain(""),
      m.set_doc_string("");
  m.mutable_graph()->set_name(""), m.mutable_graph()->set_doc_string("");
  m.add_opset_import()->set_version(0);
  m.add_opset_import();
  CHECK(models::same(m));
}

TEST_CASE("no graph, no model") {
  models::refused(wire::ModelProto{}, "no graph");
  models::refused(error_kind::invalid, "not an ONNX file",
                  [] { octet::parse(models::view("<html>no</html>"), "page"); });
}

TEST_CASE("functions have bodies of their own") {
  auto m = models::small();
  auto& f = *m.add_functions();
  f.set_name("f"), f.set_domain("local"), f.set_overload("v");
  f.add_input("x"), f.add_output("y"), f.add_attribute("alpha");
  auto& o = *f.add_opset_import();
  o.set_domain(""), o.set_version(13);
  auto& n = *f.add_node();
  n.set_op_type("Neg"), n.add_input("x"), n.add_output("y");
  auto& a = *f.add_attribute_proto();
  a.set_name("beta"), a.set_type(1), a.set_f(2);
  models::info(f.add_value_info(), "y");
  auto const loaded = models::parse(m);
  check(loaded);
  REQUIRE(loaded.functions.size() == 1);
  auto const& g = loaded.functions[0].body;
  CHECK(g.inputs == std::vector<value_id>{g.find("x")});
  CHECK(g.outputs == std::vector<value_id>{g.find("y")});
  CHECK(loaded.functions[0].attribute_defaults[0].name == "beta");
  CHECK(models::same(m));
  f.mutable_node(0)->set_input(0, "w");  // an initializer of the model is not seen from a function
  auto const e = models::refused(m, "'w'");
  CHECK(std::string_view{e.what()}.find("function 'f'") == 0);
}
