// TensorProto → stored_tensor: raw bytes stay where they are, numbers in typed fields become contiguous bytes.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <utility>

#include <octet/io/common.hpp>
#include <octet/io/external_data.hpp>

namespace octet::detail {

/// Where the payloads of what is being read are, and its folder.
struct read_context {
  bytes_view bytes{};
  std::shared_ptr<void const> owner{};
  external_files* external = nullptr;

  /// The payload behind a mark: never outside of the bytes that are being read.
  bytes_view payload(std::string const& text) const {
    auto const b = marked(as_view(text));
    if (b.empty()) return {};
    auto const all = mark_of(bytes), one = mark_of(b);
    if (one.address < all.address || one.address > all.address + all.length ||
        one.length > all.address + all.length - one.address)
      broken("a payload lies outside");
    return b;
  }
};

/// A tensor on borrowed bytes; a small one that is not aligned is copied, which costs less than what readers would do.
inline tensor borrow(element e, shape dims, bytes_view bytes, std::shared_ptr<void const> const& owner) {
  tensor t{e, std::move(dims), bytes, owner};
  return bytes.size() <= 256 && !bytes.empty() ? t.copy() : t;
}

template <class T, class List>
tensor from_numbers(element e, shape dims, List const& list) {
  auto const want = byte_size(e, dims.size()) / sizeof(T);
  if (static_cast<std::size_t>(list.size()) != want)
    throw error{error_kind::invalid, "a tensor of shape " + dims.text() + " and type " + onnx_name(e) + " has " +
                                         std::to_string(list.size()) + " numbers instead of " + std::to_string(want)};
  tensor t{e, std::move(dims)};
  auto* out = t.mutable_bytes().data();
  for (auto const v : list) {
    if constexpr (sizeof(T) < sizeof v) {
      auto const wide = static_cast<std::int64_t>(v);
      if (wide < std::numeric_limits<std::make_signed_t<T>>::min() ||
          wide > std::int64_t{std::numeric_limits<std::make_unsigned_t<T>>::max()})
        throw error{error_kind::invalid, "the number " + std::to_string(v) + " does not fit type " + onnx_name(e)};
    }
    auto const narrow = static_cast<T>(v);
    std::memcpy(out, &narrow, sizeof narrow);
    out += sizeof narrow;
  }
  return t;
}

/// The tensor in the typed field that its element type prescribes.
inline tensor from_typed(wire::TensorProto& m, element e, shape dims) {
  using enum element;
  switch (e) {
    case f32:
    case c64:
      return from_numbers<float>(e, std::move(dims), m.float_data());
    case f64:
    case c128:
      return from_numbers<double>(e, std::move(dims), m.double_data());
    case s64:
      return from_numbers<std::int64_t>(e, std::move(dims), m.int64_data());
    case u64:
      return from_numbers<std::uint64_t>(e, std::move(dims), m.uint64_data());
    case u32:
      return from_numbers<std::uint32_t>(e, std::move(dims), m.uint64_data());
    case s32:
      return from_numbers<std::int32_t>(e, std::move(dims), m.int32_data());
    case text: {
      std::vector<std::string> all;
      for (auto& s : *m.mutable_string_data()) all.push_back(std::move(s));
      return tensor{std::move(dims), std::move(all)};
    }
    default:
      break;
  }
  if (bits(e) == 16) return from_numbers<std::uint16_t>(e, std::move(dims), m.int32_data());
  return from_numbers<std::uint8_t>(e, std::move(dims), m.int32_data());
}

inline void clear_typed(wire::TensorProto& m) {
  m.clear_float_data(), m.clear_int32_data(), m.clear_int64_data(), m.clear_uint64_data(), m.clear_double_data(),
      m.clear_string_data();
}

/// How many fields of a tensor hold elements.
inline int data_fields(wire::TensorProto const& m) {
  return (m.float_data_size() != 0) + (m.int32_data_size() != 0) + (m.int64_data_size() != 0) +
         (m.uint64_data_size() != 0) + (m.double_data_size() != 0) + (m.string_data_size() != 0) + m.has_raw_data();
}

inline shape dims_of(wire::TensorProto const& m) {
  if (m.dims_size() > 1024)
    throw error{error_kind::invalid, "a tensor has " + std::to_string(m.dims_size()) + " dimensions"};
  return shape{std::span<std::int64_t const>{m.dims().data(), static_cast<std::size_t>(m.dims_size())}};
}

inline std::shared_ptr<foreign_tensor const> foreign(std::int32_t type, shape dims, source const& s) {
  auto bytes = borrow(element::u8, {static_cast<std::int64_t>(s.bytes.size())}, s.bytes, s.owner);
  return std::make_shared<foreign_tensor>(foreign_tensor{type, std::move(dims), std::move(bytes)});
}

inline void read_elements(wire::TensorProto& m, read_context const& c, stored_tensor& t) {
  auto const e = static_cast<element>(m.data_type());
  auto dims = dims_of(m);
  bool const known = bits(e) != 0 || e == element::text;
  if (m.data_location() == 1) {
    t.storage = storage::external;
    if (data_fields(m) != 0) throw error{error_kind::invalid, "a tensor has data both inside and outside of the model"};
    auto const s =
        c.external->find(t.external, known && e != element::text ? byte_size(e, dims.size()) : external_files::any);
    if (known) t.data = borrow(e, std::move(dims), s.bytes, s.owner);
    else t.foreign = foreign(m.data_type(), std::move(dims), s);
    t.external_at = t.foreign ? t.foreign->bytes.bytes().data() : t.data.bytes().data();
    return;
  }
  if (!known) {
    if (m.has_raw_data()) t.foreign = foreign(m.data_type(), std::move(dims), {c.payload(m.raw_data()), c.owner});
    else t.foreign = std::make_shared<foreign_tensor>(foreign_tensor{m.data_type(), std::move(dims), {}});
    m.clear_raw_data();
    return;
  }
  if (data_fields(m) > 1) throw error{error_kind::invalid, "a tensor has its data in more than one field"};
  if (m.has_raw_data()) {
    t.data = borrow(e, std::move(dims), c.payload(m.raw_data()), c.owner);
    m.clear_raw_data();
  } else {
    t.storage = storage::typed;
    t.data = from_typed(m, e, std::move(dims));
    clear_typed(m);
  }
}

/// Takes `m` apart. The name stays empty for an initializer, whose name is its value's.
inline stored_tensor read_tensor(wire::TensorProto& m, read_context const& c, std::string* name = nullptr) {
  stored_tensor t;
  auto own_name = read_text(m.has_name(), m.name(), 8, t.present);
  t.doc = read_text(m.has_doc_string(), m.doc_string(), 12, t.present);
  t.external = take_properties(*m.mutable_external_data());
  t.metadata = take_properties(*m.mutable_metadata_props());
  if (m.has_data_type() && m.data_type() == 0) t.present |= field_bit(2);
  if (m.has_data_location() && m.data_location() == 0) t.present |= field_bit(14);
  located(own_name.empty() ? "a tensor" : "tensor '" + own_name + "'", [&] { read_elements(m, c, t); });
  m.clear_dims(), m.clear_data_type(), m.clear_name(), m.clear_doc_string();
  if (m.data_location() <= 1 && m.data_location() >= 0) m.clear_data_location();
  t.extra = leftover(m, part::tensor);
  (name == nullptr ? t.name : *name) = std::move(own_name);
  return t;
}

}  // namespace octet::detail
