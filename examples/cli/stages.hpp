// The library's stages with types known at run time, so that each is compiled in one unit.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <octet/calibrate/calibrators.hpp>
#include <octet/calibrate/ranges.hpp>
#include <octet/calibrate/reader.hpp>
#include <octet/graph/graph.hpp>
#include <octet/quantize/options.hpp>
#include <octet/quantize/report.hpp>

namespace octet {
class data_files;
class partial_calibration;
struct calibrate_options;
struct compat;
struct error_budget;
struct checkpoint;
struct preprocess_options;
struct smooth_options;
struct trial_options;
struct preprocess_report;
namespace debug {
struct activation_match;
struct layer_error;
struct weight_match;
}  // namespace debug
}  // namespace octet

namespace cli {

class arguments;

octet::preprocess_report preprocess(octet::model& m, octet::preprocess_options const& o);
/// On what --backend names.
octet::ranges calibrate(arguments const& args, octet::model const& m, octet::reader data,
                        octet::shipped_calibrator const& c, octet::calibrate_options const& o);
/// As octet::calibrate_compat, on what --backend names, without its optimizations.
octet::ranges calibrate_compat(arguments const& args, octet::model const& m, std::function<octet::reader()> const& open,
                               octet::compat const& c, octet::calibrate_options const& o);
void calibrate_part(octet::model const& m, octet::data_files const& files, octet::shipped_calibrator const& c,
                    octet::calibrate_options const& o, octet::partial_calibration& part, octet::checkpoint const& keep,
                    std::function<octet::feed(std::size_t)> load);
void check_job(octet::model const& m, octet::scheme const& s, octet::quantize_options const& o, bool dynamic);
octet::report quantize(octet::model& m, octet::ranges const& r, octet::scheme const& s,
                       octet::quantize_options const& o);
octet::report quantize_within(octet::model& m, octet::ranges const& r, octet::scheme const& s,
                              octet::quantize_options const& o, octet::error_budget const& b,
                              std::vector<octet::feed> const& held_back);
/// Changes model, ranges and options.
octet::trial_report smooth(octet::model& m, octet::ranges& r, octet::scheme const& s, octet::quantize_options& o,
                           octet::reader data, std::function<octet::ranges(octet::model const&)> const& calibrate,
                           std::vector<octet::feed> const& held_back, octet::smooth_options const& how);
/// Puts the corrections into `o`.
octet::trial_report correct_biases(octet::model const& m, octet::ranges const& r, octet::scheme const& s,
                                   octet::quantize_options& o, octet::reader data,
                                   std::vector<octet::feed> const& held_back, octet::trial_options const& t);
octet::report quantize_dynamic(octet::model& m, octet::scheme const& s, octet::quantize_options const& o);

/// As octet::debug::match_weights and for_each_activation.
std::vector<std::string> match_weights(octet::model const& before, octet::model const& after,
                                       std::function<void(octet::debug::weight_match const&)> const& f);
void for_each_activation(octet::model const* before, octet::model const& after, octet::reader data,
                         std::function<void(octet::debug::activation_match const&, octet::tensor const& from,
                                            octet::tensor const& to, octet::tensor const& reference)> const& f);

/// As octet::debug::layers.
std::vector<octet::debug::layer_error> find_layers(octet::model const& before, octet::model const& after,
                                                   octet::reader data);

}  // namespace cli
