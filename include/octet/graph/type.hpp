// What a model says about a value: element type and dimensions, which may be symbols.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <octet/core/element.hpp>
#include <octet/core/shape.hpp>

namespace octet {

/// One dimension: a number, a symbol ("batch", or an expression of symbols such as "2*seq + 1"), or unknown.
struct dimension {
  std::int64_t size = -1;    ///< ≥ 0 when known. Negative numbers occur in files; they are kept and mean "unknown"
  std::string symbol{};      ///< not empty: the dimension has this name
  std::string denotation{};  ///< ONNX's meaning of the axis; carried along
  bool stated = false;       ///< the file wrote a number, even a negative one

  dimension() = default;
  dimension(std::int64_t n) : size{n}, stated{true} {}
  dimension(std::string name) : symbol{std::move(name)} {}
  bool known() const { return size >= 0 && symbol.empty(); }
  friend bool operator==(dimension const&, dimension const&) = default;
};

/// The type of a value. A sequence, map or optional is carried along in wire form, unread.
struct value_type {
  octet::element element = octet::element::undefined;
  std::optional<std::vector<dimension>> dims{};  ///< nullopt: the rank is unknown
  std::string other{};                           ///< not a tensor: the serialized TypeProto
  std::string denotation{};
  std::string extra{};  ///< fields of the TypeProto that octet does not know

  bool is_tensor() const { return other.empty(); }
  /// TypeProto.sequence_type; other types but tensors are not looked into.
  bool is_sequence() const { return other.starts_with('\x22'); }
  bool ranked() const { return dims.has_value(); }

  /// The concrete shape when every dimension is known.
  std::optional<shape> fixed() const {
    if (!dims) return std::nullopt;
    shape s;
    for (auto const& d : *dims) {
      if (!d.known()) return std::nullopt;
      s.push_back(d.size);
    }
    return s;
  }
  friend bool operator==(value_type const&, value_type const&) = default;
};

inline value_type tensor_type(element e, shape const& dims) {
  value_type t{.element = e};
  t.dims.emplace(dims.begin(), dims.end());
  return t;
}

/// "FLOAT[batch,3,224,224]", "INT64[?]" or "FLOAT" when the rank is unknown.
inline std::string text(value_type const& t) {
  if (!t.is_tensor()) return "not a tensor";
  std::string s = onnx_name(t.element);
  if (!t.dims) return s;
  s += '[';
  for (auto const& d : *t.dims) {
    if (s.back() != '[') s += ',';
    s += !d.symbol.empty() ? d.symbol : d.known() ? std::to_string(d.size) : "?";
  }
  return s + ']';
}

}  // namespace octet
