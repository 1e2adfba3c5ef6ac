// Tensors as messages of their own; the bodies of tensor_file.hpp.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <octet/io/read_tensor.hpp>
#include <octet/io/replace_file.hpp>
#include <octet/io/tensor_file.hpp>

namespace octet::detail {

inline tensor read_one(wire::TensorProto& m, read_context const& c, std::string* name) {
  std::string given;
  auto t = read_tensor(m, c, &given);
  if (t.foreign)
    throw error{error_kind::unsupported,
                "the tensor '" + given + "' has " + onnx_name(static_cast<element>(t.foreign->type))};
  if (name != nullptr) *name = std::move(given);
  return std::move(t.data);
}

}  // namespace octet::detail

#if OCTET_BODIES
namespace octet {

OCTET_API tensor parse_tensor(std::span<std::byte const> bytes, std::string* name, std::shared_ptr<void const> owner) {
  auto const s = owner ? detail::source{bytes, std::move(owner)} : detail::owned(std::string{detail::as_text(bytes)});
  detail::external_files none{false, ""};
  wire::TensorProto m;
  detail::parse_outline(s.bytes, detail::part::tensor, m);
  return detail::read_one(m, {s.bytes, s.owner, &none}, name);
}

OCTET_API tensor load_tensor(std::string const& path, std::string* name) {
  return detail::in_file(path, [&] {
    auto const s = detail::open_source(path);
    detail::external_files beside{path != "-", detail::folder_of(path)};
    wire::TensorProto m;
    detail::parse_outline(s.bytes, detail::part::tensor, m);
    return detail::read_one(m, {s.bytes, s.owner, &beside}, name);
  });
}

OCTET_API void save_tensor(tensor const& t, std::string const& path, std::string const& name) {
  detail::in_file(path, [&] {
    wire::TensorProto m;
    stored_tensor const stored{.data = t};
    detail::write_tensor(stored, name, {}, m);
    detail::save_outline(m, detail::part::tensor, path);
  });
}

OCTET_API std::vector<tensor> load_sequence(std::string const& path, std::string* name) {
  return detail::in_file(path, [&] {
    auto const s = detail::open_source(path);
    detail::external_files beside{path != "-", detail::folder_of(path)};
    std::vector<tensor> all;
    for (detail::wire_reader r{s.bytes}; !r.done();) {
      auto const f = r.next();
      if (f.number == 1 && f.type == 2 && name != nullptr) *name = detail::as_text(f.body);
      if (f.number > 3) throw error{error_kind::unsupported, "only sequences of tensors can be read"};
      if (f.number != 3 || f.type != 2) continue;
      wire::TensorProto m;
      detail::parse_outline(f.body, detail::part::tensor, m);
      all.push_back(detail::read_one(m, {s.bytes, s.owner, &beside}, nullptr));
    }
    return all;
  });
}

OCTET_API void save_sequence(std::vector<tensor> const& all, std::string const& path, std::string const& name) {
  detail::in_file(path, [&] {
    std::string bytes;
    auto const field = [&](char tag, std::string_view body) {
      bytes += tag;
      for (auto n = body.size();; n >>= 7) {
        bytes += static_cast<char>(n < 128 ? n : (n & 127) | 128);
        if (n < 128) break;
      }
      bytes += body;
    };
    if (!name.empty()) field('\x0a', name);
    bytes += "\x10\x01";  // elem_type: TENSOR
    for (auto const& t : all) {
      wire::TensorProto m;
      stored_tensor const stored{.data = t};
      detail::write_tensor(stored, "", {}, m);
      field('\x1a', detail::expand(detail::as_view(m.SerializeAsString()), detail::part::tensor));
    }
    detail::save_bytes(detail::as_view(bytes), path);
  });
}

}  // namespace octet
#endif
