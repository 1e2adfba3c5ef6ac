// What files say about values, in every form that they use.
#include <octet/io/read_type.hpp>

#include "models.hpp"

using namespace octet;

namespace {

value_type read(wire::TypeProto const& m) { return detail::read_type(m); }

}  // namespace

TEST_CASE("dimensions: numbers, symbols, unknown ones, numbers below zero") {
  wire::TypeProto m;
  auto& t = *m.mutable_tensor_type();
  t.set_elem_type(1);
  t.mutable_shape()->add_dim()->set_dim_value(3);
  t.mutable_shape()->add_dim()->set_dim_param("batch");
  t.mutable_shape()->add_dim();
  t.mutable_shape()->add_dim()->set_dim_value(-1);
  t.mutable_shape()->mutable_dim(0)->set_denotation("C");
  auto const v = read(m);
  CHECK(text(v) == "FLOAT[3,batch,?,?]");
  CHECK((*v.dims)[3].size == -1);
  CHECK((*v.dims)[0].denotation == "C");
  wire::TypeProto again;
  detail::write_type(v, again);
  CHECK(again.SerializeAsString() == m.SerializeAsString());
}

TEST_CASE("a shape without dimensions is a scalar, no shape is any") {
  wire::TypeProto m;
  m.mutable_tensor_type()->set_elem_type(7);
  CHECK_FALSE(read(m).ranked());
  m.mutable_tensor_type()->mutable_shape();
  CHECK(read(m).fixed() == shape{});
}

TEST_CASE("other types are carried in wire form") {
  wire::TypeProto m;
  m.mutable_sequence_type()->mutable_elem_type()->mutable_tensor_type()->set_elem_type(1);
  auto const v = read(m);
  CHECK_FALSE(v.is_tensor());
  wire::TypeProto again;
  detail::write_type(v, again);
  CHECK(again.SerializeAsString() == m.SerializeAsString());
  auto broken = v;
  broken.other = "\x0a";
  models::refused(error_kind::invalid, "wire form", [&] { detail::write_type(broken, again); });
}

TEST_CASE("a value that is described twice keeps both descriptions, until it changes") {
  auto m = models::small();
  auto& x = models::info(m.mutable_graph()->add_value_info(), "x");
  x.mutable_type()->mutable_tensor_type()->mutable_shape()->add_dim()->set_dim_param("n");
  models::info(m.mutable_graph()->add_output(), "x", 99);
  m.mutable_graph()->add_value_info()->set_name("");
  m.mutable_graph()->add_value_info()->mutable_type();
  CHECK(models::same(m));
  auto loaded = models::parse(m);
  loaded.main[loaded.main.find("x")].type = tensor_type(element::f32, {5});
  wire::ModelProto changed;
  REQUIRE(changed.ParseFromString(serialize(loaded)));
  for (auto const* v : {&changed.graph().input(0), &changed.graph().output(1), &changed.graph().value_info(0)})
    CHECK(v->type().tensor_type().shape().dim(0).dim_value() == 5);
}

TEST_CASE("too many dimensions") {
  auto m = models::small();
  for (int i = 0; i < 2000; ++i)
    m.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape()->add_dim();
  models::refused(m, "2000 dimensions");
}
