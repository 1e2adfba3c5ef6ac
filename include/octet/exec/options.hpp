// What a user may decide about a session.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <octet/exec/observer.hpp>
#include <octet/exec/ops/operation.hpp>
#include <octet/exec/profile.hpp>

namespace octet {

struct session_options {
  unsigned threads = 1;  ///< inside operators; 0: as many as the machine has
  /// The host's own executor instead of threads of the session; must outlive it.
  executor_reference executor{};
  std::size_t memory_limit = std::size_t(-1);       ///< bytes of activations at once
  std::int64_t loop_limit = std::int64_t{1} << 32;  ///< iterations of one Loop or Scan
  /// Run convolutions with what follows them as one, and DequantizeLinear → operator → QuantizeLinear in integers, as
  /// runtimes do; never with an observer, who sees ONNX's definition of every tensor.
  bool fusions = true;
  octet::observer* observer = nullptr;          ///< must outlive the session
  octet::profile* profile = nullptr;            ///< gathers what each node costs; must outlive the session
  std::span<operator_entry const> operators{};  ///< searched before octet's own; must outlive the session
};

}  // namespace octet
