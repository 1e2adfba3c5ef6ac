// How calibration and debugging look at every tensor of a run without keeping any.
#pragma once

#include <string_view>

#include <octet/core/tensor.hpp>

namespace octet {

/// Sees tensors of the main graph as they are made, graph inputs included; the bytes are valid during the call only.
/// Names are unique in one graph only.
struct observer {
  virtual ~observer() = default;
  /// Asked once per tensor when a session prepares its schedule.
  virtual bool wants(std::string_view name) {
    (void)name;
    return true;
  }
  /// Whether tensors that the bodies of If, Loop and Scan make are shown too, once an iteration.
  virtual bool inside() { return false; }
  virtual void see(std::string_view name, tensor const& t) = 0;
};

}  // namespace octet
