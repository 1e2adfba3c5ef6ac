// Dynamic quantization, compiled once.
#include <octet/quantize/dynamic.hpp>

#include "stages.hpp"

namespace cli {

octet::report quantize_dynamic(octet::model& m, octet::scheme const& s, octet::quantize_options const& o) {
  return octet::detail::quantize_dynamic(m, s, o);
}

}  // namespace cli
