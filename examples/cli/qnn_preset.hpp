// What `octet config --preset qnn` adds.
#pragma once

#include <vector>

#include <octet/graph/structure.hpp>

#include "json.hpp"

namespace cli {

/// Adds to `config`, whose types are set, the extra options and tensor overrides for these nodes.
void add_qnn_overrides(octet::graph const& g, std::vector<octet::node_id> const& nodes, json& config);

}  // namespace cli
