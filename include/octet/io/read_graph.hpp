// GraphProto → graph. Names are resolved in two passes, because a file may list nodes in any order: first every value
// of a graph is made, then the nodes, whose subgraphs look for what they do not define in the graphs around them.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <octet/io/read_tensor.hpp>
#include <octet/io/read_type.hpp>

namespace octet::detail {

/// The names that a graph sees while it is read.
struct scope {
  graph& g;
  scope* outer = nullptr;
  node_id owner = node_id::none;  ///< the node of `outer` that has this graph in an attribute
  std::vector<bool> defined{};    ///< by value: it has a source here, other than a mere description

  bool is_defined(value_id v) const { return index(v) < defined.size() && defined[index(v)]; }
  void set_defined(value_id v) {
    if (defined.size() <= index(v)) defined.resize(index(v) + 1);
    defined[index(v)] = true;
  }

  value_id value_named(std::string const& name) {
    auto const v = name.empty() ? value_id::none : g.find(name);
    return v == value_id::none ? g.add_value(name) : v;
  }

  /// The value of that name which `kind` defines; throws `invalid` for a second definition.
  value_id define(std::string const& name, char const* kind) {
    auto const v = value_named(name);
    if (is_defined(v))
      throw error{error_kind::invalid, std::string{kind} + " '" + name + "' has the name of another value"};
    set_defined(v);
    return v;
  }

  /// The value that `name` means here: this graph's, or one captured from the nearest graph around that defines it.
  value_id resolve(std::string const& name) {
    auto v = g.find(name);
    if (v != value_id::none && is_defined(v)) return v;
    auto const outside = outer == nullptr ? value_id::none : outer->resolve(name);
    if (outside == value_id::none) return value_id::none;
    if (v == value_id::none) v = g.add_value(name);
    g[v].captured = outside;
    outer->g.add_capture_use(outside, owner);
    set_defined(v);
    return v;
  }
};

inline void read_graph(wire::GraphProto& m, graph& g, read_context const& c, scope* outer, node_id owner);

inline graph_box read_subgraph(wire::GraphProto& m, read_context const& c, scope& around, node_id owner) {
  graph_box box;
  read_graph(m, *box, c, &around, owner);
  return box;
}

/// AttributeProto.type of the field that is set, for files that do not say it.
inline int guess_type(wire::AttributeProto const& m) {
  if (m.has_f()) return 1;
  if (m.has_i()) return 2;
  if (m.has_s()) return 3;
  if (m.has_t()) return 4;
  if (m.has_g()) return 5;
  if (m.floats_size() != 0) return 6;
  if (m.ints_size() != 0) return 7;
  if (m.strings_size() != 0) return 8;
  if (m.tensors_size() != 0) return 9;
  if (m.graphs_size() != 0) return 10;
  return m.has_tp()                     ? 13
         : m.type_protos_size() != 0    ? 14
         : m.has_sparse_tensor()        ? 11
         : m.sparse_tensors_size() != 0 ? 12
                                        : 0;
}

/// The fields of types and sparse tensors, which octet does not read, out of `m`.
inline opaque take_opaque(wire::AttributeProto& m, int type) {
  wire::AttributeProto only;
  if (type == 11 && m.has_sparse_tensor()) only.set_sparse_tensor(m.sparse_tensor()), m.clear_sparse_tensor();
  if (type == 12) only.mutable_sparse_tensors()->Swap(m.mutable_sparse_tensors());
  if (type == 13 && m.has_tp()) only.mutable_tp()->Swap(m.mutable_tp()), m.clear_tp();
  if (type == 14) only.mutable_type_protos()->Swap(m.mutable_type_protos());
  return {leftover(only, part::attribute)};
}

template <class To, class List>
std::vector<To> take_list(List& list) {
  std::vector<To> all(list.begin(), list.end());
  list.Clear();
  return all;
}

inline void read_single(wire::AttributeProto& m, attribute& a, int type, read_context const& c, scope& s,
                        node_id owner) {
  switch (type) {
    case 1:
      a.value = m.f(), m.clear_f();
      break;
    case 2:
      a.value = std::int64_t{m.i()}, m.clear_i();
      break;
    case 3:
      a.value = std::move(*m.mutable_s()), m.clear_s();
      break;
    case 4:
      a.value = read_tensor(*m.mutable_t(), c), m.clear_t();
      break;
    default:
      a.value = read_subgraph(*m.mutable_g(), c, s, owner), m.clear_g();
      break;
  }
}

inline void read_value(wire::AttributeProto& m, attribute& a, int type, read_context const& c, scope& s,
                       node_id owner) {
  bool const has[] = {false, m.has_f(), m.has_i(), m.has_s(), m.has_t(), m.has_g()};
  switch (type) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
      if (!has[type] && type < 4) a.present |= field_bit(type + 1);
      if (has[type] || type < 4) read_single(m, a, type, c, s, owner);
      break;
    case 6:
      a.value = take_list<float>(*m.mutable_floats());
      break;
    case 7:
      a.value = take_list<std::int64_t>(*m.mutable_ints());
      break;
    case 8:
      a.value = take_list<std::string>(*m.mutable_strings());
      break;
    case 9: {
      std::vector<stored_tensor> all;
      for (auto& t : *m.mutable_tensors()) all.push_back(read_tensor(t, c));
      a.value = std::move(all), m.clear_tensors();
      break;
    }
    case 10: {
      std::vector<graph_box> all;
      for (auto& g : *m.mutable_graphs()) all.push_back(read_subgraph(g, c, s, owner));
      a.value = std::move(all), m.clear_graphs();
      break;
    }
    case 11:
    case 12:
    case 13:
    case 14:
      a.value = take_opaque(m, type);
      break;
    default:
      break;
  }
}

/// The attribute `m` of the node `owner`, which is being made in the graph of `s`.
inline attribute read_attribute(wire::AttributeProto& m, read_context const& c, scope& s, node_id owner) {
  attribute a;
  a.name = read_text(m.has_name(), m.name(), 1, a.present);
  a.doc = read_text(m.has_doc_string(), m.doc_string(), 13, a.present);
  a.reference = read_text(m.has_ref_attr_name(), m.ref_attr_name(), 21, a.present);
  a.type = m.type();
  if (!m.has_type()) a.present |= field_bit(20);
  auto const type = a.type != 0 ? a.type : guess_type(m);
  bool const refers = m.has_ref_attr_name() && guess_type(m) == 0;
  if (!refers) read_value(m, a, type, c, s, owner);
  m.clear_name(), m.clear_doc_string(), m.clear_ref_attr_name(), m.clear_type();
  a.extra = leftover(m, part::attribute);
  return a;
}

inline void read_node(wire::NodeProto& m, read_context const& c, scope& s) {
  node n;
  auto const id = static_cast<node_id>(s.g.node_count());
  n.op = read_text(m.has_op_type(), m.op_type(), 4, n.present);
  n.domain = read_text(m.has_domain(), m.domain(), 7, n.present);
  n.name = read_text(m.has_name(), m.name(), 3, n.present);
  n.overload = read_text(m.has_overload(), m.overload(), 8, n.present);
  n.doc = read_text(m.has_doc_string(), m.doc_string(), 6, n.present);
  auto const place = n.op + " node '" + n.name + "'";
  for (auto const& name : m.input()) {
    n.inputs.push_back(name.empty() ? value_id::none : s.resolve(name));
    if (!name.empty() && n.inputs.back() == value_id::none)
      throw error{error_kind::invalid, place + " reads '" + name + "', which nothing defines", n.name};
  }
  for (auto const& name : m.output()) n.outputs.push_back(name.empty() ? value_id::none : s.g.find(name));
  for (auto& a : *m.mutable_attribute())
    n.attributes.push_back(
        located(place + ", attribute '" + a.name() + "'", [&] { return read_attribute(a, c, s, id); }));
  n.metadata = take_properties(*m.mutable_metadata_props());
  m.clear_op_type(), m.clear_domain(), m.clear_name(), m.clear_overload(), m.clear_doc_string();
  m.clear_input(), m.clear_output(), m.clear_attribute();
  n.extra = leftover(m, part::node);
  s.g.add_node(std::move(n));
}

/// SparseTensorProto.values.name, the name of a sparse initializer.
inline std::string sparse_name(bytes_view bytes) {
  std::string name;
  for (wire_reader r{bytes}; !r.done();) {
    auto const f = r.next();
    if (f.number != 1 || f.type != 2) continue;
    for (wire_reader values{f.body}; !values.done();)
      if (auto const v = values.next(); v.number == 8 && v.type == 2) name = as_text(v.body);
  }
  return name;
}

inline void define_initializers(wire::GraphProto& m, read_context const& c, scope& s) {
  auto& g = s.g;
  std::vector<bool> is_input(g.value_count());
  for (auto const v : g.inputs) is_input[index(v)] = true;
  auto const of_input = [&](value_id v) { return index(v) < is_input.size() && is_input[index(v)]; };
  auto const define = [&](std::string const& name) {
    auto const v = g.find(name);
    if (v != value_id::none && of_input(v) && !g[v].initializer && !g[v].sparse) return v;
    return s.define(name, "initializer");
  };
  for (auto& t : *m.mutable_initializer()) {
    std::string name;
    auto stored = located("initializer '" + t.name() + "'", [&] { return read_tensor(t, c, &name); });
    auto const v = define(name);
    if (!of_input(v)) {
      auto const& f = stored.foreign;
      g[v].type = tensor_type(f ? static_cast<element>(f->type) : stored.data.type(), f ? f->dims : stored.data.dims());
    }
    g[v].initializer = std::move(stored);
    g.initializers.push_back(v);
  }
  for (auto& text : *m.mutable_sparse_initializer()) {
    g.sparse.push_back({std::string{as_text(c.payload(text))}});
    g[define(sparse_name(as_view(g.sparse.back().bytes)))].sparse = true;
  }
  m.clear_initializer(), m.clear_sparse_initializer();
}

inline void define_outputs(google::protobuf::RepeatedPtrField<wire::NodeProto> const& nodes, scope& s) {
  for (auto const& n : nodes)
    for (auto const& name : n.output())
      if (!name.empty()) s.define(name, "node output");
}

/// The values that are a graph's outputs; a subgraph may hand out a value of the graphs around it.
inline value_id resolve_output(std::string const& name, scope& s) {
  auto const v = s.resolve(name);
  if (v == value_id::none) throw error{error_kind::invalid, "graph output '" + name + "' is made by no node"};
  return v;
}

inline void read_graph(wire::GraphProto& m, graph& g, read_context const& c, scope* outer, node_id owner) {
  scope s{g, outer, owner};
  g.name = read_text(m.has_name(), m.name(), 2, g.present);
  g.doc = read_text(m.has_doc_string(), m.doc_string(), 10, g.present);
  g.metadata = take_properties(*m.mutable_metadata_props());
  described_values descriptions{g};
  for (auto& v : *m.mutable_input()) {
    g.inputs.push_back(s.define(v.name(), "graph input"));
    descriptions.add(g.inputs.back(), v, value_list::inputs);
  }
  define_initializers(m, c, s);
  define_outputs(m.node(), s);
  for (auto& n : *m.mutable_node()) read_node(n, c, s);
  for (auto& v : *m.mutable_output()) {
    g.outputs.push_back(resolve_output(v.name(), s));
    descriptions.add(g.outputs.back(), v, value_list::outputs);
  }
  for (auto& v : *m.mutable_value_info()) {
    g.described.push_back(s.value_named(v.name()));
    descriptions.add(g.described.back(), v, value_list::described);
  }
  for (auto const& a : m.quantization_annotation()) g.annotations.push_back({a.SerializeAsString()});
  m.clear_name(), m.clear_doc_string(), m.clear_node(), m.clear_input(), m.clear_output(), m.clear_value_info();
  m.clear_quantization_annotation();
  g.extra = leftover(m, part::graph);
}

}  // namespace octet::detail
