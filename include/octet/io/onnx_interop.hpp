// Between octet's model and the onnx::ModelProto of a host that has libonnx. Templates, so that octet itself needs no
// libonnx; the two schemas live in one program because octet's is a package of its own.
#pragma once

#include <climits>
#include <span>
#include <string>
#include <utility>

#include <octet/io/load.hpp>
#include <octet/io/save.hpp>

namespace octet {

/// The host's form of a model: to_onnx<onnx::ModelProto>(m). Tensors in other files stay references to these.
/// Throws `unsupported` beyond protobuf's 2 GiB.
template <class Proto>
Proto to_onnx(model const& m) {
  auto const bytes = serialize(m);
  Proto p;
  if (bytes.size() > INT_MAX)
    throw error{error_kind::unsupported, "a model of more than 2 GiB does not fit an onnx::ModelProto", m.path,
                "save it with external data"};
  if (!p.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    throw error{error_kind::internal, "libonnx does not parse what octet wrote", m.path};
  return p;
}

/// octet's form of a host's model, with bytes of its own. `options.folder` is where its external data are.
template <class Proto>
model from_onnx(Proto const& p, load_options const& options = {}) {
  std::string bytes;
  if (!p.SerializeToString(&bytes)) throw error{error_kind::invalid, "the host's model cannot be serialized"};
  auto const s = detail::owned(std::move(bytes));
  return parse(s.bytes, "", s.owner, options);
}

}  // namespace octet
