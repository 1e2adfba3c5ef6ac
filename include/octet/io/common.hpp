// Small pieces that reading and writing share: which empty fields a file states, key-value pairs, fields kept in wire
// form.
#pragma once

#include <climits>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <octet/io/onnx.pb.h>
#include <octet/graph/graph.hpp>
#include <octet/io/wire.hpp>

namespace octet::detail {

/// The bit of field `number` in a `present` mask.
constexpr std::uint32_t field_bit(int number) { return std::uint32_t{1} << number; }

/// An optional string; notes that the file states it although it is empty.
inline std::string read_text(bool has, std::string const& from, int number, std::uint32_t& present) {
  if (has && from.empty()) present |= field_bit(number);
  return from;
}

/// Whether an optional string belongs into the file.
inline bool states(std::string const& s, int number, std::uint32_t present) {
  return !s.empty() || (present & field_bit(number)) != 0;
}
inline bool states(std::int64_t v, int number, std::uint32_t present) {
  return v != 0 || (present & field_bit(number)) != 0;
}

/// Key-value pairs, taken out of `list`; a list with a pair that is not just a key and a value stays where it is.
template <class List>
std::vector<property> take_properties(List& list) {
  std::vector<property> all;
  for (auto const& p : list)
    if (!p.has_key() || !p.has_value() || !p.unknown_fields().empty()) return {};
  all.reserve(static_cast<std::size_t>(list.size()));
  for (auto& p : list) all.push_back({std::move(*p.mutable_key()), std::move(*p.mutable_value())});
  list.Clear();
  return all;
}

template <class List>
void put_properties(std::vector<property> const& all, List& list) {
  for (auto const& p : all) {
    auto* const e = list.Add();
    e->set_key(p.key), e->set_value(p.value);
  }
}

/// What is left in a message after everything that octet understands was taken out of it, with its payloads.
template <class Message>
std::string leftover(Message const& m, part kind) {
  if (m.ByteSizeLong() == 0) return {};
  auto const outline = m.SerializeAsString();
  return kind == part::plain ? outline : expand(as_view(outline), kind);
}

/// Puts a leftover back. Its payloads become marks into `extra`, which must stay until the message is written.
template <class Message>
void put_extra(std::string const& extra, part kind, Message& m) {
  if (extra.empty()) return;
  bool const ok = kind == part::plain ? m.MergeFromString(extra) : m.MergeFromString(collapse(as_view(extra), kind));
  if (!ok) throw error{error_kind::invalid, "fields that were to be carried along are not in wire form"};
}

/// Parses the outline of the message in `bytes`.
template <class Message>
void parse_outline(bytes_view bytes, part kind, Message& m) {
  auto const outline = collapse(bytes, kind);
  if (outline.size() > INT_MAX)
    throw error{error_kind::unsupported, "the model has more than 2 GiB besides its weights"};
  if (!m.ParseFromArray(outline.data(), static_cast<int>(outline.size()))) broken("protobuf does not accept it");
}

}  // namespace octet::detail
