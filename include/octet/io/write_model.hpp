// model → ModelProto, whose payloads are marks, and from there to bytes.
#pragma once

#include <climits>
#include <string>
#include <vector>

#include <octet/io/write_graph.hpp>

namespace octet::detail {

template <class List>
void write_opsets(std::vector<opset> const& all, List& list) {
  for (auto const& o : all) {
    auto& m = *list.Add();
    if (states(o.domain, 1, o.present)) m.set_domain(o.domain);
    if (states(o.version, 2, o.present)) m.set_version(o.version);
    put_extra(o.extra, part::plain, m);
  }
}

inline void write_function(function const& f, wire::FunctionProto& m, placements const& outside) {
  write_scope const s{f.body, outside};
  if (states(f.name, 1, f.present)) m.set_name(f.name);
  for (auto const v : f.body.inputs) m.add_input(s.name(v));
  for (auto const v : f.body.outputs) m.add_output(s.name(v));
  for (auto const& a : f.attributes) m.add_attribute(a);
  for (auto const n : f.body.order) write_node(f.body[n], *m.add_node(), s);
  if (states(f.doc, 8, f.present)) m.set_doc_string(f.doc);
  write_opsets(f.opsets, *m.mutable_opset_import());
  if (states(f.domain, 10, f.present)) m.set_domain(f.domain);
  for (auto const& a : f.attribute_defaults) write_attribute(a, *m.add_attribute_proto(), s);
  write_values(f.body.described, value_list::described, s, *m.mutable_value_info());
  if (states(f.overload, 13, f.present)) m.set_overload(f.overload);
  put_properties(f.metadata, *m.mutable_metadata_props());
  put_extra(f.extra, part::function, m);
}

inline void write_model(model const& x, wire::ModelProto& m, placements const& outside) {
  if (states(x.ir_version, 1, x.present)) m.set_ir_version(x.ir_version);
  if (states(x.producer_name, 2, x.present)) m.set_producer_name(x.producer_name);
  if (states(x.producer_version, 3, x.present)) m.set_producer_version(x.producer_version);
  if (states(x.domain, 4, x.present)) m.set_domain(x.domain);
  if (states(x.model_version, 5, x.present)) m.set_model_version(x.model_version);
  if (states(x.doc, 6, x.present)) m.set_doc_string(x.doc);
  write_graph(x.main, *m.mutable_graph(), write_scope{x.main, outside});
  write_opsets(x.opsets, *m.mutable_opset_import());
  put_properties(x.metadata, *m.mutable_metadata_props());
  for (auto const& t : x.training_info) m.add_training_info(mark_text(as_view(t)));
  for (auto const& f : x.functions)
    located("function '" + f.name + "'", [&] { write_function(f, *m.add_functions(), outside); });
  put_extra(x.extra, part::model, m);
}

inline std::string outline_of(google::protobuf::MessageLite const& m) {
  auto const size = m.ByteSizeLong();
  if (size > INT_MAX) throw error{error_kind::unsupported, "the model has more than 2 GiB besides its weights"};
  std::string s(size, '\0');
  m.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(s.data()));
  return s;
}

/// Bytes of the file that `stream` makes.
inline std::uint64_t streamed_size(std::string const& outline, part kind) {
  auto none = [](bytes_view) {};
  return rewriter<true, decltype(none)>{as_view(outline), kind, none}.size();
}

/// Hands the bytes of the message of an outline to `out`, a callable that takes spans of bytes.
template <class Out>
void stream(std::string const& outline, part kind, Out& out) {
  rewriter<true, Out>{as_view(outline), kind, out}.run();
}
template <class Out>
void stream(google::protobuf::MessageLite const& m, part kind, Out& out) {
  stream(outline_of(m), kind, out);
}

}  // namespace octet::detail
