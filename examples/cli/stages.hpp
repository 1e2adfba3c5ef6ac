// The library's stages with types known at run time, so that each is compiled in one unit.
#pragma once

#include <octet/calibrate/calibrators.hpp>
#include <octet/calibrate/ranges.hpp>
#include <octet/calibrate/reader.hpp>
#include <octet/graph/graph.hpp>
#include <octet/quantize/options.hpp>
#include <octet/quantize/report.hpp>

namespace octet {
struct calibrate_options;
struct preprocess_options;
struct preprocess_report;
}  // namespace octet

namespace cli {

octet::preprocess_report preprocess(octet::model& m, octet::preprocess_options const& o);
octet::ranges calibrate(octet::model const& m, octet::reader data, octet::shipped_calibrator const& c,
                        octet::calibrate_options const& o);
octet::report quantize(octet::model& m, octet::ranges const& r, octet::scheme const& s,
                       octet::quantize_options const& o);
octet::report quantize_dynamic(octet::model& m, octet::scheme const& s, octet::quantize_options const& o);

}  // namespace cli
