// Whatever runs a model: the embedded session, another runtime, a device behind a wire.
#pragma once

#include <concepts>
#include <span>
#include <string>

#include <octet/exec/feed.hpp>

namespace octet {

/// Runs one feed and returns the tensors named in `fetch`; an empty `fetch` means the outputs of the model.
template <class B>
concept backend = requires(B& b, feed const& in, std::span<std::string const> fetch) {
  { b.run(in, fetch) } -> std::convertible_to<feed>;
};

}  // namespace octet
