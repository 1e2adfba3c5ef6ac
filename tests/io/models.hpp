// Models for the tests of io, built as wire messages, so that what is read was not written by what reads it.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include <octet/io/onnx.pb.h>
#include <octet/io/load.hpp>
#include <octet/io/save.hpp>
#include <octet/io/wire.hpp>

#include "support/files.hpp"

namespace models {

namespace wire = octet::wire;

inline octet::detail::bytes_view view(std::string_view s) { return octet::detail::as_view(s); }

inline octet::model parse(wire::ModelProto const& m) { return octet::parse(view(m.SerializeAsString()), "test.onnx"); }

inline wire::ValueInfoProto& info(wire::ValueInfoProto* v, std::string const& name, int type = 1) {
  v->set_name(name);
  v->mutable_type()->mutable_tensor_type()->set_elem_type(type);
  return *v;
}

inline wire::NodeProto& call(wire::GraphProto& g, std::string const& op, std::vector<std::string> const& in,
                             std::vector<std::string> const& out, std::string const& name = "") {
  auto& n = *g.add_node();
  n.set_op_type(op);
  if (!name.empty()) n.set_name(name);
  for (auto const& s : in) n.add_input(s);
  for (auto const& s : out) n.add_output(s);
  return n;
}

inline wire::TensorProto& floats(wire::TensorProto* t, std::string const& name, std::size_t count) {
  t->set_name(name), t->set_data_type(1), t->add_dims(static_cast<std::int64_t>(count));
  std::string bytes(count * 4, '\0');
  for (std::size_t i = 0; i < count; ++i) {
    auto const v = static_cast<float>(i);
    std::memcpy(bytes.data() + 4 * i, &v, 4);
  }
  t->set_raw_data(bytes);
  return *t;
}

/// x + w → y, with w of 600 floats.
inline wire::ModelProto small() {
  wire::ModelProto m;
  m.set_ir_version(8);
  auto& o = *m.add_opset_import();
  o.set_domain(""), o.set_version(13);
  auto& g = *m.mutable_graph();
  call(g, "Add", {"x", "w"}, {"y"}, "add");
  floats(g.add_initializer(), "w", 600);
  info(g.add_input(), "x"), info(g.add_output(), "y");
  return m;
}

inline void location(wire::TensorProto& t, std::string const& file, std::string const& offset,
                     std::string const& length) {
  auto const put = [&](char const* key, std::string const& v) {
    auto& p = *t.add_external_data();
    p.set_key(key), p.set_value(v);
  };
  t.clear_raw_data(), t.set_data_location(1);
  put("location", file);
  if (!offset.empty()) put("offset", offset);
  if (!length.empty()) put("length", length);
}

/// Runs `f`, which must throw an octet::error of that kind whose text contains `part`.
template <class F>
octet::error refused(octet::error_kind kind, std::string_view part, F&& f) {
  try {
    f();
  } catch (octet::error const& e) {
    CHECK_MESSAGE(e.kind == kind, std::string{e.what()});
    CHECK_MESSAGE(std::string_view{e.what()}.find(part) != std::string_view::npos, std::string{e.what()});
    return e;
  }
  FAIL_CHECK("accepted, and should have said: " << part);
  return {octet::error_kind::internal, ""};
}

inline octet::error refused(wire::ModelProto const& m, std::string_view part) {
  auto const e = refused(octet::error_kind::invalid, part, [&] { parse(m); });
  CHECK(e.where == "test.onnx");
  return e;
}

inline bool same(wire::ModelProto const& m) { return octet::serialize(parse(m)) == m.SerializeAsString(); }

}  // namespace models
