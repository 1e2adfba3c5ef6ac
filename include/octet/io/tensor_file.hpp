// Files that hold one TensorProto, or a SequenceProto of them: the inputs and outputs of ONNX's test data.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <octet/core/compiled.hpp>
#include <octet/core/tensor.hpp>

namespace octet {

/// The tensor in the bytes of a TensorProto; the result borrows when there is an `owner`.
OCTET_API tensor parse_tensor(std::span<std::byte const> bytes, std::string* name = nullptr,
                              std::shared_ptr<void const> owner = nullptr);

/// The tensor in the file `path`, on the mapped file's bytes; `name` receives its name. Throws `io` and `invalid`.
OCTET_API tensor load_tensor(std::string const& path, std::string* name = nullptr);

/// Writes a TensorProto, as atomically as `save` writes a model.
OCTET_API void save_tensor(tensor const& t, std::string const& path, std::string const& name = "");

/// The tensors of a SequenceProto file. Throws `unsupported` for a sequence of anything else.
OCTET_API std::vector<tensor> load_sequence(std::string const& path, std::string* name = nullptr);

/// Writes a SequenceProto of tensors.
OCTET_API void save_sequence(std::vector<tensor> const& all, std::string const& path, std::string const& name = "");

}  // namespace octet

#if OCTET_HEADER_ONLY
#include <octet/io/tensor_message.hpp>
#endif
