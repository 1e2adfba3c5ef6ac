// ModelProto → model, with its functions; the bodies of load.hpp.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <octet/graph/walk.hpp>
#include <octet/io/load.hpp>
#include <octet/io/read_graph.hpp>

namespace octet::detail {

template <class List>
std::vector<opset> read_opsets(List& list) {
  std::vector<opset> all;
  for (auto& m : list) {
    opset o;
    o.domain = read_text(m.has_domain(), m.domain(), 1, o.present);
    o.version = m.version();
    if (m.has_version() && o.version == 0) o.present |= field_bit(2);
    m.clear_domain(), m.clear_version();
    o.extra = leftover(m, part::plain);
    all.push_back(std::move(o));
  }
  list.Clear();
  return all;
}

inline void read_function_body(wire::FunctionProto& m, graph& g, read_context const& c) {
  scope s{g};
  described_values descriptions{g};
  for (auto const& name : m.input()) g.inputs.push_back(s.define(name, "function input"));
  define_outputs(m.node(), s);
  for (auto& n : *m.mutable_node()) read_node(n, c, s);
  for (auto const& name : m.output()) g.outputs.push_back(resolve_output(name, s));
  for (auto& v : *m.mutable_value_info()) {
    g.described.push_back(s.value_named(v.name()));
    descriptions.add(g.described.back(), v, value_list::described);
  }
}

inline function read_function(wire::FunctionProto& m, read_context const& c) {
  function f;
  f.name = read_text(m.has_name(), m.name(), 1, f.present);
  f.doc = read_text(m.has_doc_string(), m.doc_string(), 8, f.present);
  f.domain = read_text(m.has_domain(), m.domain(), 10, f.present);
  f.overload = read_text(m.has_overload(), m.overload(), 13, f.present);
  f.attributes.assign(m.attribute().begin(), m.attribute().end());
  graph none;
  scope nowhere{none};  // a default value of an attribute sees no values
  for (auto& a : *m.mutable_attribute_proto())
    f.attribute_defaults.push_back(read_attribute(a, c, nowhere, node_id::none));
  f.opsets = read_opsets(*m.mutable_opset_import());
  f.metadata = take_properties(*m.mutable_metadata_props());
  read_function_body(m, f.body, c);
  m.clear_name(), m.clear_doc_string(), m.clear_domain(), m.clear_overload(), m.clear_attribute(),
      m.clear_attribute_proto();
  m.clear_input(), m.clear_output(), m.clear_node(), m.clear_value_info();
  f.extra = leftover(m, part::function);
  return f;
}

inline void read_header(wire::ModelProto& m, model& to) {
  to.ir_version = m.ir_version(), to.model_version = m.model_version();
  if (m.has_ir_version() && to.ir_version == 0) to.present |= field_bit(1);
  if (m.has_model_version() && to.model_version == 0) to.present |= field_bit(5);
  to.producer_name = read_text(m.has_producer_name(), m.producer_name(), 2, to.present);
  to.producer_version = read_text(m.has_producer_version(), m.producer_version(), 3, to.present);
  to.domain = read_text(m.has_domain(), m.domain(), 4, to.present);
  to.doc = read_text(m.has_doc_string(), m.doc_string(), 6, to.present);
  to.opsets = read_opsets(*m.mutable_opset_import());
  to.metadata = take_properties(*m.mutable_metadata_props());
  m.clear_ir_version(), m.clear_model_version(), m.clear_producer_name(), m.clear_producer_version();
  m.clear_domain(), m.clear_doc_string();
}

inline model read_model(wire::ModelProto& m, read_context const& c) {
  if (!m.has_graph()) throw error{error_kind::invalid, "not an ONNX model: there is no graph in it"};
  model to;
  read_header(m, to);
  for (auto& text : *m.mutable_training_info()) to.training_info.emplace_back(as_text(c.payload(text)));
  m.clear_training_info();
  read_graph(*m.mutable_graph(), to.main, c, nullptr, node_id::none);
  m.clear_graph();
  for (auto& f : *m.mutable_functions())
    to.functions.push_back(located("function '" + f.name() + "'", [&] { return read_function(f, c); }));
  m.clear_functions();
  to.extra = leftover(m, part::model);
  return to;
}

inline model read(source const& s, external_files external, std::string const& name, bool sort) {
  return in_file(name, [&] {
    wire::ModelProto m;
    parse_outline(s.bytes, part::model, m);
    auto result = read_model(m, read_context{s.bytes, s.owner, &external});
    result.path = name;
    if (sort) {
      auto const put_in_order = [](graph& g) { g.sort(); };
      for_each_graph(result.main, put_in_order);
      for (auto& f : result.functions) for_each_graph(f.body, put_in_order);
    }
    return result;
  });
}

}  // namespace octet::detail

#if OCTET_BODIES
namespace octet {

OCTET_API model load(std::string const& path, load_options const& options) {
  auto const s = detail::in_file(path, [&] { return detail::open_source(path); });
  if (path == "-") return detail::read(s, {!options.folder.empty(), options.folder}, "-", options.sort);
  return detail::read(s, {true, detail::folder_of(path)}, path, options.sort);
}

OCTET_API model parse(std::span<std::byte const> bytes, std::string const& name, std::shared_ptr<void const> owner,
                      load_options const& options) {
  auto const s = owner ? detail::source{bytes, std::move(owner)} : detail::owned(std::string{detail::as_text(bytes)});
  return detail::read(s, {!options.folder.empty(), options.folder}, name, options.sort);
}

}  // namespace octet
#endif
