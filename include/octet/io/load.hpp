// Reading a model: a file is mapped, its outline parsed, its weights borrowed.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include <octet/core/compiled.hpp>
#include <octet/graph/graph.hpp>
#include <octet/io/file.hpp>
#include <octet/io/options.hpp>

namespace octet {

/// The model in the file `path`, "-" for the standard input. Its weights stay in the mapped file, which must not be
/// overwritten in place while the model is used (octet::save never does). Throws `io` and `invalid`.
OCTET_API model load(std::string const& path, load_options const& options = {});

/// The model in `bytes`, which errors call `name`. With an `owner` that keeps them alive the weights are borrowed,
/// otherwise copied.
OCTET_API model parse(std::span<std::byte const> bytes, std::string const& name = "",
                      std::shared_ptr<void const> owner = nullptr, load_options const& options = {});

}  // namespace octet

#if OCTET_HEADER_ONLY
#include <octet/io/read_model.hpp>
#endif
