// The library's stages with types known at run time; each is compiled in a unit of its own.
#pragma once

#include <octet/graph/graph.hpp>
#include <octet/quantize/report.hpp>
#include <octet/quantize/options.hpp>

namespace octet {
class ranges;
class reader;
}

namespace cli {

void preprocess(octet::model& m);
octet::report quantize(octet::model& m, octet::ranges const& r, octet::scheme const& s, octet::quantize_options const& o);
octet::report quantize_dynamic(octet::model& m, octet::scheme const& s, octet::quantize_options const& o);

}  // namespace cli
