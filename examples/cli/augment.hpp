// Models with observation nodes, for other runtimes to calibrate or debug with.
#pragma once

#include <string>
#include <vector>

#include <octet/graph/graph.hpp>

namespace cli {

/// With `extremes` each calibrated tensor T gets T_ReduceMin and T_ReduceMax as outputs of shape [1]; otherwise T is an
/// output.
octet::model augment(octet::model m, std::vector<std::string> const& op_types, bool extremes);

/// Each float tensor T also as the output T_ReshapedSavedOutput of shape [-1].
octet::model with_saved_outputs(octet::model m, std::vector<std::string> const& op_types);

}  // namespace cli
