// octet and libonnx in one program: models go over and come back, and libonnx's checker judges what octet writes.
#include <octet/io/onnx_interop.hpp>

#include <onnx/checker.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

#include <octet/graph.hpp>

#include "models.hpp"

using namespace octet;

namespace {

onnx::ModelProto host_model() {
  onnx::ModelProto m;
  m.set_ir_version(8), m.set_producer_name("host");
  m.add_opset_import()->set_version(13);
  auto& g = *m.mutable_graph();
  g.set_name("g");
  auto& n = *g.add_node();
  n.set_op_type("Add"), n.add_input("x"), n.add_input("w"), n.add_output("y");
  auto& w = *g.add_initializer();
  w.set_name("w"), w.set_data_type(onnx::TensorProto::FLOAT), w.add_dims(2),
      w.set_raw_data("\0\0\x80\x3f\0\0\0\x40", 8);
  for (auto* v : {g.add_input(), g.add_output()}) {
    auto& t = *v->mutable_type()->mutable_tensor_type();
    t.set_elem_type(onnx::TensorProto::FLOAT);
    t.mutable_shape()->add_dim()->set_dim_value(2);
  }
  g.mutable_input(0)->set_name("x"), g.mutable_output(0)->set_name("y");
  return m;
}

}  // namespace

TEST_CASE("a host's model comes over and goes back unchanged") {
  auto const host = host_model();
  auto const m = from_onnx(host);
  check(m);
  CHECK(m.producer_name == "host");
  CHECK(m.main[m.main.find("w")].initializer->data.as<float>()[1] == 2.f);
  CHECK(to_onnx<onnx::ModelProto>(m).SerializeAsString() == host.SerializeAsString());
}

TEST_CASE("what octet changed is accepted by libonnx") {
  auto m = from_onnx(host_model());
  auto& g = m.main;
  auto const scale = g.add_initializer("scale", tensor::scalar(0.5f), storage::typed);
  auto const zero = g.add_initializer("zero", tensor::scalar<std::int8_t>(0), storage::typed);
  g.add_node("QuantizeLinear", {g.find("y"), scale, zero}, {"q"}, {{.name = "axis", .value = std::int64_t{1}}});
  g.outputs = {g.find("q")};
  g[g.find("q")].type = tensor_type(element::s8, {2});
  check(m);
  auto host = to_onnx<onnx::ModelProto>(m);
  CHECK_NOTHROW(onnx::checker::check_model(host));
  CHECK_NOTHROW(onnx::shape_inference::InferShapes(host, onnx::OpSchemaRegistry::Instance(), {true, 1, false}));
  host.mutable_graph()->mutable_node(1)->set_op_type("NoSuchOperator");
  CHECK_THROWS(onnx::checker::check_model(host));  // so the checker does look
}

TEST_CASE("external data are references, which need a folder on the way back") {
  scratch_folder const folder;
  write_file(folder / "w.bin", std::string{"\0\0\x80\x3f\0\0\0\x40", 8});
  auto host = host_model();
  auto& w = *host.mutable_graph()->mutable_initializer(0);
  w.clear_raw_data(), w.set_data_location(onnx::TensorProto::EXTERNAL);
  auto& p = *w.add_external_data();
  p.set_key("location"), p.set_value("w.bin");
  models::refused(error_kind::invalid, "without a folder", [&] { from_onnx(host); });
  auto const m = from_onnx(host, {.folder = folder.path() + '/'});
  CHECK(m.main[m.main.find("w")].initializer->data.as<float>()[0] == 1.f);
  CHECK(to_onnx<onnx::ModelProto>(m).SerializeAsString() == host.SerializeAsString());
  write_file(folder / "m.onnx", "");
  save(m, folder / "m.onnx");
  CHECK_NOTHROW(onnx::checker::check_model(folder / "m.onnx"));  // finds the data file beside it
}

TEST_CASE("the shared models pass the checker after a way through octet") {
  auto const root = shared_data();
  if (root.empty()) {
    MESSAGE("SKIPPED: no shared data");
    return;
  }
  int count = 0;
  for (auto const& entry : std::filesystem::recursive_directory_iterator{root}) {
    if (entry.path().extension() != ".onnx") continue;
    CAPTURE(entry.path().string());
    auto const host = to_onnx<onnx::ModelProto>(load(entry.path()));
    if (host.ir_version() > onnx::Version::IR_VERSION) continue;
    CHECK_NOTHROW(onnx::checker::check_model(host));
    ++count;
  }
  CHECK(count >= 20);
}
