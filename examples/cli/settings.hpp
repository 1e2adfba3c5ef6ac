// From options to what the library calls a scheme, options and a calibrator.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <octet/policy/target.hpp>
#include <octet/quantize/options.hpp>

#include "arguments.hpp"

namespace cli {

/// A quantized type by its name, case-insensitively, with or without a leading Q. `what` is for the error.
octet::element parse_type(std::string const& word, std::string const& what);
/// The command line's spelling: int8, uint8, ….
std::string type_name(octet::element e);

/// The target of --target, or null. Throws `usage` for an unknown one.
octet::target_rules const* target_of(arguments const& args);
/// Types of the line, else of the target, else int8.
octet::scheme scheme_of(arguments const& args);
/// Sets what the target asks for. Throws `invalid` naming the rule that the options break; returns warnings.
std::vector<std::string> apply_target(arguments const& args, octet::scheme const& s, octet::quantize_options& o,
                                      bool dynamic);
/// Everything that static and dynamic quantization share.
octet::quantize_options options_of(arguments const& args, bool dynamic);

/// Turns what `o` says about nodes (re:PATTERN) and --between into names of `m`. Throws `invalid` where nothing fits.
void resolve_selection(arguments const& args, octet::model const& m, octet::quantize_options& o);

/// TensorQuantOverrides as JSON. Throws `invalid`.
std::map<std::string, octet::tensor_override, std::less<>> parse_overrides(std::string const& text,
                                                                           std::string const& where);

}  // namespace cli
