// Calibrations in parts: one that goes on after a kill, shards, and their union.
#pragma once

#include <string>
#include <vector>

#include <octet/calibrate/collector.hpp>

#include "arguments.hpp"
#include "console.hpp"

namespace cli {

/// The ranges of calibrate, with --state and --shard; the latter writes no ranges but the part that --merge takes.
void calibrate_in_parts(arguments const& args, console& out, octet::model const& m,
                        std::vector<std::string> const& paths, octet::calibrate_options o);

/// Writes the union of the parts that the arguments name: ranges, or a part again.
void merge_parts(arguments const& args, console& out);

/// Writes ranges and says so.
void finish_ranges(octet::ranges const& r, std::string const& output, console& out);

}  // namespace cli
