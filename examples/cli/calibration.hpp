// Calibration as quantize static and calibrate share it: its options differ in a prefix.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <octet/calibrate/calibrators.hpp>
#include <octet/calibrate/collector.hpp>
#include <octet/calibrate/compat.hpp>
#include <octet/calibrate/ranges.hpp>
#include <octet/exec/feed.hpp>
#include <octet/graph/graph.hpp>

#include "arguments.hpp"

namespace cli {

/// The calibrator that --method and its options name, as parse_calibrator reads it.
std::string calibrator_text(arguments const& args, std::string const& prefix);

/// The calibrator that --method and its options name; `prefix` is "calib-" or empty.
octet::shipped_calibrator calibrator_of(arguments const& args, std::string const& prefix);

/// The reference's calibrator that --compat asks for; none for min-max, where ours finds the same. Throws `usage` where
/// the reference has no such method.
std::optional<octet::compat> compat_of(arguments const& args, std::string const& prefix);

/// The ranges of the samples of --data, by what the options say. `held_back`, if any, gets samples that have no part in
/// it.
octet::ranges calibrated(arguments const& args, octet::model const& m, std::string const& prefix,
                         octet::calibrate_options const& o, std::vector<octet::feed>* held_back = nullptr);

/// Options of a calibration, without progress.
octet::calibrate_options calibration_options(arguments const& args, std::string const& prefix);

/// ONNX Runtime's name of a method, as range files hold it.
std::string method_name(octet::shipped_calibrator const& c);

/// --stride, 0 where there is none. Throws `invalid` unless the number of samples is a multiple of it.
std::size_t check_stride(arguments const& args, std::string const& prefix, std::size_t samples);

}  // namespace cli
