// graph → GraphProto. Names are written as they are now, also where a subgraph captured a value before it was renamed.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <octet/io/read_type.hpp>
#include <octet/io/write_tensor.hpp>

namespace octet::detail {

/// A graph that is being written and the graphs around it.
struct write_scope {
  graph const& g;
  placements const& outside;
  write_scope const* outer = nullptr;

  std::string const& name(value_id v) const {
    auto const& x = g[v];
    return x.captured != value_id::none && outer != nullptr ? outer->name(x.captured) : x.name;
  }
  std::string name_or_none(value_id v) const { return v == value_id::none ? std::string{} : name(v); }
};

inline void write_graph(graph const& g, wire::GraphProto& m, write_scope const& s);

inline void write_subgraph(graph_box const& g, wire::GraphProto& m, write_scope const& around) {
  write_graph(*g, m, write_scope{*g, around.outside, &around});
}

/// Writes the alternative that an attribute holds; returns its AttributeProto.type.
struct attribute_writer {
  wire::AttributeProto& m;
  write_scope const& s;
  std::uint32_t left_out = 0;  ///< default values that the file did not state

  int operator()(std::monostate) const { return 0; }
  int operator()(float v) const { return (v != 0 || !out(2)) ? m.set_f(v), 1 : 1; }
  int operator()(std::int64_t v) const { return (v != 0 || !out(3)) ? m.set_i(v), 2 : 2; }
  int operator()(std::string const& v) const { return (!v.empty() || !out(4)) ? m.set_s(v), 3 : 3; }
  int operator()(stored_tensor const& v) const { return write_tensor(v, v.name, s.outside, *m.mutable_t()), 4; }
  int operator()(graph_box const& v) const { return write_subgraph(v, *m.mutable_g(), s), 5; }
  int operator()(std::vector<float> const& all) const { return m.mutable_floats()->Add(all.begin(), all.end()), 6; }
  int operator()(std::vector<std::int64_t> const& all) const {
    return m.mutable_ints()->Add(all.begin(), all.end()), 7;
  }
  int operator()(std::vector<std::string> const& all) const {
    for (auto const& v : all) m.add_strings(v);
    return 8;
  }
  int operator()(std::vector<stored_tensor> const& all) const {
    for (auto const& v : all) write_tensor(v, v.name, s.outside, *m.add_tensors());
    return 9;
  }
  int operator()(std::vector<graph_box> const& all) const {
    for (auto const& v : all) write_subgraph(v, *m.add_graphs(), s);
    return 10;
  }
  int operator()(opaque const& v) const {
    put_extra(v.bytes, part::attribute, m);
    return m.has_sparse_tensor() ? 11 : m.sparse_tensors_size() != 0 ? 12 : m.has_tp() ? 13 : 14;
  }

 private:
  bool out(int field) const { return (left_out & field_bit(field)) != 0; }
};

inline void write_attribute(attribute const& a, wire::AttributeProto& m, write_scope const& s) {
  auto const type = std::visit(attribute_writer{m, s, a.type != 0 ? a.present : 0}, a.value);
  if (states(a.name, 1, a.present)) m.set_name(a.name);
  if (states(a.doc, 13, a.present)) m.set_doc_string(a.doc);
  if (states(a.reference, 21, a.present)) m.set_ref_attr_name(a.reference);
  if (a.type != 0) m.set_type(a.type);
  else if ((a.present & field_bit(20)) == 0) m.set_type(type);
  put_extra(a.extra, part::attribute, m);
}

inline void write_node(node const& n, wire::NodeProto& m, write_scope const& s) {
  for (auto const v : n.inputs) m.add_input(s.name_or_none(v));
  for (auto const v : n.outputs) m.add_output(s.name_or_none(v));
  if (states(n.name, 3, n.present)) m.set_name(n.name);
  if (states(n.op, 4, n.present)) m.set_op_type(n.op);
  if (states(n.doc, 6, n.present)) m.set_doc_string(n.doc);
  if (states(n.domain, 7, n.present)) m.set_domain(n.domain);
  if (states(n.overload, 8, n.present)) m.set_overload(n.overload);
  for (auto const& a : n.attributes) write_attribute(a, *m.add_attribute(), s);
  put_properties(n.metadata, *m.mutable_metadata_props());
  put_extra(n.extra, part::node, m);
}

/// Writes one of a graph's lists of value descriptions.
inline void write_values(std::vector<value_id> const& all, value_list list, write_scope const& s,
                         google::protobuf::RepeatedPtrField<wire::ValueInfoProto>& to) {
  std::vector<restatement const*> restated;
  for (auto const& r : s.g.restated)
    if (r.list == static_cast<std::int32_t>(list)) restated.push_back(&r);
  std::unordered_map<std::int32_t, std::int32_t> seen;
  for (auto const v : all) {
    auto& m = *to.Add();
    write_value_info(s.g[v], s.name(v), m);
    if (restated.empty()) continue;
    auto const occurrence = seen[static_cast<std::int32_t>(v)]++;
    auto const it = std::find_if(restated.begin(), restated.end(),
                                 [&](restatement const* r) { return r->value == v && r->occurrence == occurrence; });
    if (it != restated.end() && m.SerializeAsString() == (*it)->said) m.ParseFromString((*it)->instead);
  }
}

inline void write_graph(graph const& g, wire::GraphProto& m, write_scope const& s) {
  for (auto const n : g.order) write_node(g[n], *m.add_node(), s);
  if (states(g.name, 2, g.present)) m.set_name(g.name);
  for (auto const v : g.initializers)
    if (g[v].initializer) write_tensor(*g[v].initializer, s.name(v), s.outside, *m.add_initializer());
  if (states(g.doc, 10, g.present)) m.set_doc_string(g.doc);
  write_values(g.inputs, value_list::inputs, s, *m.mutable_input());
  write_values(g.outputs, value_list::outputs, s, *m.mutable_output());
  write_values(g.described, value_list::described, s, *m.mutable_value_info());
  for (auto const& a : g.annotations)
    if (!m.add_quantization_annotation()->ParseFromString(a.bytes)) broken("an annotation is not in wire form");
  for (auto const& t : g.sparse) m.add_sparse_initializer(mark_text(as_view(t.bytes)));
  put_properties(g.metadata, *m.mutable_metadata_props());
  put_extra(g.extra, part::graph, m);
}

}  // namespace octet::detail
