// Part of octet-compiled.
#include <octet/calibrate/samples.hpp>
