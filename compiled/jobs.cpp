// Part of octet-compiled.
#include <octet/quantize/jobs.hpp>
