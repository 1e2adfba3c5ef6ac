// Preprocessing, compiled once.
#include <octet/core/error.hpp>

#include "stages.hpp"

namespace cli {

void preprocess(octet::model&) {
  throw octet::error{octet::error_kind::unsupported, "preprocessing is not supported yet"};
}

}  // namespace cli
