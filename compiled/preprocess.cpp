// Part of octet-compiled.
#include <octet/quantize/preprocessor.hpp>
