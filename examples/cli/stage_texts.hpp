// octet inspect --stages: what a quantization would make of a model, step by step.
#pragma once

#include <nlohmann/json.hpp>

#include <octet/graph/graph.hpp>

#include "arguments.hpp"
#include "console.hpp"
#include "json.hpp"

namespace cli {

/// Writes the text form after each stage into the folder of --stages; returns {"stage", "file"} of each.
json write_stages(arguments const& args, console& out, octet::model m);

}  // namespace cli
