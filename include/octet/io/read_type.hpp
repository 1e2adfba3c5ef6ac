// ValueInfoProto and TypeProto ↔ what a value says about itself.
#pragma once

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <octet/io/common.hpp>

namespace octet::detail {

enum class value_list : std::int32_t { inputs, outputs, described };

inline dimension read_dimension(wire::TensorShapeProto::Dimension const& m) {
  dimension d;
  if (m.has_dim_value()) d = dimension{m.dim_value()};
  else if (m.has_dim_param()) d.symbol = m.dim_param();
  d.denotation = m.denotation();
  return d;
}

inline value_type read_type(wire::TypeProto const& m) {
  value_type t;
  t.denotation = m.denotation();
  t.extra = m.unknown_fields();
  if (m.value_case() != wire::TypeProto::kTensorType) {
    if (m.value_case() != wire::TypeProto::VALUE_NOT_SET) t.other = m.SerializeAsString(), t.extra.clear();
    return t;
  }
  t.element = static_cast<octet::element>(m.tensor_type().elem_type());
  if (!m.tensor_type().has_shape()) return t;
  auto const& dims = m.tensor_type().shape().dim();
  if (dims.size() > 1024)
    throw error{error_kind::invalid, "a value has " + std::to_string(dims.size()) + " dimensions"};
  t.dims.emplace();
  for (auto const& d : dims) t.dims->push_back(read_dimension(d));
  return t;
}

inline void write_type(value_type const& t, wire::TypeProto& m) {
  if (!t.is_tensor()) {
    if (!m.ParseFromString(t.other))
      throw error{error_kind::invalid, "a type that was to be carried along is not in wire form"};
    return;
  }
  auto& tensor = *m.mutable_tensor_type();
  tensor.set_elem_type(static_cast<std::int32_t>(t.element));
  if (t.dims) {
    auto& dims = *tensor.mutable_shape();
    for (auto const& d : *t.dims) {
      auto& e = *dims.add_dim();
      if (!d.symbol.empty()) e.set_dim_param(d.symbol);
      else if (d.stated || d.size >= 0) e.set_dim_value(d.size);
      if (!d.denotation.empty()) e.set_denotation(d.denotation);
    }
  }
  if (!t.denotation.empty()) m.set_denotation(t.denotation);
  put_extra(t.extra, part::plain, m);
}

/// What `v` says of itself under `name`, as a file lists it.
inline void write_value_info(value const& v, std::string const& name, wire::ValueInfoProto& m) {
  m.set_name(name);
  if (v.type) write_type(*v.type, *m.mutable_type());
  if (!v.doc.empty()) m.set_doc_string(v.doc);
  put_properties(v.metadata, *m.mutable_metadata_props());
  put_extra(v.extra, part::plain, m);
}

/// Gives the values of a graph their descriptions, and notes where the file says something else about the same value.
class described_values {
 public:
  explicit described_values(graph& g) : g_{g} {}

  void add(value_id id, wire::ValueInfoProto& m, value_list list) {
    auto& v = g_[id];
    auto instead = m.SerializeAsString();
    auto& seen = seen_[static_cast<std::int32_t>(id)];
    auto const occurrence = seen[static_cast<std::size_t>(list)]++;
    if (seen[0] + seen[1] + seen[2] == 1) read(m, v);
    wire::ValueInfoProto again;
    write_value_info(v, v.name, again);
    if (auto said = again.SerializeAsString(); said != instead)
      g_.restated.push_back({id, static_cast<std::int32_t>(list), occurrence, std::move(said), std::move(instead)});
  }

 private:
  struct counts {
    std::int32_t of[3] = {};
    std::int32_t& operator[](std::size_t i) { return of[i]; }
  };

  static void read(wire::ValueInfoProto& m, value& v) {
    if (m.has_type()) v.type = located("value '" + v.name + "'", [&] { return read_type(m.type()); });
    else v.type.reset();
    v.doc = m.doc_string();
    v.metadata = take_properties(*m.mutable_metadata_props());
    m.clear_name(), m.clear_type(), m.clear_doc_string();
    v.extra = leftover(m, part::plain);
  }

  graph& g_;
  std::unordered_map<std::int32_t, counts> seen_{};
};

}  // namespace octet::detail
