// What runs models: octet's own session, or another backend that --backend names.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <variant>

#include <octet/exec/feed.hpp>
#include <octet/exec/profile.hpp>
#include <octet/graph/graph.hpp>

namespace octet {
class session;
class onnxruntime_session;
}  // namespace octet

namespace cli {

class arguments;

class runner {
 public:
  /// Reads --backend, and --threads unless `threads` says how many. The model and the profile must outlive it.
  /// `optimization` is ONNX Runtime's level.
  runner(octet::model const& m, arguments const& args, octet::profile* p = nullptr, int optimization = 99,
         unsigned threads = 0);
  ~runner();
  octet::feed run(octet::feed const& in, std::span<std::string const> fetch);

 private:
  std::variant<std::unique_ptr<octet::session>, std::unique_ptr<octet::onnxruntime_session>> backend_;
};

/// Whether --backend names octet's own; throws `usage` for a name that is none.
bool embedded_backend(arguments const& args);

}  // namespace cli
