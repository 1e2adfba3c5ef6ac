// stored_tensor → TensorProto, with a mark where raw bytes belong.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include <octet/io/common.hpp>

namespace octet::detail {

/// Which tensors are written outside of the model, and where their bytes are then; with nothing said: inside.
using placements = std::unordered_map<stored_tensor const*, std::vector<property>>;

/// The bytes that a file holds for `t`.
inline bytes_view bytes_of(stored_tensor const& t) { return t.foreign ? t.foreign->bytes.bytes() : t.data.bytes(); }

/// Whether `external` still describes the tensor: nobody has put another one in its place.
inline bool as_loaded(stored_tensor const& t) {
  return t.storage == storage::external && !t.external.empty() && bytes_of(t).data() == t.external_at;
}

template <class T, class List>
void put_numbers(bytes_view bytes, List& list) {
  list.Reserve(static_cast<int>(bytes.size() / sizeof(T)));
  for (std::size_t i = 0; i + sizeof(T) <= bytes.size(); i += sizeof(T)) {
    T v;
    std::memcpy(&v, bytes.data() + i, sizeof v);
    list.Add(v);
  }
}

inline void put_typed(tensor const& t, wire::TensorProto& m) {
  using enum element;
  auto const bytes = t.bytes();
  switch (t.type()) {
    case f32:
    case c64:
      put_numbers<float>(bytes, *m.mutable_float_data());
      return;
    case f64:
    case c128:
      put_numbers<double>(bytes, *m.mutable_double_data());
      return;
    case s64:
      put_numbers<std::int64_t>(bytes, *m.mutable_int64_data());
      return;
    case u64:
      put_numbers<std::uint64_t>(bytes, *m.mutable_uint64_data());
      return;
    case u32:
      put_numbers<std::uint32_t>(bytes, *m.mutable_uint64_data());
      return;
    case s32:
      put_numbers<std::int32_t>(bytes, *m.mutable_int32_data());
      return;
    case s16:
      put_numbers<std::int16_t>(bytes, *m.mutable_int32_data());
      return;
    case s8:
      put_numbers<std::int8_t>(bytes, *m.mutable_int32_data());
      return;
    default:
      break;
  }
  if (bits(t.type()) == 16) put_numbers<std::uint16_t>(bytes, *m.mutable_int32_data());
  else put_numbers<std::uint8_t>(bytes, *m.mutable_int32_data());
}

inline void put_foreign(foreign_tensor const& f, bool external, wire::TensorProto& m) {
  for (auto const d : f.dims) m.add_dims(d);
  m.set_data_type(f.type);
  if (f.bytes && !external) m.set_raw_data(mark_text(f.bytes.bytes()));
}

inline void put_elements(stored_tensor const& t, bool external, wire::TensorProto& m) {
  if (!t.data) throw error{error_kind::internal, "a tensor without data is to be written"};
  for (auto const d : t.data.dims()) m.add_dims(d);
  m.set_data_type(static_cast<std::int32_t>(t.data.type()));
  if (external) return;
  if (t.data.type() == element::text)
    for (auto const& s : t.data.strings()) m.add_string_data(s);
  else if (t.storage == storage::typed) put_typed(t.data, m);
  else m.set_raw_data(mark_text(t.data.bytes()));
}

/// Writes `t` under `name`. A tensor that `outside` does not mention stays in the file that it was loaded from if
/// nothing changed, and is written into the model otherwise.
inline void write_tensor(stored_tensor const& t, std::string const& name, placements const& outside,
                         wire::TensorProto& m) {
  auto const it = outside.find(&t);
  bool const external = it != outside.end() ? !it->second.empty() : as_loaded(t);
  located("tensor '" + name + "'",
          [&] { t.foreign ? put_foreign(*t.foreign, external, m) : put_elements(t, external, m); });
  if (t.foreign && t.foreign->type == 0 && (t.present & field_bit(2)) == 0) m.clear_data_type();
  if (states(name, 8, t.present)) m.set_name(name);
  if (states(t.doc, 12, t.present)) m.set_doc_string(t.doc);
  if (external) put_properties(it != outside.end() ? it->second : t.external, *m.mutable_external_data());
  if (external) m.set_data_location(1);
  else if ((t.present & field_bit(14)) != 0) m.set_data_location(0);
  put_properties(t.metadata, *m.mutable_metadata_props());
  put_extra(t.extra, part::tensor, m);
}

}  // namespace octet::detail
