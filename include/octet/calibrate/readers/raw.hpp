// Samples without any header: numbers one after another, whose type and shape somebody else has to know.
#pragma once

#include <cstring>
#include <optional>
#include <string>

#include <octet/calibrate/readers/signature.hpp>
#include <octet/io/file.hpp>

namespace octet {

/// How raw files are read: little-endian numbers in row-major order.
struct raw_options {
  std::optional<element> type{};  ///< of the numbers; otherwise that of the model's input
  std::optional<shape> dims{};    ///< of one sample; otherwise those of the input, open ones taken as 1
};

namespace detail {

/// The type and shape of one sample in a raw file.
struct raw_layout {
  element type = element::f32;
  shape dims{};
  std::size_t bytes() const { return byte_size(type, dims.size()); }
};

/// What `o` and the input say together. Throws `usage` where neither says it.
inline raw_layout raw_layout_of(model_input const& in, raw_options const& o) {
  bool const typed = in.type && in.type->is_tensor();
  raw_layout l;
  if (o.type) l.type = *o.type;
  else if (typed && in.type->element != element::undefined) l.type = in.type->element;
  if (o.dims) {
    l.dims = *o.dims;
  } else {
    if (!typed || !in.type->dims)
      throw error{error_kind::usage, "the model does not say what shape '" + in.name + "' has", in.name,
                  "give the shape of the samples"};
    for (auto const& d : *in.type->dims) l.dims.push_back(d.known() ? d.size : 1);
  }
  if (l.bytes() == 0)
    throw error{error_kind::usage, "raw samples of shape " + l.dims.text() + " hold nothing", in.name};
  return l;
}

/// How many samples a raw file of so many bytes holds. Throws `invalid` unless it is a whole number of them.
inline std::size_t samples_in_raw(std::string const& path, std::uint64_t bytes, raw_layout const& l) {
  if (bytes == 0 || bytes % l.bytes() != 0)
    throw error{error_kind::invalid,
                path + ": " + std::to_string(bytes) + " bytes are not a whole number of samples " +
                    text(tensor_type(l.type, l.dims)) + ", each of " + std::to_string(l.bytes()),
                path, "say what shape and type one sample has"};
  return static_cast<std::size_t>(bytes / l.bytes());
}

/// Sample number `part` of a raw file.
inline tensor read_raw(std::string const& path, std::size_t part, raw_layout const& l) {
  auto const s = open_source(path);
  auto const size = l.bytes();
  if (part >= samples_in_raw(path, s.bytes.size(), l))
    throw error{error_kind::invalid, path + ": there is no sample " + std::to_string(part), path};
  tensor t{l.type, l.dims};
  std::memcpy(t.mutable_bytes().data(), s.bytes.data() + part * size, size);
  return t;
}

}  // namespace detail
}  // namespace octet
