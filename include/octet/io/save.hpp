// Writing a model: the outline goes through protobuf, the weights straight to the file. A target is replaced as a whole
// or not at all.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <type_traits>

#include <octet/core/compiled.hpp>
#include <octet/graph/graph.hpp>
#include <octet/io/options.hpp>

namespace octet {

namespace detail {
OCTET_API void write_pieces(model const& m, void* sink, void (*put)(void*, std::span<std::byte const>));
}  // namespace detail

/// Hands the bytes of a model to `sink(std::span<std::byte const>)`, piece by piece. Tensors in other files stay there,
/// unless they were changed.
template <class Sink>
void write(model const& m, Sink&& sink) {
  using plain = std::remove_reference_t<Sink>;
  auto* const at = const_cast<void*>(static_cast<void const*>(std::addressof(sink)));
  detail::write_pieces(m, at, [](void* s, std::span<std::byte const> b) { (*static_cast<plain*>(s))(b); });
}

/// The bytes of a model, as `write` makes them.
OCTET_API std::string serialize(model const& m);

/// Writes a model to `path`: the old file or the new one is there at any time, and the model may be mapped from the
/// same file. Data files are written first, under names that no other model uses. Throws `io` and leaves nothing
/// behind.
OCTET_API void save(model const& m, std::string const& path, save_options const& options = {});

}  // namespace octet

#if OCTET_HEADER_ONLY
#include <octet/io/data_files.hpp>
#endif
