// The embedded executor: runs a model on the processor, in float or in integers, without another runtime.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include <octet/core/compiled.hpp>
#include <octet/exec/feed.hpp>
#include <octet/exec/options.hpp>
#include <octet/graph/graph.hpp>

namespace octet {

namespace detail {
class loaded_model;
}

/// A model made ready to run. One thread at a time; several sessions may share a model, which must outlive them and
/// stay as it is.
class session {
 public:
  OCTET_API explicit session(model const& m, session_options const& o = {});
  OCTET_API session(session&& other) noexcept;
  OCTET_API session& operator=(session&& other) noexcept;
  OCTET_API ~session();

  /// Runs one feed and returns the tensors named in `fetch`, any of the main graph, or the model's outputs when it is
  /// empty. Only what they need is prepared and run. Throws `invalid` for a missing, unknown or mistyped input or an
  /// unknown name, `unsupported` for a needed operator that octet lacks, `runtime` for failures inside an operator.
  OCTET_API feed run(feed const& in, std::span<std::string const> fetch = {});

  /// Prepares operators and constants for `fetch`, so that the first run takes no longer than the next ones.
  OCTET_API void prepare(std::span<std::string const> fetch = {});

  /// Most bytes of activations that were in use or kept for reuse at once.
  OCTET_API std::size_t peak_memory() const;

 private:
  std::unique_ptr<detail::loaded_model> loaded_;
};

}  // namespace octet

#if OCTET_HEADER_ONLY
#include <octet/exec/loaded_model.hpp>
#endif
