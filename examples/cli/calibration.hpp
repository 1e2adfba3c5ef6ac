// Calibration as quantize static and calibrate share it: its options differ in a prefix.
#pragma once

#include <string>
#include <vector>

#include <octet/calibrate/calibrators.hpp>
#include <octet/calibrate/collector.hpp>
#include <octet/calibrate/reader.hpp>

#include "arguments.hpp"

namespace cli {

/// The calibrator that --method and its options name, as parse_calibrator reads it.
std::string calibrator_text(arguments const& args, std::string const& prefix);

/// The calibrator that --method and its options name; `prefix` is "calib-" or empty.
octet::shipped_calibrator calibrator_of(arguments const& args, std::string const& prefix);

/// Options of a calibration, without progress.
octet::calibrate_options calibration_options(arguments const& args, std::string const& prefix);

/// --data; throws `invalid` when it is missing.
std::vector<std::string> data_paths(arguments const& args);
/// The samples of --data for `m`, at most --limit.
octet::reader samples_of(arguments const& args, octet::model const& m);

/// ONNX Runtime's name of a method, as range files hold it.
std::string method_name(octet::shipped_calibrator const& c);

/// Throws `invalid` unless the number of samples is a multiple of --stride.
void check_stride(arguments const& args, std::string const& prefix, std::size_t samples);

}  // namespace cli
